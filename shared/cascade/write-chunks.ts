/** Writes the final chunks of a job from what was found (invariant K1 of chunk-rows.ts). */
import { isTableName, type TableName } from '../catalogue/tables.ts';
import { mapParallel } from '../parallel.ts';
import type { Row, Table, Write } from '../storage/table.ts';
import { ruleOf } from './actions/rules.ts';
import {
  type BucketRow,
  bucketRowKey,
  chunkKey,
  lanePartition,
  PROGRESS_KEY,
  rankOf,
  toBucketRow,
  toChunkRow,
} from './chunk-rows.ts';
import { cutChunks, cutLanes, laneOf, RECORDS_PER_CHUNK, SHARED_RECORDS_PER_CHUNK } from './cut-chunks.ts';
import type { FoundPart, FoundRecords } from './found-records.ts';
import type { ChunkCursor } from './identify-cursor.ts';
import { pack, unpack } from './packed.ts';
import { createPipeline } from './pipeline.ts';
import type { CascadePlan } from './ports.ts';
import type { Budget } from './walk-leg.ts';

export interface ChunkServices {
  readonly chunks: Table;
  readonly found: FoundRecords;
  readonly now: () => number;
}

interface Bucket {
  readonly lane: number;
  readonly table: TableName;
  readonly bucket: string;
  readonly records: number;
  readonly rows: readonly Row[];
}

/** Rows of one transaction; a chunk's row has up to some 15,000 characters. */
const ROWS_PER_WRITE = 40;
const PARALLEL_WRITES = 2;
const PARALLEL_LANES = 8;

/** Writes chunks until the budget is spent or, with an undefined `cursor`, the job's set is final. */
export async function writeChunks(
  services: ChunkServices,
  plan: CascadePlan,
  cursor: ChunkCursor,
  budget: Budget,
): Promise<{ cursor: ChunkCursor | undefined; found: Readonly<Record<string, number>> }> {
  const [starts] = await Promise.all([laneStarts(services, plan, cursor.tables), openLanes(services, plan)]);
  const found: Record<string, number> = { ...cursor.found };
  const pipeline = createPipeline(PARALLEL_WRITES);
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
    const next = toBucket(plan, table, bucket, laneOf(starts.get(table) ?? [], bucket), parts);
    const rows = group.reduce((sum, { rows }) => sum + rows.length, next.rows.length);
    if (group.length > 0 && (group[0]?.lane !== next.lane || rows > ROWS_PER_WRITE)) await flush();
    group.push(next);
    budget.spend(next.records);
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

function toBucket(
  plan: CascadePlan,
  table: TableName,
  bucket: string,
  lane: number,
  parts: readonly FoundPart[],
): Bucket {
  const partition = lanePartition(plan.jobId, lane);
  const { order, readsShares } = ruleOf(plan);
  const chunks = cutChunks(parts, order, readsShares ? SHARED_RECORDS_PER_CHUNK : RECORDS_PER_CHUNK);
  const records = chunks.reduce((sum, chunk) => sum + chunk.records.length, 0);
  const rows = [
    toBucketRow(partition, table, bucket, records),
    ...chunks.map(({ level, part, records }) =>
      toChunkRow(partition, { key: chunkKey(rankOf(level, order), table, bucket, part), table, bucket, records }),
    ),
  ];
  return { lane, table, bucket, records, rows };
}

/** Inserts buckets of one lane; gives the number of records in each, as stored by us or by an earlier attempt. */
async function insertBuckets(chunks: Table, plan: CascadePlan, buckets: readonly Bucket[]): Promise<number[]> {
  const writes = buckets.flatMap(({ rows }) => rows.map((row): Write => ({ kind: 'insert', row })));
  const written = await chunks.write(writes);
  if (written.ok) return buckets.map(({ records }) => records);
  if (buckets.length > 1) {
    const each = await mapParallel(buckets, PARALLEL_WRITES, (bucket) => insertBuckets(chunks, plan, [bucket]));
    return each.flat();
  }
  const [bucket] = buckets;
  if (!bucket) return [];
  const stored = await chunks.get<BucketRow>(
    lanePartition(plan.jobId, bucket.lane),
    bucketRowKey(bucket.table, bucket.bucket),
  );
  if (!stored) throw new Error(`Bucket ${bucket.bucket} of ${bucket.table} was refused in job ${plan.jobId}`);
  return [stored.records];
}

/**
 * The bucket at which each lane begins, by table: decided by the first who comes here, the same for all others. A table of
 * which the first knew nothing belongs to the first lane.
 */
async function laneStarts(
  { chunks, found }: ChunkServices,
  plan: CascadePlan,
  tables: readonly string[],
): Promise<Map<string, readonly string[]>> {
  const key = { partitionKey: `${plan.jobId}|lanes`, rowKey: 'lanes' };
  let row: Row | undefined = await chunks.get<Row>(key.partitionKey, key.rowKey);
  if (!row) {
    const starts = await mapParallel(tables.filter(isTableName), PARALLEL_WRITES, async (table) => {
      return [`starts_${table}`, pack(cutLanes(await found.counts(table), plan.lanes))] as const;
    });
    const own: Row = { ...key, ...Object.fromEntries(starts) };
    const written = await chunks.write([{ kind: 'insert', row: own }]);
    row = written.ok ? own : await chunks.get<Row>(key.partitionKey, key.rowKey);
  }
  return new Map(
    tables.map((table) => {
      const starts = row?.[`starts_${table}`];
      return [table, typeof starts === 'string' ? unpack(starts) : ['']];
    }),
  );
}

/** Gives each lane its row of counts, unless an earlier attempt did. */
export async function openLanes(
  { chunks, now }: Pick<ChunkServices, 'chunks' | 'now'>,
  plan: CascadePlan,
): Promise<void> {
  const heartbeatOn = new Date(now()).toISOString();
  const lanes = Array.from({ length: plan.lanes }, (_, lane) => lane);
  await mapParallel(lanes, PARALLEL_LANES, async (lane) => {
    const row = { partitionKey: lanePartition(plan.jobId, lane), rowKey: PROGRESS_KEY, after: '', heartbeatOn };
    await chunks.write([{ kind: 'insert', row }]);
  });
}
