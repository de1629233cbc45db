/**
 * The work of a job and how far it is. This is a storage format: table `chunks`.
 *
 * | PartitionKey | RowKey | holds |
 * |---|---|---|
 * | job \| lane | level \| table \| bucket \| part | a chunk: up to 99 records of one bucket, and what became of them |
 * | job \| lane | `bucket` \| table \| bucket | how many records of the bucket are in chunks |
 * | job \| lane | `progress` | counts of the lane by table, and the chunk up to which all are done |
 * | job \| `lanes` | `lanes` | by table, the bucket at which each lane begins |
 *
 *  K1  All chunks of a bucket and its `bucket` row are inserted in one transaction, in the lane that the `lanes` row names,
 *      and that row is inserted once. So a repeated step, also one that comes late and has found other records, neither
 *      adds to the chunks of a bucket nor resets them.
 *  K2  What became of a chunk and the lane's counts change in one transaction, each If-Match what was read. So a chunk is
 *      counted once.
 *  K3  All chunks up to `after` are done.
 */
import type { TableName } from '../catalogue/tables.ts';
import { numberKey } from '../storage/keys.ts';
import type { Row, StoredRow } from '../storage/table.ts';
import type { CutChunk } from './cut-chunks.ts';
import type { FoundRecord } from './found-records.ts';
import { pack, unpack } from './packed.ts';

export const CHUNKS_TABLE = 'chunks';
/** Chunks' RowKeys begin with a digit; those of the other rows of a lane don't. */
export const CHUNK_KEYS = { from: '0', to: ':' } as const;
export const PROGRESS_KEY = 'progress';

export interface ChunkRow extends Row {
  table: string;
  bucket: string;
  /** Packed lists, in the same order. */
  ids: string;
  etags: string;
  versions: string;
  owners: string;
  /** `done`, or empty. */
  state: string;
  done: number;
  skipped: number;
  /** Ids of records that no new try will help, packed, and why; empty for none. */
  failing: string;
  problem: string;
}

export interface BucketRow extends Row {
  records: number;
}

/** A unit of work as stored. */
export interface Chunk {
  /** Its RowKey, which is unique in the job together with the lane. */
  readonly key: string;
  readonly etag: string;
  readonly table: TableName;
  readonly bucket: string;
  readonly records: readonly FoundRecord[];
  readonly isDone: boolean;
  /** How many of its records were skipped. */
  readonly skipped: number;
  /** Records named as failing. */
  readonly failing: readonly string[];
  readonly problem: string;
}

export function lanePartition(jobId: string, lane: number): string {
  return `${jobId}|${lane}`;
}

export function toChunkRow(
  partitionKey: string,
  table: TableName,
  bucket: string,
  { level, part, records }: CutChunk,
): ChunkRow {
  return {
    partitionKey,
    rowKey: `${numberKey(level, 4)}|${table}|${bucket}|${numberKey(part, 4)}`,
    table,
    bucket,
    ids: pack(records.map(({ id }) => id)),
    etags: pack(records.map(({ etag }) => etag)),
    versions: pack(records.map(({ version }) => version)),
    owners: pack(records.map(({ ownerId }) => ownerId)),
    state: '',
    done: 0,
    skipped: 0,
    failing: '',
    problem: '',
  };
}

export function toBucketRow(partitionKey: string, table: TableName, bucket: string, records: number): BucketRow {
  return { partitionKey, rowKey: bucketRowKey(table, bucket), records };
}

export function bucketRowKey(table: TableName, bucket: string): string {
  return `bucket|${table}|${bucket}`;
}

export function fromChunkRow(row: StoredRow<ChunkRow>): Chunk {
  const [etags, versions, owners] = [unpack(row.etags), unpack(row.versions), unpack(row.owners)];
  return {
    key: row.rowKey,
    etag: row.etag,
    table: row.table as TableName,
    bucket: row.bucket,
    records: unpack(row.ids).map((id, at) => ({
      id,
      etag: etags[at] ?? '',
      version: Number(versions[at]),
      ownerId: owners[at] ?? '',
    })),
    isDone: row.state === 'done',
    skipped: row.skipped,
    failing: row.failing === '' ? [] : unpack(row.failing),
    problem: row.problem,
  };
}
