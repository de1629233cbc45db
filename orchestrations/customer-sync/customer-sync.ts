import type { OrchestrationContext } from 'durable-functions';
import type { JobName } from '../../shared/runs/run.ts';
import { callActivities, callActivity, type Steps, waitSeconds } from '../activity.ts';
import { beginRun, finishRun, reportingFailure } from '../run-activities.ts';
import { applyCustomers, listPendingCustomers } from './customer-sync-activities.ts';
import { afterPage, begun, type Progress, progressSchema } from './customer-sync-progress.ts';

const JOB: JobName = 'customer-sync';
/** Pages of the queue in one execution; the history of a longer run would slow down each turn. */
const MAX_PAGES_PER_EXECUTION = 20;
const BUSY_WAIT_SECONDS = 5;

/**
 * The batch job "Synchronize customers and channel requests": walks the queue of customers and applies what they have
 * waiting, some groups at a time; walks it again when somebody has joined the run meanwhile. The instance's id is the run's.
 */
export function* customerSync(context: OrchestrationContext): Steps<unknown> {
  return yield* reportingFailure(context, JOB, synchronize(context));
}

function* synchronize(context: OrchestrationContext): Steps<unknown> {
  const runId = context.df.instanceId;
  const first = yield* firstProgress(context, runId);
  if (!first) return 'not a run';
  let progress: Progress = first;
  for (let page = 0; page < MAX_PAGES_PER_EXECUTION; page++) {
    context.df.setCustomStatus(countsOf(progress));
    const { groups, next } = yield* callActivity(context, listPendingCustomers, { after: progress.after });
    const inputs = groups.map((customers) => ({ runId, step: `${runId}|${progress.pages}`, customers }));
    const outcomes = yield* callActivities(context, applyCustomers, inputs);
    const decided = afterPage(progress, outcomes, next);
    progress = decided.progress;
    if (decided.step === 'repeat') yield* waitSeconds(context, BUSY_WAIT_SECONDS);
    if (decided.step !== 'finish') continue;
    const { requests } = progress;
    const { turn } = yield* callActivity(context, finishRun, { job: JOB, runId, requests, counts: countsOf(progress) });
    context.df.setCustomStatus(countsOf(progress));
    if (!turn) return countsOf(progress);
    progress = begun(turn, progress);
  }
  context.df.continueAsNew(progress);
  return undefined;
}

function* firstProgress(context: OrchestrationContext, runId: string): Steps<Progress | undefined> {
  const continued = progressSchema.safeParse(context.df.getInput());
  if (continued.success) return continued.data;
  const { turn } = yield* callActivity(context, beginRun, { job: JOB, runId });
  return turn ? begun(turn) : undefined;
}

function countsOf({ applied, failed, held }: Progress): { applied: number; failed: number; held: number } {
  return { applied, failed, held };
}
