import type { Counts } from '../../shared/runs/run.ts';
import { callActivities, callActivity, waitSeconds } from '../activity.ts';
import { createRunLoop } from '../run-loop.ts';
import { applyCustomers, listPendingCustomers } from './customer-sync-activities.ts';
import { afterPage, begun, type CustomerSyncProgress, progressSchema } from './customer-sync-progress.ts';

const PAGES_PER_EXECUTION = 20;
const BUSY_WAIT_SECONDS = 5;

/**
 * The batch job "Synchronize customers and channel requests": goes through the queue of customers and applies what they have
 * waiting, some groups at a time; goes through it again when somebody has joined the run meanwhile.
 */
export const customerSync = createRunLoop<CustomerSyncProgress>({
  job: 'customer-sync',
  progress: progressSchema,
  stepsPerExecution: PAGES_PER_EXECUTION,
  countsOf: ({ applied, failed, held }): Counts => ({ applied, failed, held }),

  // biome-ignore lint/correctness/useYield: it has nothing to ask before it begins
  *begin(_context, task, so) {
    return begun(task, so);
  },

  *step(context, progress) {
    const { groups, next } = yield* callActivity(context, listPendingCustomers, { after: progress.after });
    const runId = context.df.instanceId;
    const inputs = groups.map((customers) => ({ runId, step: `${runId}|${progress.pages}`, customers }));
    const outcomes = yield* callActivities(context, applyCustomers, inputs);
    const decided = afterPage(progress, outcomes, next);
    if (decided.step === 'repeat') yield* waitSeconds(context, BUSY_WAIT_SECONDS);
    return { kind: decided.step === 'finish' ? 'done' : 'more', progress: decided.progress };
  },
});
