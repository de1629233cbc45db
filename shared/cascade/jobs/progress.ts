/** What a job has done by now. */
import { mapParallel } from '../../storage/parallel.ts';
import type { CascadeRecords, LaneProgress, TableCounts } from '../ports.ts';
import type { EndCounts, Job } from './job.ts';

/** Nothing done. */
export const NO_COUNTS: EndCounts = { done: 0, failed: 0, skipped: 0, byTable: {}, heartbeatOn: null };

/** What a job has done: as it ended with, or as its lanes say. Nothing before all is identified. */
export async function countRecords(cascadeRecords: Pick<CascadeRecords, 'progress'>, job: Job): Promise<EndCounts> {
  if (job.endCounts) return job.endCounts;
  return hasLanes(job) ? sumLanes(await cascadeRecords.progress(job.plan)) : NO_COUNTS;
}

/** The same, after each lane has counted what a batch that was cut off left uncounted. For a job that rests or ends. */
export async function noteAndCount(
  cascadeRecords: Pick<CascadeRecords, 'progress' | 'noteApplied'>,
  job: Job,
): Promise<EndCounts> {
  if (hasLanes(job) && !job.endCounts) {
    const lanes = Array.from({ length: job.plan.lanes }, (_, lane) => lane);
    await mapParallel(lanes, lanes.length, (lane) => cascadeRecords.noteApplied(job.plan, lane));
  }
  return countRecords(cascadeRecords, job);
}

/** A job that ended while it was identifying keeps that phase. */
function hasLanes({ phase }: Job): boolean {
  return phase !== 'identifying';
}

/** What the lanes of a job have done together. */
export function sumLanes(lanes: readonly LaneProgress[]): EndCounts {
  return lanes.reduce<EndCounts>(
    (sum, lane) => ({
      done: sum.done + lane.done,
      failed: sum.failed + lane.failed,
      skipped: sum.skipped + lane.skipped,
      byTable: sumTables(sum.byTable, lane.byTable),
      heartbeatOn: latest(sum.heartbeatOn, lane.heartbeatOn || null),
    }),
    NO_COUNTS,
  );
}

/** The later of two times (ISO 8601 UTC); null counts as never. */
export function latest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

/** Records that are dealt with, whatever came of them. */
export function processedOf({ done, failed, skipped }: EndCounts): number {
  return done + failed + skipped;
}

function sumTables(a: EndCounts['byTable'], b: EndCounts['byTable']): EndCounts['byTable'] {
  const sum: Record<string, Omit<TableCounts, 'total'>> = { ...a };
  for (const [table, { done, failed, skipped }] of Object.entries(b)) {
    const before = sum[table] ?? { done: 0, failed: 0, skipped: 0 };
    sum[table] = {
      done: before.done + done,
      failed: before.failed + failed,
      skipped: before.skipped + skipped,
    };
  }
  return sum;
}
