import type { OrchestrationContext } from 'durable-functions';
import { callActivity, type Steps, waitSeconds } from '../activity.ts';
import { applyCustomers } from '../customer-sync/customer-sync-activities.ts';
import { changeBulkPage, failBulk } from './bulk-change-activities.ts';

/** Pages in one execution; the history of a longer one would slow down each turn. */
const MAX_PAGES_PER_EXECUTION = 50;
const BUSY_WAIT_SECONDS = 5;
/** With the waits it outlasts a dead worker's hold; after that the sync job has the customers in its queue. */
const MAX_BUSY_REPEATS = 8;

/** A bulk change of operations: its pages, one after the other. The instance's id is the bulk change's. */
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
