/**
 * The work of a job and how far it is. This is a storage format: table `chunks`.
 *
 * | PartitionKey | RowKey | holds |
 * |---|---|---|
 * | job \| lane | rank \| table \| bucket \| part | a chunk: up to 99 records of one bucket, and what became of them |
 * | job \| lane | the key of a chunk \| `r` and a number | the same: records of that chunk that failed and are tried again |
 * | job \| lane | a chunk of an undo | the same, with what the other job has changed (`log0` …) |
 * | job \| lane | `bucket` \| table \| bucket, and \| part where it has several | how many of its records are in chunks |
 * | job \| lane | `progress` | counts of the lane by table, and the chunk up to which all are done |
 * | job \| `lanes` | `lanes` | by table, the bucket at which each lane begins, and the parts of buckets that have several |
 *
 *  CHUNK-1  All chunks of a bucket and its `bucket` row are inserted in one transaction, in the lane that the `lanes`
 *      row names, and that row is inserted once. A bucket that is too large for that has parts, as many as the `lanes`
 *      row says, for each of which the same holds; the part of a record follows from its id. So a repeated step, also
 *      one that comes late and has found other records, neither adds to the chunks of a bucket nor resets them.
 *  CHUNK-2  What became of a chunk and the lane's counts change in one transaction, each If-Match what was read. So a
 *      chunk is counted once.
 *  CHUNK-3  All chunks up to `after` are done.
 *  CHUNK-4  Keys sort in the order in which chunks are applied: the rank is the level, counted backwards where the
 *      deepest level goes first. There, what is only unlinked or settled comes before all else, the least level first.
 *      What is tried again keeps its place.
 */
import type { TableName } from '../../catalogue/tables.ts';
import { numberKey } from '../../storage/keys.ts';
import { joinLongText, splitLongText } from '../../storage/long-text.ts';
import type { Row, StoredRow } from '../../storage/table.ts';
import type { ActionOrder } from '../actions/action-rule.ts';
import { FOUND_EFFECTS, type FoundRecord } from '../identify/found-records.ts';
import type { ValueChange } from '../ports.ts';
import { pack, unpack } from './packed.ts';

/** Table of chunks, buckets and progress. */
export const CHUNKS_TABLE = 'chunks';
/** Chunks' RowKeys begin with a digit; those of the other rows of a lane don't. */
export const CHUNK_KEYS = { from: '0', to: ':' } as const;
/** RowKey of a lane's progress. */
export const PROGRESS_KEY = 'progress';
const RANK_DIGITS = 4;
const MAX_LEVEL = 9999;

/** One chunk as stored. */
export interface ChunkRow extends Row {
  table: string;
  bucket: string;
  /** Packed lists, in the same order. */
  ids: string;
  etags: string;
  versions: string;
  owners: string;
  /** A letter for each record, `c` for change, `u` for unlink, `s` for settle; absent where all are to be changed. */
  effects?: string;
  /** `done`, or empty. */
  state: string;
  done: number;
  skipped: number;
  /** Packed ids; empty for none. Records that failed; of those that once did, those that a later chunk tries again, and those that were passed over. */
  failing: string;
  retried?: string;
  passed?: string;
}

/** Says that a bucket's chunks are written (CHUNK-1). */
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
  /** Records that failed, and of those that once did the ones that a later chunk tries again, and the ones that were passed over. */
  readonly failing: readonly string[];
  readonly retried: readonly string[];
  readonly passed: readonly string[];
}

/** PartitionKey of a lane's chunks and progress. */
export function lanePartition(jobId: string, lane: number): string {
  return `${jobId}|${lane}`;
}

/** PartitionKey of the row that says how a job's buckets are divided among its lanes. */
export function divisionPartition(jobId: string): string {
  return `${jobId}|lanes`;
}

/** The first part of a chunk's key: chunks of a lower rank are applied first. `isChange`: it isn't only unlinked or settled. */
export function rankOf(level: number, order: ActionOrder, isChange: boolean): string {
  return numberKey(order === 'deepestFirst' && isChange ? MAX_LEVEL - level : level, RANK_DIGITS);
}

