/** Writes the final chunks of a job from what was found (CHUNK-1). */
import { isTableName, type TableName } from '../../catalogue/tables.ts';
import { createPipeline, MAX_PARALLEL, mapParallel, PAGES_AHEAD } from '../../storage/parallel.ts';
import type { Row, Table, Write } from '../../storage/table.ts';
import { ruleOf } from '../actions/rules.ts';
import type { FoundPart, FoundRecords } from '../identify/found-records.ts';
import type { ChunkCursor } from '../identify/identify-cursor.ts';
import type { Budget } from '../identify/identify-ports.ts';
import type { CascadePlan } from '../plans.ts';
import {
  type BucketRow,
  bucketRowKey,
  chunkKey,
  divisionPartition,
  lanePartition,
  PROGRESS_KEY,
  rankOf,
  toBucketRow,
  toChunkRow,
} from './chunk-rows.ts';
import {
  cutChunks,
  cutLanes,
  laneOf,
  partOfRecord,
  partsOf,
  RECORDS_PER_CHUNK,
  SHARED_RECORDS_PER_CHUNK,
} from './cut-chunks.ts';
import { pack, unpack } from './packed.ts';

/** What writing chunks works with. */
export interface ChunkServices {
  readonly chunks: Table;
  readonly found: FoundRecords;
  readonly now: () => number;
}

interface Bucket {
  readonly lane: number;
  readonly table: TableName;
  readonly bucket: string;
  /** The part of the bucket; undefined where it has but one. */
  readonly part: number | undefined;
  readonly records: number;
  readonly rows: readonly Row[];
}

/** Rows of one transaction; a chunk's row has up to some 15,000 characters. */
const ROWS_PER_WRITE = 40;

/** Writes chunks until the budget is spent or, with an undefined `cursor`, the job's set is final. */
export async function writeChunks(
  services: ChunkServices,
  plan: CascadePlan,
  cursor: ChunkCursor,
  budget: Budget,
): Promise<{ cursor: ChunkCursor | undefined; found: Readonly<Record<string, number>> }> {
  const [divisions] = await Promise.all([readDivisions(services, plan, cursor.tables), openLanes(services, plan)]);
  const found: Record<string, number> = { ...cursor.found };
  const pipeline = createPipeline(PAGES_AHEAD);
  let group: Bucket[] = [];
  const flush = () => {
    const buckets = group;
    group = [];
    return pipeline.add(async () => {
      const counts = await insertBuckets(services.chunks, plan, buckets);
      for (const [at, { table }] of buckets.entries()) found[table] = (found[table] ?? 0) + (counts[at] ?? 0);
    });
  };
  for await (const { table, bucket, parts } of bucketsFrom(services.found, plan, cursor)) {
    if (budget.isSpent()) {
      await flush();
      await pipeline.end();
      const tables = cursor.tables.slice(cursor.tables.indexOf(table));
      return { cursor: { ...cursor, tables, from: bucket, found }, found };
    }
    const { starts = [], parts: count } = divisions.get(table) ?? {};
    const at = { table, bucket, lane: laneOf(starts, bucket) };
    for (const next of toBuckets(plan, at, count?.get(bucket) ?? 1, parts)) {
      const rows = group.reduce((sum, { rows }) => sum + rows.length, next.rows.length);
      if (group.length > 0 && (group[0]?.lane !== next.lane || rows > ROWS_PER_WRITE)) await flush();
      group.push(next);
      budget.spend(next.records);
    }
  }
  await flush();
  await pipeline.end();
  return { cursor: undefined, found };
}

/** The buckets that are still to be written, table by table. */
async function* bucketsFrom(
  found: FoundRecords,
  { jobId }: CascadePlan,
  { tables, from }: ChunkCursor,
): AsyncGenerator<{ table: TableName; bucket: string; parts: readonly FoundPart[] }> {
  for (const [at, table] of tables.entries()) {
    if (!isTableName(table)) throw new Error(`Job ${jobId} holds records of ${table}, which is no table any more`);
    for await (const next of found.records(table, at === 0 ? from : '')) yield { table, ...next };
  }
}

/** A bucket as it is written: whole, or in parts that are each written by themselves. */
function toBuckets(
  plan: CascadePlan,
  at: Pick<Bucket, 'table' | 'bucket' | 'lane'>,
  count: number,
  found: readonly FoundPart[],
): Bucket[] {
  if (count === 1) return [toBucket(plan, at, undefined, found)];
  return Array.from({ length: count }, (_, part) => {
    const own = found.map(({ level, records }) => {
      return { level, records: records.filter(({ id }) => partOfRecord(id, count) === part) };
    });
    return toBucket(plan, at, part, own);
  });
}

