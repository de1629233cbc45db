import { z } from 'zod';
import {
  type Candidate,
  findCandidates,
  lookAt,
  newestFirst,
  type RolledUp,
  type RollupQuery,
} from '../../shared/cascade/rollup.ts';
import { TABLE_NAMES } from '../../shared/catalogue/tables.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { recordBodySchema, toBody } from '../../shared/records/record.ts';
import type { Principal } from '../../shared/security/privileges.ts';
import { RECORD_ROLES, type RecordPorts, recordOf } from './record-ports.ts';

const placeSchema = z.strictObject({ createdOn: z.string(), id: z.string() });

/** Candidates that are looked at together. */
const GROUP = 100;

const itemSchema = z.strictObject({
  table: z.enum(TABLE_NAMES),
  record: recordBodySchema,
  via: z.array(z.string()).describe('The relationships that lead to it.'),
});

/**
 * GET /tables/{table}/{id}/rollup: activities, cases and orders down the hierarchy that the caller may read, newest first,
 * each once with the relationships that lead to it.
 */
export function listRollup(ports: RecordPorts): Endpoint {
  const { recordStore, relationships } = ports;
  return endpoint({
    name: 'listRollup',
    summary: 'List activities, cases and orders down the hierarchy of a record.',
    method: 'GET',
    route: 'tables/{table}/{id}/rollup',
    roles: RECORD_ROLES,
    query: z.strictObject(listQuery),
    answers: { 200: pageOf(itemSchema) },
    problems: [],
    async handle({ caller, params, query: { pageSize, continuationToken } }) {
      const { principal, record: root } = await recordOf(ports, { caller, params }, ['Read']);
      const after = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, placeSchema);
      const query = { root, behaviors: await relationships.behaviorsOf('RollupView') };
      const all = await findCandidates(recordStore.tables, query);
      const rest = after ? all.filter((candidate) => newestFirst(candidate, after) > 0) : all;
      const items: RolledUp[] = [];
      let at = 0;
      while (at < rest.length && items.length < pageSize) {
        const group = rest.slice(at, at + Math.min(GROUP, pageSize - items.length));
        at += group.length;
        items.push(...(await readable(ports, principal, query, group)));
      }
      const last = at < rest.length ? rest[at - 1] : undefined;
      return {
        status: 200,
        body: {
          items: items.map(({ record, via }) => ({ table: record.value.table, record: toBody(record), via })),
          ...(last && { continuationToken: encodeContinuation({ createdOn: last.createdOn, id: last.id }) }),
        },
      };
    },
  });
}

/** Those of the candidates that are related and that the caller may read, in their order. */
async function readable(
  { recordStore, recordAccess }: RecordPorts,
  principal: Principal,
  query: RollupQuery,
  group: readonly Candidate[],
): Promise<RolledUp[]> {
  const tables = [...new Set(group.map(({ table }) => table))];
  const shown = await Promise.all(
    tables.map(async (table) => {
      const related = await lookAt(
        recordStore.tables,
        query,
        group.filter((candidate) => candidate.table === table),
      );
      const seen = new Set(
        await recordAccess.readable(
          principal,
          related.map(({ record }) => record),
        ),
      );
      return related.filter(({ record }) => seen.has(record));
    }),
  );
  return shown.flat().sort((a, b) => newestFirst(a.record.value, b.record.value));
}
