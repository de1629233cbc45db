import type { SyncCascades } from '../sync/sync-ports.ts';
import { STATUS } from './job-status.ts';
import type { JobStore } from './job-store.ts';
import { startOf } from './run-sync-job.ts';

/** Whether a job's fences still hold: they do until it has ended. A synchronous one that has had its time is ended by that. */
export function createFenceHolds(
  jobs: Pick<JobStore, 'find'>,
  stateOf: SyncCascades['stateOf'],
): (jobId: string) => Promise<boolean> {
  return async (jobId) => {
    const job = await jobs.find(jobId);
    if (!job || STATUS[job.status].ended) return false;
    return job.mode === 'async' || (await stateOf(startOf(job))) === 'running';
  };
}