function toBucket(
  plan: CascadePlan,
  { table, bucket, lane }: Pick<Bucket, 'table' | 'bucket' | 'lane'>,
  part: number | undefined,
  found: readonly FoundPart[],
): Bucket {
  const partition = lanePartition(plan.jobId, lane);
  const { order } = ruleOf(plan);
  const chunks = cutChunks(found, order, recordsPerChunk(plan));
  const records = chunks.reduce((sum, chunk) => sum + chunk.records.length, 0);
  const rows = [
    toBucketRow(partition, { table, bucket, part }, records),
    ...chunks.map(({ level, isChange, part: chunk, records }) => {
      const key = chunkKey(rankOf(level, order, isChange), table, bucket, part ?? 0, chunk);
      return toChunkRow(partition, { key, table, bucket, records });
    }),
  ];
  return { lane, table, bucket, part, records, rows };
}

function recordsPerChunk(plan: CascadePlan): number {
  return ruleOf(plan).writesShares(plan) ? SHARED_RECORDS_PER_CHUNK : RECORDS_PER_CHUNK;
}

/** Inserts buckets of one lane; gives the number of records in each, as stored by us or by an earlier attempt. */
async function insertBuckets(chunks: Table, plan: CascadePlan, buckets: readonly Bucket[]): Promise<number[]> {
  const writes = buckets.flatMap(({ rows }) => rows.map((row): Write => ({ kind: 'insert', row })));
  const written = await chunks.write(writes);
  if (written.ok) return buckets.map(({ records }) => records);
  if (buckets.length > 1) {
    const each = await mapParallel(buckets, PAGES_AHEAD, (bucket) => insertBuckets(chunks, plan, [bucket]));
    return each.flat();
  }
  const [bucket] = buckets;
  if (!bucket) return [];
  const stored = await chunks.get<BucketRow>(lanePartition(plan.jobId, bucket.lane), bucketRowKey(bucket));
  if (!stored) throw new Error(`Bucket ${bucket.bucket} of ${bucket.table} was refused in job ${plan.jobId}`);
  return [stored.records];
}

/** How the buckets of a table are divided. */
interface Division {
  /** The bucket at which each lane begins. */
  readonly starts: readonly string[];
  /** Buckets that are cut into several parts, and into how many. */
  readonly parts: ReadonlyMap<string, number>;
}

/**
 * How buckets are divided, by table: decided by the first who comes here, the same for all others. A table of which the first
 * knew nothing belongs to the first lane.
 */
async function readDivisions(
  { chunks, found }: ChunkServices,
  plan: CascadePlan,
  tables: readonly string[],
): Promise<Map<string, Division>> {
  const key = { partitionKey: divisionPartition(plan.jobId), rowKey: 'lanes' };
  let row: Row | undefined = await chunks.get<Row>(key.partitionKey, key.rowKey);
  if (!row) {
    const divided = await mapParallel(tables.filter(isTableName), PAGES_AHEAD, async (table) => {
      const counts = await found.counts(table);
      const parts = counts
        .map(({ bucket, records }) => ({ bucket, count: partsOf(records, recordsPerChunk(plan)) }))
        .filter(({ count }) => count > 1)
        .map(({ bucket, count }) => `${bucket}=${count}`);
      return { [`starts_${table}`]: pack(cutLanes(counts, plan.lanes)), [`parts_${table}`]: pack(parts) };
    });
    const own: Row = { ...key, ...Object.assign({}, ...divided) };
    const written = await chunks.write([{ kind: 'insert', row: own }]);
    row = written.ok ? own : await chunks.get<Row>(key.partitionKey, key.rowKey);
  }
  return new Map(
    tables.map((table) => {
      const [starts, parts] = [row?.[`starts_${table}`], row?.[`parts_${table}`]];
      const cut = typeof parts === 'string' && parts !== '' ? unpack(parts) : [];
      return [
        table,
        {
          starts: typeof starts === 'string' ? unpack(starts) : [''],
          parts: new Map(cut.map((text) => [text.split('=')[0] ?? '', Number(text.split('=')[1])])),
        },
      ];
    }),
  );
}

/** Gives each lane its row of counts, unless an earlier attempt did. */
export async function openLanes(
  { chunks, now }: Pick<ChunkServices, 'now'> & { readonly chunks: Pick<ChunkServices['chunks'], 'write'> },
  plan: CascadePlan,
): Promise<void> {
  const heartbeatOn = new Date(now()).toISOString();
  const lanes = Array.from({ length: plan.lanes }, (_, lane) => lane);
  await mapParallel(lanes, MAX_PARALLEL, async (lane) => {
    const row = { partitionKey: lanePartition(plan.jobId, lane), rowKey: PROGRESS_KEY, after: '', heartbeatOn };
    await chunks.write([{ kind: 'insert', row }]);
  });
}
