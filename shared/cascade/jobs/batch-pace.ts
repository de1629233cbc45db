/**
 * How fast a job may go: the size of its batches, adapted to a target duration, and whether too many of them fail. Pure.
 * It is advice: a change that is lost only means that the job adapts a batch later.
 */
import { z } from 'zod';

/** What is stored of a job's pace. */
export const batchPaceSchema = z.object({
  /** The round that it holds for; a new round begins with no failures and keeps the size. */
  round: z.number(),
  /** Chunks in a batch; fractions count towards growth. */
  chunks: z.number(),
  /** Moving average of the time that a chunk takes, in milliseconds; null while nothing is known. */
  msPerChunk: z.number().nullable(),
  /** The latest steps over all lanes, oldest first: `.` went well, `x` failed. */
  recent: z.string(),
  /** Whether storage was busy during the latest step. */
  isBusy: z.boolean(),
});
export type BatchPace = Readonly<z.infer<typeof batchPaceSchema>>;

/** What a step was like. */
export interface PacedStep {
  readonly failed: boolean;
  /** Whether storage said meanwhile that it is busy, or didn't answer in time. */
  readonly busy: boolean;
  /** The chunks that the batch finished, and its duration, where its lane had more; otherwise it tells nothing about the size. */
  readonly measured?: { readonly chunks: number; readonly durationMs: number } | undefined;
}

/** As many as a job has under way at a time: on slow storage fewer take as long, and there are more batches to pay for. */
const MIN_CHUNKS = 8;
const MAX_CHUNKS = 40;
/** A batch of some 2,400 records, so that turns are few. Where storage is slow a batch ends before, when its time is up. */
const FIRST_CHUNKS = 24;
/** Records of a full chunk. */
const RECORDS_PER_CHUNK = 99;
/** Weight of the latest batch in the average. */
const SMOOTHING = 0.4;
/** What a batch costs beside its own work: an activity of the Functions host takes 25 to 60 ms to begin and to end. */
const HOST_MS = 60;
/** A batch whose own work takes less isn't worth that: more than a fifth of the time would be the host's. */
const WORTHWHILE_MS = 4 * HOST_MS;
/** Batches aim a little below the target, so that they seldom exceed it. */
const AIM = 0.95;
/** A batch grows by so much at most; it may shrink by any factor, down to what is worthwhile. */
const MAX_GROWTH = 1.2;
/** What is left of the size after a batch that met busy storage and got through, or failed. */
const BUSY_FACTOR = 0.75;
const BUSY_FAILURE_FACTOR = 0.5;

/** The circuit breaker looks at so many steps, and trips when so many of them failed. */
const BREAKER_STEPS = 20;
const BREAKER_FAILURES = 10;

/** The pace of a job that hasn't had a step. */
export const FIRST_PACE: BatchPace = { round: 0, chunks: FIRST_CHUNKS, msPerChunk: null, recent: '', isBusy: false };

/** The pace for a round: what was learnt about the size stays. */
export function paceOfRound(pace: BatchPace, round: number): BatchPace {
  return pace.round === round ? pace : { ...pace, round, recent: '', isBusy: false };
}

/** The pace after a step that aimed at a duration. */
export function paceAfter(pace: BatchPace, { failed, busy, measured }: PacedStep, targetMs: number): BatchPace {
  const recent = `${pace.recent}${failed ? 'x' : '.'}`.slice(-BREAKER_STEPS);
  const next = { ...pace, recent, isBusy: busy };
  if (busy) {
    const factor = failed ? BUSY_FAILURE_FACTOR : BUSY_FACTOR;
    return { ...next, chunks: resized(pace, pace.chunks * factor) };
  }
  if (failed || !measured || measured.chunks <= 0) return next;
  const ms = measured.durationMs / measured.chunks;
  const msPerChunk = pace.msPerChunk === null ? ms : SMOOTHING * ms + (1 - SMOOTHING) * pace.msPerChunk;
  const wanted = msPerChunk > 0 ? (AIM * targetMs - HOST_MS) / msPerChunk : Number.POSITIVE_INFINITY;
  return { ...next, msPerChunk, chunks: resized({ ...pace, msPerChunk }, wanted) };
}

/** The size nearest to what is wanted that growth, worth and the bounds allow. */
function resized({ chunks, msPerChunk }: BatchPace, wanted: number): number {
  const worthwhile = msPerChunk === null ? MIN_CHUNKS : WORTHWHILE_MS / msPerChunk;
  const least = Math.min(chunks, worthwhile);
  return Math.min(Math.max(Math.min(wanted, chunks * MAX_GROWTH), least, MIN_CHUNKS), MAX_CHUNKS);
}

/** Chunks that the next batch takes. */
export function chunksOf({ chunks }: BatchPace): number {
  return Math.floor(chunks);
}

/** Most records that the next batch changes. */
export function batchSizeOf(pace: BatchPace): number {
  return chunksOf(pace) * RECORDS_PER_CHUNK;
}

/** How many of the latest steps failed, when these are so many that the job is better paused; undefined otherwise. */
export function trippedBy({ recent }: BatchPace): { readonly failed: number; readonly of: number } | undefined {
  const failed = recent.replaceAll('.', '').length;
  return recent.length >= BREAKER_STEPS && failed >= BREAKER_FAILURES ? { failed, of: recent.length } : undefined;
}
