/**
 * The set of an undo: what the change log of the other job says it has changed, chunk by chunk, in the same lanes and
 * buckets. Repeatable: chunks are inserted under keys made of the other job's, and what is there already counts as it is.
 */
import { z } from 'zod';
import { mapParallel } from '../parallel.ts';
import type { PlanOf } from './actions/action-rule.ts';
import { type Chunk, type ChunkRow, fromChunkRow, lanePartition, reversedKey, toChunkRow } from './chunk-rows.ts';
import type { FoundRecord } from './found-records.ts';
import type { IdentifyServices } from './identify.ts';
import type { LaneChunks } from './lane-chunks.ts';
import { findMarkers } from './marker-rows.ts';
import type { IdentifyOutcome } from './ports.ts';
import { openLanes } from './write-chunks.ts';

const cursorSchema = z.strictObject({
  lane: z.number(),
  /** All chunks of the other job's lane up to this one were looked at. */
  after: z.string(),
  found: z.record(z.string(), z.number()),
});
type Cursor = z.infer<typeof cursorSchema>;

const CHUNKS_PER_READ = 24;
const CHUNKS_PER_CALL = 480;
const PARALLEL_CHUNKS = 6;

type Services = Pick<IdentifyServices, 'chunks' | 'records' | 'now'> & { readonly lanes: LaneChunks };

/** Goes on from a cursor, without one from the first lane. */
export async function identifyUndo(
  services: Services,
  plan: PlanOf<'undo'>,
  text: string | undefined,
): Promise<IdentifyOutcome> {
  let cursor: Cursor = text === undefined ? { lane: 0, after: '', found: {} } : cursorSchema.parse(JSON.parse(text));
  if (text === undefined) await openLanes(services, plan);
  for (let seen = 0; cursor.lane < plan.lanes && seen < CHUNKS_PER_CALL; ) {
    const { lane, after } = cursor;
    const { rows, more } = await services.lanes.chunksAfter(plan.undoneJobId, lane, after, CHUNKS_PER_READ);
    const counts = await mapParallel(rows, PARALLEL_CHUNKS, (chunk) => copyChunk(services, plan, lane, chunk));
    const found = { ...cursor.found };
    for (const [at, { table }] of rows.entries()) {
      const count = counts[at] ?? 0;
      if (count > 0) found[table] = (found[table] ?? 0) + count;
    }
    seen += Math.max(1, rows.length);
    cursor = more ? { lane, after: rows.at(-1)?.key ?? after, found } : { lane: lane + 1, after: '', found };
  }
  const total = Object.values(cursor.found).reduce((sum, count) => sum + count, 0);
  const isDone = cursor.lane >= plan.lanes;
  return { cursor: isDone ? undefined : JSON.stringify(cursor), found: total, byTable: cursor.found };
}

/** Gives how many records of the chunk there are to undo. */
async function copyChunk(
  { chunks, records }: Services,
  { jobId, undoneJobId, undoneAction }: PlanOf<'undo'>,
  lane: number,
  chunk: Chunk,
): Promise<number> {
  const { markers } = await findMarkers(records, undoneJobId, chunk);
  const changed = markers.flatMap((marker) =>
    marker.records
      .filter(({ outcome }) => outcome === 'written')
      .map(({ id, version, changes }): FoundRecord => {
        return { id, etag: '', version, ownerId: '', effect: 'change', links: [], logged: changes };
      }),
  );
  if (changed.length === 0) return 0;
  const partition = lanePartition(jobId, lane);
  const key = undoneAction === 'delete' ? reversedKey(chunk.key) : chunk.key;
  const { table, bucket } = chunk;
  const row = toChunkRow(partition, { key, table, bucket, records: changed });
  const written = await chunks.write([{ kind: 'insert', row }]);
  if (written.ok) return changed.length;
  const stored = await chunks.get<ChunkRow>(partition, key);
  return stored ? fromChunkRow(stored).records.length : 0;
}
