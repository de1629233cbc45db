/**
 * A cascade within the request that asks for it: the same job row, claim and change log as any other, and a transaction in
 * place of the orchestration. The transaction's state decides how the job has ended; the job's row follows it, by the
 * request itself or, if that dies, by the next one or by reconciliation.
 */

import { Problem } from '../../problem.ts';
import type { CascadeRecords, SyncCascades, SyncOptions } from '../ports.ts';
import type { EndCounts, Job } from './job.ts';
import { STATUS } from './job-status.ts';
import type { JobStore } from './job-store.ts';
import { type JobEvent, NONE_FAILING, transition } from './job-transitions.ts';
import { sumLanes } from './progress.ts';
import { freeRoots, type JobPorts, makeJob } from './start-job.ts';

/** What synchronous jobs work with. */
export interface SyncJobPorts extends JobPorts {
  readonly sync: SyncCascades;
  readonly cascadeRecords: Pick<CascadeRecords, 'progress' | 'noteApplied'>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Runs a new job to its end. Throws the Problem that stood in its way, with the job's id: everything is as it was then, and
 * the job is Failed. After a fault of storage the job may still be under way.
 */
export async function runSyncJob(
  ports: SyncJobPorts,
  job: Job,
  options: Omit<SyncOptions, 'onIdentified'>,
): Promise<Job> {
  const begun = transition(job, { type: 'run', processed: 0 }, timeOf(ports));
  if (!begun) throw new Error(`Job ${job.id} is ${job.status} and can't run`);
  const made = await makeJob(ports, begun);
  const onIdentified: SyncOptions['onIdentified'] = async (totalByTable) => {
    const total = Object.values(totalByTable).reduce((sum, count) => sum + count, 0);
    await change(ports, made.id, { type: 'found', from: null, cursor: null, total, totalByTable });
  };
  try {
    const counts = await ports.sync.run(made.plan, { ...options, onIdentified });
    return await end(ports, made, { type: 'drained', counts, failing: NONE_FAILING });
  } catch (error) {
    // What failed may have been no more than the answer to the commit.
    if ((await ports.sync.end(made.plan)) === 'committed') return complete(ports, made);
    await end(ports, made, { type: 'broken', text: error instanceof Problem ? error.message : ROLLED_BACK });
    // A refusal that names no other job names this one, under which it can be read up.
    throw error instanceof Problem ? error.also({ jobId: made.id }) : error;
  }
}

/** Brings the row of a synchronous job that nobody works on any more to its end; undefined while somebody may. */
export async function finishSyncJob(
  ports: Omit<SyncJobPorts, 'sync'> & { readonly sync: Pick<SyncCascades, 'stateOf'> },
  job: Job,
): Promise<Job | undefined> {
  if (STATUS[job.status].ended) return job;
  const state = await ports.sync.stateOf(startOf(job));
  if (state === 'running') return undefined;
  if (state === 'committed') return complete(ports, job);
  return end(ports, job, { type: 'broken', text: ROLLED_BACK });
}

/** What ends a synchronous job that stands in the way although nobody works on it any more. */
export function createFinishSync(ports: Parameters<typeof finishSyncJob>[0]): NonNullable<JobPorts['finishSync']> {
  return async (job) => job.mode === 'sync' && (await finishSyncJob(ports, job)) !== undefined;
}

/** When its request began to work on it, for those who ask how it stands. */
function startOf({ id, startedOn, plan }: Job): { readonly jobId: string; readonly startedOn: string } {
  return { jobId: id, startedOn: startedOn ?? plan.createdOn };
}

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

type EndPorts = Omit<SyncJobPorts, 'sync'>;

const ROLLED_BACK =
  'Its request was cut off before the commit, as the host or storage failed; everything is as it was before. Rerun the job.';

/** The end of a job whose transaction is committed: its markers tell the counts. */
async function complete(ports: EndPorts, job: Job): Promise<Job> {
  const { plan } = job;
  for (let lane = 0; lane < plan.lanes; lane++) {
    for (let isDone = false; !isDone; ) isDone = await ports.cascadeRecords.noteApplied(plan, lane);
  }
  const counts: EndCounts = sumLanes(await ports.cascadeRecords.progress(plan));
  return end(ports, job, { type: 'drained', counts, failing: NONE_FAILING });
}

async function end(ports: EndPorts, job: Job, event: JobEvent): Promise<Job> {
  const ended = await change(ports, job.id, event);
  await freeRoots(ports.rootClaims, job);
  return ended;
}

async function change({ jobs, now }: EndPorts, id: string, event: JobEvent): Promise<Job> {
  const on = new Date(now()).toISOString();
  const changed = await jobs.change(id, (job) => {
    const next = STATUS[job.status].ended ? undefined : transition(job, event, on);
    return next && { job: next };
  });
  if (!changed) throw new Error(`There is no job ${id}`);
  return changed.job;
}

function timeOf({ now }: Pick<SyncJobPorts, 'now'>): string {
  return new Date(now()).toISOString();
}
