/**
 * Bringing one deleted record back.
 *
 *  RESTORE-1  It comes back under the parents that it names, and only if they live: its hints are renewed, then the
 *      parents are looked at, then the row is written If-Match. Whoever deletes a parent meanwhile touches the row (HINT-1 of
 *      shared/cascade/identify/resolve-hints.ts).
 *  RESTORE-2  It comes back with what its parents hold today, read after its hints were put; who takes rights from a parent
 *      meanwhile touches the row too (shared/cascade/apply/settle-late.ts).
 */
import type { TableName } from '../catalogue/tables.ts';
import { Problem } from '../problem.ts';
import type { Write } from '../storage/table.ts';
import { claimUnique } from './create-records.ts';
import { customersOf } from './customers-of.ts';
import { parentProblem, putHints } from './parent-links.ts';
import type { StoredRecord } from './record.ts';
import { bucketOf } from './record-ids.ts';
import type { RecordTables } from './record-tables.ts';
import { bound, owed } from './shares/inheritance.ts';
import { ParentReader } from './shares/parent-reader.ts';
import { shareWrite } from './shares/share-rows.ts';
import { unionOf } from './shares/share-set.ts';
import { putShared } from './shares/shared-records.ts';
import { findShares } from './shares/shares.ts';
import { NO_TOMBSTONE } from './tombstones.ts';

const MAX_ATTEMPTS = 5;

/**
 * Restores a record, with one more version. Throws Problem not-found (never there, or purged), conflict (not deleted, or
 * the job that deletes it goes on), rule-broken (a parent that doesn't live, named; a value that belongs to another).
 * Restored in the same way at that very time, it is given back.
 */
export async function restoreRecord(
  tables: RecordTables,
  { table, id }: { readonly table: TableName; readonly id: string },
  { by, on }: { readonly by: string; readonly on: string },
): Promise<StoredRecord> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const record = await findDeleted(tables, table, id);
    const { value, tombstone } = record;
    if (!tombstone) {
      if (value.modifiedOn === on && value.modifiedBy === by) return record;
      throw new Problem('restore-not-deleted', { table, id });
    }
    await refuseUnfit(tables, record);
    await tables.noteCustomersChanged(customersOf(value));
    const row = { partitionKey: bucketOf(id), rowKey: id, ...NO_TOMBSTONE };
    const changed = { version: value.version + 1, modifiedBy: by, modifiedOn: on };
    const merge = { kind: 'merge', row: { ...row, ...changed }, etag: record.etag } as const;
    if ((await tables.rows(table).write([merge, ...(await inherit(tables, value))])).ok) return tables.get(table, id);
  }
  throw new Problem(
    'restore-contended',
    { table, id },
    {
      retryAfterSeconds: 1,
    },
  );
}

/** The record, deleted or not. Throws Problem not-found; an id that was only kept from being taken counts as none. */
export async function findDeleted(tables: RecordTables, table: TableName, id: string): Promise<StoredRecord> {
  const record = await tables.find(table, id);
  if (record && record.value.version > 0) return record;
  throw new Problem('restore-record-unknown', { table, id });
}

/** Its shares as its parents bear them out today, and with what they owe it. */
async function inherit(tables: RecordTables, value: StoredRecord['value']): Promise<Write[]> {
  const { table, id, createdOn } = value;
  // First its own: a parent that is read after that bears out what came meanwhile.
  const before = await findShares(tables, table, id);
  const parents = (await new ParentReader(tables).parentsOf([value])).get(id) ?? [];
  const set = bound(id, unionOf(before.set, owed(id, parents)), parents);
  if (set === before.set) return [];
  const readers = [...set.keys()].map((userId) => ({ userId, recordId: id, createdOn }));
  await putShared(tables, table, readers);
  return [shareWrite(id, before, set)];
}

function parentGone(
  { table, id }: StoredRecord['value'],
  { relationship, parentId, jobId }: { relationship: string; parentId: string; jobId: string | undefined },
): Problem {
  const params = { table, id, relationship, parentId };
  if (jobId) return new Problem('restore-parent-gone-or-undo', { ...params, jobId });
  return new Problem('restore-parent-gone', params);
}

async function refuseUnfit(tables: RecordTables, { value, tombstone }: StoredRecord): Promise<void> {
  const { table, id, lookups, createdOn } = value;
  const jobId = tombstone?.jobId;
  if (jobId && (await tables.fenceHolds(jobId))) {
    throw new Problem(
      'restore-still-being-deleted',
      { jobId, table, id },
      {
        extra: { jobId },
      },
    );
  }
  const links = Object.entries(lookups).map(([relationship, parentId]) => ({ relationship, parentId }));
  await putHints(
    tables,
    links.map((link) => ({ ...link, childId: id, createdOn })),
  );
  for (const { relationship, parentId } of links) {
    const problem = await parentProblem(tables, table, relationship, parentId);
    if (problem?.slug === 'rule-broken') throw parentGone(value, { relationship, parentId, jobId });
    if (problem) throw problem;
  }
  const taken = await claimUnique(tables, value);
  if (taken) throw taken;
}
