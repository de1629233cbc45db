import { z } from 'zod';
import { ACTION_NEEDS } from '../../shared/cascade/jobs/action-needs.ts';
import type { Relationship } from '../../shared/catalogue/relationships.ts';
import { lookupsOf } from '../../shared/catalogue/relationships.ts';
import { Problem } from '../../shared/problem.ts';
import { isUnder } from '../../shared/records/is-under.ts';
import { parentProblem } from '../../shared/records/parent-links.ts';
import type { RecordValue } from '../../shared/records/record.ts';
import { resolveId } from '../../shared/records/record-requests.ts';
import { findShares } from '../../shared/records/shares/shares.ts';
import { namedRecord } from '../records/record-ports.ts';
import type { CascadePorts } from './cascade-ports.ts';
import { type CascadeEndpoint, type CascadeRequest, cascadeEndpoint, modeSchema } from './start-cascade.ts';

const bodySchema = z.strictObject({
  relationship: z.string(),
  parentId: z.string().min(1).max(200).nullable(),
  mode: modeSchema,
});
type Request = CascadeRequest<z.infer<typeof bodySchema>, unknown>;

/**
 * POST /tables/{table}/{id}/reparent: puts a record under another parent (null: under none), and with it what belongs to
 * it: inherited rights go with the old parent and come with the new one.
 */
export function reparentRecord(ports: CascadePorts): CascadeEndpoint {
  const { recordStore } = ports;
  return cascadeEndpoint(ports, {
    name: 'reparentRecord',
    summary: 'Put a record, and what belongs to it, under another parent.',
    method: 'POST',
    route: 'tables/{table}/{id}/reparent',
    body: bodySchema,
    action: 'reparent',
    behavior: 'Reparent',
    modeOf: ({ body }) => body.mode,
    async planOf(common, request) {
      const relationship = relationshipOf(request);
      const parentId = await parentOf(ports, request, relationship);
      const formerParentId = request.root.lookups[relationship.name] ?? null;
      const move = { action: 'reparent', relationship: relationship.name, parentId, formerParentId } as const;
      const targetTable = parentId === null ? undefined : relationship.parent;
      // It is where it is wanted already: nothing below it changes either.
      if (parentId === formerParentId) return { ...common, ...move, targetTable, behaviors: {}, hasShares: false };
      const shared = await Promise.all([
        findShares(recordStore.tables, request.table, request.root.id),
        ...(parentId === null ? [] : [findShares(recordStore.tables, relationship.parent, parentId)]),
      ]);
      return { ...common, ...move, targetTable, hasShares: shared.some(({ set }) => set.size > 0) };
    },
  });
}

function relationshipOf({ table, body }: Request): Relationship {
  const found = lookupsOf(table).find(({ name }) => name === body.relationship);
  if (found) return found;
  const names = lookupsOf(table).map(({ name }) => name);
  const params = { table, lookup: body.relationship };
  if (names.length === 0) throw new Problem('reparent-no-lookups', params);
  throw new Problem('reparent-lookup-unknown', { ...params, lookups: names });
}

/** The new parent's id. It must live, and the caller may put records under it; it must not be below the record itself. */
async function parentOf(
  ports: CascadePorts,
  { body, principal, table, root }: Request,
  { name, parent: parentTable }: Relationship,
): Promise<string | null> {
  if (body.parentId === null) return null;
  const { recordStore } = ports;
  const named = { at: 'parentId', table: parentTable, reference: body.parentId };
  const isThere = (await resolveId(recordStore, parentTable, body.parentId)) === root.lookups[name];
  // Under the parent that it has already it stays without a further right.
  const parent = await namedRecord(ports, principal, named, isThere ? ['Read'] : ACTION_NEEDS.reparent.target);
  if (isThere) return parent.value.id;
  const problem = await parentProblem(recordStore.tables, table, name, parent.value.id);
  if (problem) throw problem;
  await refuseCycle(recordStore, parent.value, root);
  return parent.value.id;
}

async function refuseCycle(
  { tables }: CascadePorts['recordStore'],
  parent: RecordValue,
  root: RecordValue,
): Promise<void> {
  if (!(await isUnder(tables, parent, root))) return;
  throw new Problem('reparent-under-itself', { table: parent.table, id: parent.id });
}
