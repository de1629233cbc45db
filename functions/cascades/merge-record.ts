import { z } from 'zod';
import { ACTION_NEEDS } from '../../shared/cascade/jobs/action-needs.ts';
import type { MergePlan } from '../../shared/cascade/plans.ts';
import type { ColumnValue } from '../../shared/catalogue/columns.ts';
import { columnsOf, TABLE_NAMES, type TableName } from '../../shared/catalogue/tables.ts';
import { parse } from '../../shared/http/request-parts.ts';
import { Problem } from '../../shared/problem.ts';
import type { RecordValue } from '../../shared/records/record.ts';
import { contentSchema } from '../../shared/records/record-schema.ts';
import { findManyShares } from '../../shared/records/shares/shares.ts';
import { namedRecord } from '../records/record-ports.ts';
import type { CascadePorts } from './cascade-ports.ts';
import { type CascadeEndpoint, type CascadeRequest, cascadeEndpoint, modeSchema } from './start-cascade.ts';

const bodySchema = z.strictObject({
  subordinateId: z.string().min(1).max(200),
  /** Columns of the table; checked by the table's own schema. */
  content: z.record(z.string(), z.unknown()).default({}),
  performParentingChecks: z.boolean().default(true),
  mode: modeSchema,
});
type Request = CascadeRequest<z.infer<typeof bodySchema>, unknown>;

/**
 * POST /tables/{table}/{id}/merge: merges another record of the table into this one: what belongs to it comes here, it is
 * deactivated and points here.
 */
export function mergeRecord(ports: CascadePorts): CascadeEndpoint {
  return cascadeEndpoint(ports, {
    name: 'mergeRecord',
    summary: 'Merge another record of the table into this one.',
    method: 'POST',
    route: 'tables/{table}/{id}/merge',
    body: bodySchema,
    action: 'merge',
    behavior: 'Merge',
    modeOf: ({ body }) => body.mode,
    async planOf(common, request) {
      const { table, root, body } = request;
      requireMergeable(table);
      const content = parse(contentSchema(table), body.content, 'body.content') as Record<string, ColumnValue | null>;
      const subordinate = await subordinateOf(ports, request);
      requireActive(root);
      requireActive(subordinate);
      await ports.recordAccess.requireOn(request.principal, ACTION_NEEDS.merge.target, root);
      return {
        ...common,
        action: 'merge',
        subordinateId: subordinate.id,
        content,
        performParentingChecks: body.performParentingChecks,
        targetTable: table,
        ...(await handedDownBy(ports, table, [root.id, subordinate.id])),
      };
    },
  });
}

/** The record to be merged, which the caller may merge. */
async function subordinateOf(ports: CascadePorts, { table, root, body, principal }: Request): Promise<RecordValue> {
  const named = { at: 'subordinateId', table, reference: body.subordinateId };
  const { value } = await namedRecord(ports, principal, named, ACTION_NEEDS.merge.each);
  if (value.id !== root.id) return value;
  throw new Problem('merge-with-itself', { table, id: root.id });
}

/** What is moved gains and loses access only where one of both has shares; behaviours are read only then. */
async function handedDownBy(
  { recordStore, relationships }: CascadePorts,
  table: TableName,
  ids: readonly string[],
): Promise<Pick<MergePlan, 'handsDown'>> {
  const shares = await findManyShares(recordStore.tables, table, ids);
  if (![...shares.values()].some(({ set }) => set.size > 0)) return {};
  return { handsDown: { behaviors: await relationships.behaviorsOf('Reparent') } };
}

/** Tables whose records say what they were merged into. */
function requireMergeable(table: TableName): void {
  const isMergeable = (name: TableName) => columnsOf(name).masterId !== undefined;
  if (isMergeable(table)) return;
  throw new Problem('table-not-mergeable', { table, mergeable: TABLE_NAMES.filter(isMergeable) });
}

function requireActive({ table, id, state, columns }: RecordValue): void {
  if (state === 'Active') return;
  if (typeof columns.masterId !== 'string') throw new Problem('merge-of-inactive', { table, id });
  throw new Problem('merge-of-merged', { table, id, masterId: columns.masterId });
}
