import { Problem } from '../../shared/problem.ts';
import { CDX_JOB_NAMES, type JobName } from '../../shared/runs/run.ts';

/** The CDX job that a path names. Throws Problem not-found. */
export function cdxJob(params: Readonly<Record<string, string>>): JobName {
  const job = CDX_JOB_NAMES.find((name) => name === params.job);
  if (job) return job;
  throw new Problem('cdx-job-unknown', { job: params.job ?? '' });
}
