/**
 * Brings what three stores hold of a job (its claim, its row, its orchestration) together again after a crash between
 * them. The claims are the list of jobs that haven't ended. Every step may be repeated, by several hosts at once.
 */

import type { CascadeRecords, SyncCascades } from '../ports.ts';
import type { Job } from './job.ts';
import type { JobInstances } from './job-instances.ts';
import { STATUS } from './job-status.ts';
import { transition } from './job-transitions.ts';
import { noteAndCount } from './progress.ts';
import type { RootClaim } from './root-claims.ts';
import { finishSyncJob } from './run-sync-job.ts';
import type { JobPorts } from './start-job.ts';

/** A job has so long from its claim to its row. */
export const CLAIM_GRACE_MS = 2 * 60 * 1000;
/** A job has so long from its row to its orchestration. */
export const START_GRACE_MS = 10 * 1000;

/** What reconciliation works with. */
export interface ReconcilePorts extends JobPorts {
  readonly cascadeRecords: Pick<CascadeRecords, 'progress' | 'noteApplied'>;
  readonly sync: Pick<SyncCascades, 'stateOf'>;
  /** Whether the setting `pauseAllJobs` holds. */
  readonly areJobsPaused: () => Promise<boolean>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** What was done to how many jobs. */
export interface Reconciled {
  readonly freed: number;
  readonly started: number;
  readonly woken: number;
  readonly ended: number;
}

/** Looks at every claim once. One that fails doesn't keep the others from being looked at; the first failure is thrown after. */
export async function reconcileJobs(ports: ReconcilePorts, instances: JobInstances): Promise<Reconciled> {
  const done = { freed: 0, started: 0, woken: 0, ended: 0 };
  const failures: unknown[] = [];
  const allPaused = await ports.areJobsPaused();
  for await (const claim of ports.rootClaims.all()) {
    try {
      const what = await reconcile(ports, instances, claim, allPaused);
      if (what) done[what]++;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return done;
}

async function reconcile(
  ports: ReconcilePorts,
  instances: JobInstances,
  claim: RootClaim,
  allPaused: boolean,
): Promise<keyof Reconciled | undefined> {
  const job = await ports.jobs.find(claim.jobId);
  if (!job) {
    if (ports.now() - Date.parse(claim.claimedOn) < CLAIM_GRACE_MS) return undefined;
    if (!(await ports.jobs.abandon(claim.jobId))) return undefined;
    await ports.rootClaims.free(claim, claim.jobId);
    return 'freed';
  }
  if (STATUS[job.status].ended) {
    await ports.rootClaims.free(claim, job.id);
    return 'freed';
  }
  if (job.mode === 'sync') return (await finishSyncJob(ports, job)) ? 'ended' : undefined;
  const state = await instances.state(job.id);
  if (state === 'alive') return wakeIfDue(instances, job, allPaused);
  if (job.status === 'Waiting' && state === 'none') {
    if (ports.now() - Date.parse(job.plan.createdOn) < START_GRACE_MS) return undefined;
    await instances.start(job.id);
    return 'started';
  }
  return (await endBroken(ports, claim, job)) ? 'ended' : undefined;
}

/** An orchestration that rests although its job wants something has missed its event. */
async function wakeIfDue(instances: JobInstances, job: Job, allPaused: boolean): Promise<'woken' | undefined> {
  const restsRightly = job.status === 'Paused' || (job.status === 'Waiting' && allPaused);
  if (!job.idle || restsRightly) return undefined;
  await instances.wake(job.id);
  return 'woken';
}

/** The orchestration ends only after its job; `change` looks again whether that has happened meanwhile. */
async function endBroken({ jobs, rootClaims, cascadeRecords, now }: ReconcilePorts, claim: RootClaim, stored: Job) {
  const { id } = stored;
  await noteAndCount(cascadeRecords, stored);
  const text =
    'Its orchestration is gone or has failed. Finished records keep their new value; run it again for the rest.';
  const on = new Date(now()).toISOString();
  const changed = await jobs.change(id, (job) => {
    const broken = transition(job, { type: 'broken', text }, on);
    return broken && { job: broken };
  });
  if (!changed || !STATUS[changed.job.status].ended) return false;
  await rootClaims.free(claim, id);
  return true;
}
