import { z } from 'zod';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { recordBodySchema, type StoredRecord, toBody } from '../../shared/records/record.ts';
import { matchesSearch, searchWords } from '../../shared/records/search-words.ts';
import { markShared } from '../../shared/records/shares/shared-records.ts';
import { depthOf } from '../../shared/security/privileges.ts';
import { fillPage, type IndexEntry, isPlaceOf, newestFirst, placeSchema } from '../../shared/storage/newest-first.ts';
import type { StateMemo } from '../../shared/transactions/transaction-store.ts';
import { RECORD_ROLES, type RecordPorts, tableOf } from './record-ports.ts';

const querySchema = z.strictObject({
  ...listQuery,
  search: z.string().max(200).default(''),
  ownerId: z.string().optional(),
  state: z.enum(['Active', 'Inactive', 'Deleted']).optional(),
});
type Query = z.infer<typeof querySchema>;

/** An entry of the list; unmarked where the caller may read all. */
type Entry = IndexEntry<{ words?: string }> & { readonly maybeShared?: boolean };

/** GET /tables/{table}: the records that the caller may read, newest first; deleted ones only with state=Deleted. */
export function listRecords(ports: RecordPorts): Endpoint {
  const { recordStore, recordAccess } = ports;
  return endpoint({
    name: 'listRecords',
    summary: 'List the records that the caller may read.',
    method: 'GET',
    route: 'tables/{table}',
    roles: RECORD_ROLES,
    query: querySchema,
    answers: { 200: pageOf(recordBodySchema) },
    problems: [],
    async handle({ caller, params, query }) {
      const { table, principal } = await tableOf(ports, { caller, params }, ['Read']);
      const start =
        query.continuationToken === undefined ? undefined : decodeContinuation(query.continuationToken, placeSchema);
      const all = newestFirst<{ words?: string }>(recordStore.tables.listIndex(table), 'all', start);
      const entries =
        depthOf(principal, table, 'Read') === 'Organization'
          ? all
          : markShared(recordStore.tables, table, principal.userId, all, start);
      const memo: StateMemo = new Map();
      const { items, after } = await fillPage<{ words?: string }, StoredRecord, Entry>(
        entries,
        query.pageSize,
        ({ notes }) => matchesSearch(notes.words ?? '', query.search),
        async (entries) => {
          const found = await recordStore.findMany(
            table,
            entries.map(({ id }) => id),
            memo,
          );
          const candidates = found.flatMap((record, at) => {
            const entry = entries[at];
            const fitting = record && isPlaceOf(entry, record.value.createdOn) && fits(record, query);
            // What isn't marked is the caller's own or not to be read; its shares needn't be looked at.
            const mayBeShown = entry?.maybeShared !== false || record?.value.ownerId === principal.userId;
            return fitting && mayBeShown ? [record] : [];
          });
          const shown = new Set(await recordAccess.readable(principal, candidates));
          return found.map((record) => (record && shown.has(record) ? record : undefined));
        },
      );
      return {
        status: 200,
        body: { items: items.map(toBody), ...(after && { continuationToken: encodeContinuation(after) }) },
      };
    },
  });
}

function fits({ value, tombstone }: StoredRecord, { ownerId, state, search }: Query): boolean {
  if (ownerId !== undefined && value.ownerId !== ownerId) return false;
  if (state === 'Deleted' ? !tombstone : tombstone) return false;
  if (state !== undefined && state !== 'Deleted' && value.state !== state) return false;
  return matchesSearch(searchWords(value), search);
}