/**
 * The key of a chunk of a Delete in the order of its undo: what was deleted last comes back first, then what was unlinked or
 * settled, which is to find its parents there and keeps its own order.
 */
export function undoKey(key: string): string {
  const rank = Number(key.slice(0, RANK_DIGITS));
  const isChange = rank > MAX_LEVEL / 2;
  const undone = isChange ? MAX_LEVEL - rank : rank + Math.ceil(MAX_LEVEL / 2);
  return `${numberKey(undone, RANK_DIGITS)}${key.slice(RANK_DIGITS)}`;
}

/** The rank of a chunk by its key. */
export function rankOfKey(key: string): string {
  return key.slice(0, RANK_DIGITS);
}

/** Chunks of one level in a part of a bucket are fewer than this. */
const CHUNKS_OF_PART = 100;

/** `part` of the bucket (0 where it has but one), and the number of the chunk in it. */
export function chunkKey(rank: string, table: TableName, bucket: string, part: number, chunk: number): string {
  return `${rank}|${table}|${bucket}|${numberKey(part * CHUNKS_OF_PART + chunk, 4)}`;
}

/** The row of a chunk. */
export function toChunkRow(
  partitionKey: string,
  { key, table, bucket, records }: Pick<Chunk, 'key' | 'table' | 'bucket' | 'records'>,
): ChunkRow {
  const isPlain = records.every(({ effect }) => effect === 'change');
  const hasLog = records.some(({ logged }) => logged !== undefined);
  const hasLinks = records.some(({ links }) => links.length > 0);
  return {
    partitionKey,
    rowKey: key,
    table,
    bucket,
    ids: pack(records.map(({ id }) => id)),
    etags: pack(records.map(({ etag }) => etag)),
    versions: pack(records.map(({ version }) => version)),
    owners: pack(records.map(({ ownerId }) => ownerId)),
    ...(!isPlain && { effects: records.map(({ effect }) => effect.charAt(0)).join('') }),
    ...(hasLog && splitLongText('log', JSON.stringify(records.map(({ logged = [] }) => logged)))),
    ...(hasLinks && splitLongText('links', pack(records.map(({ links }) => links.join(' '))))),
    state: '',
    done: 0,
    skipped: 0,
    failing: '',
  };
}

/** `part` is undefined for a bucket that has but one. */
export function toBucketRow(
  partitionKey: string,
  of: { readonly table: TableName; readonly bucket: string; readonly part: number | undefined },
  records: number,
): BucketRow {
  return { partitionKey, rowKey: bucketRowKey(of), records };
}

/** RowKey of a bucket's row. */
export function bucketRowKey({
  table,
  bucket,
  part,
}: {
  readonly table: TableName;
  readonly bucket: string;
  readonly part: number | undefined;
}): string {
  return `bucket|${table}|${bucket}${part === undefined ? '' : `|${numberKey(part, 2)}`}`;
}

/** The chunk that a row holds. */
export function fromChunkRow(row: StoredRow<ChunkRow>): Chunk {
  const [etags, versions, owners] = [unpack(row.etags), unpack(row.versions), unpack(row.owners)];
  const logText = joinLongText('log', row);
  const log = logText === undefined ? undefined : (JSON.parse(logText) as ValueChange[][]);
  const packedLinks = joinLongText('links', row);
  const links = packedLinks === undefined ? undefined : unpack(packedLinks);
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
      effect: FOUND_EFFECTS.find((effect) => effect.charAt(0) === row.effects?.charAt(at)) ?? 'change',
      links: links?.[at]?.split(' ').filter((link) => link !== '') ?? [],
      ...(log && { logged: log[at] ?? [] }),
    })),
    isDone: row.state === 'done',
    skipped: row.skipped,
    failing: listOf(row.failing),
    retried: listOf(row.retried),
    passed: listOf(row.passed),
  };
}

function listOf(packed: string | undefined): string[] {
  return packed ? unpack(packed) : [];
}
