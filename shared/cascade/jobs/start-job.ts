/**
 * Making a job, in an order in which a crash at any point leaves something that a retry or reconciliation completes or
 * clears away: claims on the roots → job → orchestration. Working towards a job id that was reserved before, it may be
 * called again.
 */

import { Problem } from '../../problem.ts';
import { type CascadeRoot, rootsOf } from '../plans.ts';
import type { Job } from './job.ts';
import type { JobInstances } from './job-instances.ts';
import { STATUS } from './job-status.ts';
import type { JobStore } from './job-store.ts';
import type { RootClaims } from './root-claims.ts';

/** What making jobs works with. */
export interface JobPorts {
  readonly jobs: JobStore;
  readonly rootClaims: RootClaims;
  /** Ends a job that nobody works on any more; whether it has ended. Left out, that is reconciliation's. */
  readonly finishSync?: (job: Job) => Promise<boolean>;
}

/** Makes and starts a job, or finds it made. Throws Problem conflict, with `jobId`, while another job has its root. */
export async function startJob(ports: JobPorts, job: Job, instances: JobInstances): Promise<Job> {
  const made = (await ports.jobs.find(job.id)) ?? (await makeJob(ports, job));
  if (made.status === 'Waiting' && made.startedOn === null) await instances.start(made.id);
  return made;
}

/** Makes a job, or finds it made. Throws Problem conflict, with `jobId`, while another job has its root. */
export async function makeJob(ports: JobPorts, job: Job): Promise<Job> {
  const { jobs, rootClaims } = ports;
  await claimRoots(ports, job);
  const inserted = await jobs.insert(job);
  if (inserted === 'inserted') return job;
  const other = inserted === 'exists' ? await jobs.find(job.id) : undefined;
  if (!other || STATUS[other.status].ended) await freeRoots(rootClaims, job);
  if (other) return other;
  throw new Problem(
    'conflict',
    'This request took so long to begin that its root was given free again. Nothing was done: send it anew, with a new Idempotency-Key.',
  );
}

/** Claims all roots of a job, or none. Here a second cascade on a root is refused. */
export async function claimRoots(ports: JobPorts, job: Job): Promise<void> {
  for (const root of rootsOf(job.plan)) {
    const { holderId, holder } = await claimRoot(ports, job, root);
    if (holderId === job.id) continue;
    await freeRoots(ports.rootClaims, job);
    const [isAt, then] =
      holder?.status === 'Paused'
        ? ['is paused at', 'Read why in the job, then resume or cancel it']
        : ['is at work on', 'Wait for its end, or cancel it'];
    throw new Problem('conflict', `Job ${holderId} ${isAt} ${root.table} ${root.recordId}. ${then}.`, {
      extra: { jobId: holderId },
    });
  }
}

/** Claims a root, after a job that has ended, or can be ended, has given it up. Who has it now, and its job unless that is the one that asked. */
async function claimRoot(
  { jobs, rootClaims, finishSync }: JobPorts,
  job: Job,
  root: CascadeRoot,
): Promise<{ readonly holderId: string; readonly holder?: Job | undefined }> {
  for (;;) {
    const holderId = await rootClaims.claim(root, job.id, job.plan.createdOn);
    if (holderId === job.id) return { holderId };
    const holder = await jobs.find(holderId);
    if (!holder || !(STATUS[holder.status].ended || (await finishSync?.(holder)))) return { holderId, holder };
    await rootClaims.free(root, holderId);
  }
}

/** Gives up a job's claims. */
export async function freeRoots(rootClaims: RootClaims, { id, plan }: Job): Promise<void> {
  for (const root of rootsOf(plan)) await rootClaims.free(root, id);
}
