/** A bulk change of operations: its pages, one after the other, and again those customers that another worker had. */
import { app, type OrchestrationContext } from 'durable-functions';
import type { BulkJob } from '../../shared/customers/bulk/bulk-job.ts';
import { callActivity, type Steps, waitSeconds } from '../activity.ts';
import { applyCustomers } from '../customer-sync/customer-sync-activities.ts';
import { registerActivity } from '../register-activity.ts';
import { changeBulkPage, createBulkChangeActivities, failBulk } from './bulk-change-activities.ts';

/** Pages in one execution; the history of a longer one would slow down each turn. */
const MAX_PAGES_PER_EXECUTION = 50;
const BUSY_WAIT_SECONDS = 5;
/** With the waits it outlasts a dead worker's hold; after that the sync job has the customers in its queue. */
const MAX_BUSY_REPEATS = 8;

/** Tells the Functions runtime of the orchestration and its activities. To be called once, at the start. */
export function registerBulkChange({ bulkJob }: { readonly bulkJob: BulkJob }): void {
  const activities = createBulkChangeActivities(bulkJob);
  registerActivity(changeBulkPage, activities.changeBulkPage);
  registerActivity(failBulk, activities.failBulk);
  app.orchestration('bulkChange', bulkChange);
}

/** The orchestrator; the instance's id is the bulk change's. */
export function* bulkChange(context: OrchestrationContext): Steps<unknown> {
  const bulkId = context.df.instanceId;
  try {
    for (let page = 0; page < MAX_PAGES_PER_EXECUTION; page++) {
      const { done, busy } = yield* callActivity(context, changeBulkPage, { bulkId });
      if (busy.length > 0) yield* applyAgain(context, bulkId, busy);
      if (done) return 'done';
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    yield* callActivity(context, failBulk, { bulkId, error: message });
    throw error;
  }
  context.df.continueAsNew(null);
  return undefined;
}

/** Applies customers that another worker had, until it has let go of them. */
function* applyAgain(context: OrchestrationContext, bulkId: string, customers: string[]): Steps<void> {
  for (let repeat = 0; repeat < MAX_BUSY_REPEATS; repeat++) {
    yield* waitSeconds(context, BUSY_WAIT_SECONDS);
    const input = { runId: bulkId, step: `${bulkId}|again`, customers };
    const { busy } = yield* callActivity(context, applyCustomers, input);
    if (busy === 0) return;
  }
}
