import type { TimerDurableClientHandler } from 'durable-functions';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { type ReconcilePorts, reconcileJobs } from '../../shared/cascade/jobs/reconcile-jobs.ts';
import { finishAbandoned, type TransactionServices } from '../../shared/transactions/finish-transaction.ts';

/** Each minute. It runs also while the setting `timersEnabled` is off, for it only mends what a crash has left. */
export const RECONCILE_SCHEDULE = '0 * * * * *';

/** The timer `reconcileJobs`: looks after transactions and jobs that a crash has left half made, or without their orchestration. */
export function createReconcileJobs(ports: ReconcilePorts & TransactionServices): TimerDurableClientHandler {
  return async (_timer, client, context) => {
    const finished = await finishAbandoned(ports);
    if (finished > 0) context.log(`Transactions: ${finished} finished.`);
    const done = await reconcileJobs(
      ports,
      jobInstances(client, (message) => context.warn(message)),
    );
    const told = Object.entries(done).filter(([, count]) => count > 0);
    if (told.length > 0) context.log(`Jobs: ${told.map(([what, count]) => `${count} ${what}`).join(', ')}.`);
  };
}
