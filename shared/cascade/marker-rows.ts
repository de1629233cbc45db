/**
 * The marker of a chunk: inserted in the records' own partition by the very transaction that changes the records. It is
 * the proof that the chunk was applied and, at the same time, the change log of its records. This is a storage format:
 * table of the records, PartitionKey = bucket, RowKey = `~m` | job | chunk. No id begins with `~`, and reads of records
 * by range end below it.
 *
 *  M1  A chunk is applied exactly when its marker is there; whoever comes again, however late, can't insert it and so
 *      changes nothing.
 *  M2  Old owners and new versions in it are those of the transaction, since each record was written If-Match what they
 *      were taken from.
 */
import type { TableName } from '../catalogue/tables.ts';
import type { RecordStore } from '../records/record-store.ts';
import type { Row } from '../storage/table.ts';
import { pack, unpack } from './packed.ts';

/** What became of one record of an applied chunk. */
export interface AppliedRecord {
  readonly id: string;
  readonly outcome: 'written' | 'kept' | 'skipped';
  /** Owner before; empty for a skipped record that isn't there any more. */
  readonly oldOwnerId: string;
  /** The version that it was given, or has kept; 0 for a skipped one. */
  readonly version: number;
}

export interface Marker {
  readonly newOwnerId: string;
  readonly changedOn: string;
  readonly records: readonly AppliedRecord[];
}

interface MarkerRow extends Row {
  ids: string;
  /** A letter for each record. */
  outcomes: string;
  owners: string;
  versions: string;
  ownerId: string;
  changedOn: string;
}

const LETTERS = { written: 'w', kept: 'k', skipped: 's' } as const;
const OUTCOMES: Readonly<Record<string, AppliedRecord['outcome']>> = { w: 'written', k: 'kept', s: 'skipped' };

export function markerKey(jobId: string, chunkKey: string): string {
  return `~m|${jobId}|${chunkKey}`;
}

export function toMarkerRow(bucket: string, rowKey: string, { newOwnerId, changedOn, records }: Marker): Row {
  const row: MarkerRow = {
    partitionKey: bucket,
    rowKey,
    ids: pack(records.map(({ id }) => id)),
    outcomes: records.map(({ outcome }) => LETTERS[outcome]).join(''),
    owners: pack(records.map(({ oldOwnerId }) => oldOwnerId)),
    versions: pack(records.map(({ version }) => version)),
    ownerId: newOwnerId,
    changedOn,
  };
  return row;
}

/** The marker of a chunk, or undefined while it isn't applied. */
export async function findMarker(
  records: RecordStore,
  jobId: string,
  chunk: { readonly table: TableName; readonly bucket: string; readonly key: string },
): Promise<Marker | undefined> {
  const row = await records.tables.rows(chunk.table).get<MarkerRow>(chunk.bucket, markerKey(jobId, chunk.key));
  if (!row) return undefined;
  const [owners, versions] = [unpack(row.owners), unpack(row.versions)];
  return {
    newOwnerId: row.ownerId,
    changedOn: row.changedOn,
    records: unpack(row.ids).map((id, at) => ({
      id,
      outcome: OUTCOMES[row.outcomes.charAt(at)] ?? 'skipped',
      oldOwnerId: owners[at] ?? '',
      version: Number(versions[at]),
    })),
  };
}

/** How many records a marker counts as done and as skipped. */
export function countMarker({ records }: Pick<Marker, 'records'>): { done: number; skipped: number } {
  let skipped = 0;
  for (const { outcome } of records) if (outcome === 'skipped') skipped++;
  return { done: records.length - skipped, skipped };
}
