/** One batch of a lane: the unit that an activity carries. Privileges are checked once, then chunks are applied and noted. */
import { isTableName } from '../../catalogue/tables.ts';
import type { Settled } from '../../records/shares/settle-tree.ts';
import type { TombstoneIndex } from '../../records/tombstones.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import { ruleOf } from '../actions/rules.ts';
import { type Chunk, rankOfKey } from '../chunks/chunk-rows.ts';
import { type ChunkResult, failedOf, type LaneChunks, type ProgressRow, type Taken } from '../chunks/lane-chunks.ts';
import { countMarkers, findMarkers } from '../chunks/marker-rows.ts';
import type { CascadePlan } from '../plans.ts';
import { activeFor } from '../plugins/change-with-plugins.ts';
import type { BatchOutcome, CheckPrivileges } from '../ports.ts';
import { applyChunk } from './apply-chunk.ts';
import type { ApplyServices, BatchContext, ChunkOutcome } from './apply-ports.ts';
import { checkShared } from './check-shared.ts';
import { Inheriting } from './inherit-shares.ts';
import { noteTombstones } from './note-tombstones.ts';
import { settleLate } from './settle-late.ts';
import { findStillParents } from './still-parents.ts';

/** What applying a batch works with. */
export interface BatchServices extends ApplyServices {
  readonly lanes: LaneChunks;
  readonly tombstones: TombstoneIndex;
}

const NO_STILL_PARENTS: ReadonlySet<string> = new Set();
/** Chunks whose results are noted in one transaction; so many are lost to no one if a crash comes before it. */
const CHUNKS_PER_NOTE = 24;
/** How far behind the first open chunk one that is applied but not noted can lie. */
const MAX_CHUNKS = 96;

/** Applies up to `chunks` (1 to 96) further chunks of a lane; after `limitMs` it begins no further one. */
export async function applyBatch(
  services: BatchServices,
  plan: CascadePlan,
  lane: number,
  chunks: number,
  check: CheckPrivileges,
  limitMs = Number.POSITIVE_INFINITY,
): Promise<BatchOutcome> {
  const startedMs = services.now();
  const elapsed = () => services.now() - startedMs;
  const mayBegin = timeLimit(elapsed, limitMs);
  const total = { ...NO_COUNTS };
  try {
    const limit = Math.min(chunks, MAX_CHUNKS);
    const taken = await services.lanes.take(plan.jobId, lane, limit);
    const open = taken.open.slice(0, limit);
    if (open.length === 0) {
      const settled = await settleLate(services, plan, lane, taken.progress);
      return { kind: 'applied', ...total, drained: true, settled, durationMs: elapsed() };
    }
    requireTables(plan, open);
    const { refused, ownTables } = await checkShared(services.recordStore, plan, check, open);
    if (refused) return refused;
    const active = await activeFor(services.plugins, plan);
    const batch = { plan, check, ownTables, active };
    const { end, settled, last } = await applyOpen(services, batch, { lane, taken, open, mayBegin }, total);
    if (end?.kind === 'transient') return { ...end, durationMs: elapsed() };
    if (end && end.kind !== 'barred') return end;
    const isDone = taken.open.length <= limit && total.chunks === open.length;
    const late = isDone ? await settleLate(services, plan, lane, last.progress) : [];
    const drained = end?.kind === 'barred' || isDone;
    return { kind: 'applied', ...total, drained, settled: [...settled, ...late], durationMs: elapsed() };
  } catch (error) {
    if (error instanceof StorageUnavailable) return { kind: 'transient', text: error.message, durationMs: elapsed() };
    throw error;
  }
}

const NO_COUNTS = { chunks: 0, done: 0, skipped: 0, failed: 0, records: 0 };
type Counts = typeof NO_COUNTS;

/** The chunks of a batch, and whether its time allows to begin another. */
interface Open {
  readonly lane: number;
  readonly open: readonly Chunk[];
  readonly taken: Taken;
  readonly mayBegin: () => boolean;
}

/** Applies chunks group by group and counts them; ends early with what stands in the way, or when time is up. */
async function applyOpen(
  services: BatchServices,
  batch: Omit<BatchContext, 'stillParents' | 'inheriting'>,
  { lane, open, taken: first, mayBegin }: Open,
  total: Counts,
): Promise<Applied> {
  const { plan } = batch;
  const { tables } = services.recordStore;
  let last = first;
  const settled: Settled[] = [];
  for (const group of cutGroups(plan, open)) {
    const { progress } = last;
    // What is above a record that failed can't follow; the job pauses, and goes on when that is dealt with.
    if (isBarred(plan, progress, group)) return { end: { kind: 'barred' }, settled, last };
    const stillParents =
      progress.passed && ruleOf(plan).fences ? await findStillParents(services.recordStore, group) : NO_STILL_PARENTS;
    if (ruleOf(plan).fences) await noteTombstones(services, plan, group, new Date(services.now()).toISOString());
    // Lanes beside this one may have changed what is above.
    const isNear = (progress.shares ?? 0) > 0 || plan.lanes > 1;
    const inheriting = new Inheriting(tables, plan, isNear);
    const { results, trouble } = await applyGroup(services, { ...batch, stillParents, inheriting }, group, mayBegin);
    settled.push(...(await inheriting.settleMoved()));
    last = await services.lanes.note(plan.jobId, lane, last, results);
    addCounts(total, results);
    if (trouble) return { end: trouble, settled, last };
    // Nothing above what was left open may be begun.
    if (results.length < group.length) break;
  }
  return { end: undefined, settled, last };
}

