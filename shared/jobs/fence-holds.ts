import { STATUS } from './job-status.ts';
import type { JobStore } from './job-store.ts';

/** Whether a job's fences still hold: they do until it has ended. */
export function createFenceHolds(jobs: Pick<JobStore, 'find'>): (jobId: string) => Promise<boolean> {
  return async (jobId) => {
    const job = await jobs.find(jobId);
    return job !== undefined && !STATUS[job.status].ended;
  };
}
