import { TombstoneIndex } from '../../records/tombstones.ts';
import type { Storage } from '../../storage/storage.ts';
import type { TransactionStore } from '../../transactions/transaction-store.ts';
import type { AnnounceServices } from '../actions/action-rule.ts';
import { CHUNKS_TABLE } from '../chunks/chunk-rows.ts';
import { LaneChunks } from '../chunks/lane-chunks.ts';
import type { PluginServices } from '../plugins/change-with-plugins.ts';
import type { SyncCascades } from '../ports.ts';
import { runSync } from './run-sync.ts';

/** What synchronous cascades work with. */
export interface SyncCascadesOptions extends AnnounceServices {
  readonly storage: Storage;
  /** What plug-ins need; without it none runs. */
  readonly plugins?: PluginServices;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Synchronous cascades over table storage. */
export function createSyncCascades(options: SyncCascadesOptions): SyncCascades {
  const { storage, recordStore, plugins, now = Date.now } = options;
  const { transactions } = recordStore.tables.locks;
  const chunks = storage.table(CHUNKS_TABLE);
  const lanes = new LaneChunks(chunks, now);
  const tombstones = new TombstoneIndex(storage);
  const services = {
    ...{ storage, recordStore, transactions, chunks, lanes, tombstones, now },
    ...(plugins && { plugins }),
  };
  return {
    run: (plan, options) => runSync(services, plan, options),
    end: ({ jobId }) => transactions.abort(jobId),
    stateOf: createSyncState(transactions, now),
  };
}

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
