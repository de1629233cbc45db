import { mapParallel } from '../../storage/parallel.ts';
import type { CascadeRecords } from '../ports.ts';
import type { EndCounts, Job } from './job.ts';
import { NO_COUNTS, sumLanes } from './progress.ts';

/** What a job has done by now: as it ended with, or as its lanes say. Before the walk is done nothing is. */
export async function countRecords(records: Pick<CascadeRecords, 'progress'>, job: Job): Promise<EndCounts> {
  if (job.endCounts) return job.endCounts;
  return hasLanes(job) ? sumLanes(await records.progress(job.plan)) : NO_COUNTS;
}

/** The same, with the lanes first counting what a batch that was cut off has left uncounted. For a job that rests or ends. */
export async function countSettled(
  records: Pick<CascadeRecords, 'progress' | 'applyBatch'>,
  job: Job,
): Promise<EndCounts> {
  if (hasLanes(job) && !job.endCounts) {
    const lanes = Array.from({ length: job.plan.lanes }, (_, lane) => lane);
    await mapParallel(lanes, lanes.length, (lane) => records.applyBatch(job.plan, lane, 0, async () => undefined));
  }
  return countRecords(records, job);
}

/** A job that ended during its walk keeps the phase of the walk. */
function hasLanes({ phase }: Job): boolean {
  return phase !== 'identifying';
}
