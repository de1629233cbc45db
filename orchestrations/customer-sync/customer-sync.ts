/**
 * The batch job "Synchronize customers and channel requests": goes through the queue of customers and applies what they have
 * waiting, some groups at a time; goes through it again when customers were busy, or when somebody has joined the run.
 */
import { app } from 'durable-functions';
import type { ApplyJob } from '../../shared/customers/apply/apply-job.ts';
import {
  afterPage,
  begun,
  type CustomerSyncProgress,
  customerSyncProgressSchema,
} from '../../shared/customers/apply/sync-progress.ts';
import { type Counts, JOBS } from '../../shared/runs/run.ts';
import { callActivities, callActivity, waitSeconds } from '../activity.ts';
import { registerActivity } from '../register-activity.ts';
import { createRunLoop } from '../runs/run-loop.ts';
import { applyCustomers, createCustomerSyncActivities, listPendingCustomers } from './customer-sync-activities.ts';

const PAGES_PER_EXECUTION = 20;
const BUSY_WAIT_SECONDS = 5;

/** Tells the Functions runtime of the orchestration and its activities. To be called once, at the start. */
export function registerCustomerSync({ applyJob }: { readonly applyJob: ApplyJob }): void {
  const activities = createCustomerSyncActivities(applyJob);
  registerActivity(listPendingCustomers, activities.listPendingCustomers);
  registerActivity(applyCustomers, activities.applyCustomers);
  app.orchestration(JOBS['customer-sync'].orchestration, customerSync);
}

/** The orchestrator: a page of the queue after the other. */
export const customerSync = createRunLoop<CustomerSyncProgress>({
  job: 'customer-sync',
  progress: customerSyncProgressSchema,
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
