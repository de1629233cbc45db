import { mapParallel } from '../../storage/parallel.ts';
import type { CascadeRecords } from '../ports.ts';
import type { EndCounts, Job } from './job.ts';
import { NO_COUNTS, sumLanes } from './progress.ts';

/** What a job has done by now: as it ended with, or as its lanes say. Nothing before all is identified. */
export async function countRecords(cascadeRecords: Pick<CascadeRecords, 'progress'>, job: Job): Promise<EndCounts> {
  if (job.endCounts) return job.endCounts;
  return hasLanes(job) ? sumLanes(await cascadeRecords.progress(job.plan)) : NO_COUNTS;
}

/** The same, with the lanes first counting what a batch that was cut off has left uncounted. For a job that rests or ends. */
export async function noteAndCount(
  cascadeRecords: Pick<CascadeRecords, 'progress' | 'applyBatch'>,
  job: Job,
): Promise<EndCounts> {
  if (hasLanes(job) && !job.endCounts) {
    const lanes = Array.from({ length: job.plan.lanes }, (_, lane) => lane);
    await mapParallel(lanes, lanes.length, (lane) =>
      cascadeRecords.applyBatch(job.plan, lane, 0, async () => undefined),
    );
  }
  return countRecords(cascadeRecords, job);
}

/** A job that ended while it was identifying keeps that phase. */
function hasLanes({ phase }: Job): boolean {
  return phase !== 'identifying';
}
