/** Removes for good what was deleted long ago. */
import { lookupsOf, relationshipsUnder } from '../catalogue/relationships.ts';
import { indexWrite } from '../storage/newest-first.ts';
import { MAX_PARALLEL, mapParallel } from '../storage/parallel.ts';
import type { Row, Table } from '../storage/table.ts';
import type { StoredRecord } from './record.ts';
import { bucketOf } from './record-ids.ts';
import type { RecordTables } from './record-tables.ts';
import { shareRowKey } from './shares/share-rows.ts';
import { sharedEntries } from './shares/shared-records.ts';
import { findShares } from './shares/shares.ts';
import type { StoredEntry, TombstoneIndex } from './tombstones.ts';

/** What purging tombstones works with. */
export interface PurgePorts {
  readonly tables: RecordTables;
  readonly tombstones: TombstoneIndex;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** One call ends after this time; the next goes on where it ended, since what is purged is no longer listed. */
const MAX_MS_PER_CALL = 60_000;

/**
 * Removes records that were deleted more than so many days before `nowMs`, with their hints, list entries and shares; then
 * they can't be restored any more. What was restored meanwhile stays. May be cut off at any point, and run twice.
 */
export async function purgeTombstones(
  { tables, tombstones, now }: PurgePorts,
  nowMs: number,
  days: number,
): Promise<{ readonly purged: number; readonly isComplete: boolean }> {
  const before = new Date(nowMs - days * DAY_MS).toISOString();
  const endMs = now() + MAX_MS_PER_CALL;
  let purged = 0;
  // The day of the limit itself is left for tomorrow, when all of it is old enough.
  for await (const entry of tombstones.before(before.slice(0, 10))) {
    if (now() > endMs) return { purged, isComplete: false };
    purged += await purgeEntry(tables, entry, before);
    await tombstones.remove(entry);
  }
  return { purged, isComplete: true };
}

async function purgeEntry(tables: RecordTables, { table, ids }: StoredEntry, before: string): Promise<number> {
  const records = await tables.findMany(table, ids);
  const old = records.filter((record) => record?.tombstone && record.tombstone.deletedOn < before);
  const removed = await mapParallel(old, MAX_PARALLEL, async (record) =>
    record ? purgeRecord(tables, record) : false,
  );
  return removed.filter(Boolean).length;
}

/** The row goes last: while it is there, the next call finds what is left of the record. */
async function purgeRecord(tables: RecordTables, { value, etag }: StoredRecord): Promise<boolean> {
  const { table, id, createdOn, lookups } = value;
  for (const { name } of lookupsOf(table)) {
    const parentId = lookups[name];
    const hint = parentId === undefined ? undefined : await tables.hints(name).find(parentId, id);
    if (parentId !== undefined && hint) await tables.hints(name).remove(parentId, hint);
  }
  for (const { name } of relationshipsUnder(table)) {
    for await (const hint of tables.hints(name).of(id)) await tables.hints(name).remove(id, hint);
  }
  await removeRow(tables.listIndex(table), indexWrite('all', createdOn, id, {}).row);
  const { set } = await findShares(tables, table, id);
  for (const entry of sharedEntries(id, createdOn, [...set.keys()])) await removeRow(tables.listIndex(table), entry);
  await removeRow(tables.rows(table), { partitionKey: bucketOf(id), rowKey: shareRowKey(id) });
  return (await tables.rows(table).delete(bucketOf(id), id, etag)) === 'deleted';
}

async function removeRow(table: Table, { partitionKey, rowKey }: Pick<Row, 'partitionKey' | 'rowKey'>): Promise<void> {
  const row = await table.get<Row>(partitionKey, rowKey);
  if (row) await table.delete(partitionKey, rowKey, row.etag);
}
