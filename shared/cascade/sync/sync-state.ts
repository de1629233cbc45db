import type { TransactionStore } from '../../transactions/transaction-store.ts';
import type { SyncCascades } from './sync-ports.ts';

/** From making a job to the first row of its transaction. Who is slower than that is refused, and has changed nothing. */
const BEGIN_GRACE_MS = 20_000;

/** Tells how runs have ended, or whether they may still go on; one that has had its time is ended by that. */
export function createSyncState(
  transactions: Pick<TransactionStore, 'status' | 'abort'>,
  now: () => number,
): SyncCascades['stateOf'] {
  return async ({ jobId, startedOn }) => {
    const status = await transactions.status(jobId);
    if (!status && now() - Date.parse(startedOn) < BEGIN_GRACE_MS) return 'running';
    if (status?.state === 'pending' && !status.isLate) return 'running';
    return transactions.abort(jobId);
  };
}