/** How applying came to its end: what stands in the way, what was put right beside, and where the lane stands. */
interface Applied {
  readonly end: Exclude<ChunkOutcome, { kind: 'applied' }> | { readonly kind: 'barred' } | undefined;
  readonly settled: readonly Settled[];
  readonly last: Taken;
}

/** Whether another chunk may be begun. The first always may: otherwise a lane on slow storage would never come to its end. */
function timeLimit(elapsed: () => number, limitMs: number): () => boolean {
  let begun = 0;
  return () => begun++ === 0 || elapsed() < limitMs;
}

/** Chunks that may be applied at the same time: where levels wait for one another, those of one rank. */
function cutGroups(plan: CascadePlan, open: readonly Chunk[]): Chunk[][] {
  const isOrdered = ruleOf(plan).order !== 'rootFirst';
  return groupBy(open, ({ key }) => (isOrdered ? rankOfKey(key) : ''), CHUNKS_PER_NOTE);
}

function isBarred(plan: CascadePlan, progress: ProgressRow, [first]: readonly Chunk[]): boolean {
  if (ruleOf(plan).order !== 'deepestFirst' || !first || failedOf(progress) === 0) return false;
  return rankOfKey(first.key) > (progress.failedRank ?? '');
}

/** Notes chunks that earlier batches applied and, being cut off, didn't note; applies nothing. False: there may be more. */
export async function noteApplied(services: BatchServices, plan: CascadePlan, lane: number): Promise<boolean> {
  const taken = await services.lanes.take(plan.jobId, lane, MAX_CHUNKS);
  const results = await mapParallel(taken.open.slice(0, MAX_CHUNKS), MAX_PARALLEL, async (chunk) => {
    const { markers, open } = await findMarkers(services.recordStore, plan.jobId, chunk);
    return open.length === 0 ? [{ chunk, ...countMarkers(markers) }] : [];
  });
  const applied = results.flat();
  await services.lanes.note(plan.jobId, lane, taken, applied);
  return applied.length === 0 || applied.length === taken.open.length;
}

function addCounts(total: Counts, results: readonly ChunkResult[]): void {
  total.chunks += results.length;
  for (const { done, skipped, failing } of results) {
    total.done += done;
    total.skipped += skipped;
    total.failed += failing.length;
    total.records += done + skipped + failing.length;
  }
}

/** Applies chunks in order, several at a time; after trouble, or when time is up, no further one is begun. */
async function applyGroup(
  services: BatchServices,
  batch: BatchContext,
  group: readonly Chunk[],
  mayBegin: () => boolean,
): Promise<{ results: ChunkResult[]; trouble: Exclude<ChunkOutcome, { kind: 'applied' }> | undefined }> {
  const troubles: Exclude<ChunkOutcome, { kind: 'applied' }>[] = [];
  const results = await mapParallel(group, parallelChunks(batch.plan), async (chunk) => {
    if (troubles.length > 0 || !mayBegin()) return [];
    const outcome = await applyChunk(services, batch, chunk);
    if (outcome.kind === 'applied') return [{ chunk, ...outcome }];
    troubles.push(outcome);
    return [];
  });
  return { results: results.flat(), trouble: worstOf(troubles) };
}

/** Transactions of a job that are under way at the same time, over all its lanes. More gain little and delay other jobs. */
function parallelChunks({ lanes }: CascadePlan): number {
  return Math.max(1, Math.floor(MAX_PARALLEL / lanes));
}

/** The trouble that counts for the whole batch: what no new try will help before what one may. */
function worstOf<T extends { readonly kind: string }>(troubles: readonly T[]): T | undefined {
  return ['broken', 'security', 'transient']
    .map((kind) => troubles.find((trouble) => trouble.kind === kind))
    .find((trouble) => trouble !== undefined);
}

function requireTables({ jobId }: CascadePlan, chunks: readonly Chunk[]): void {
  for (const { table } of chunks) {
    if (isTableName(table)) continue;
    throw new Error(`Job ${jobId} holds records of ${String(table)}, which is no table any more`);
  }
}
