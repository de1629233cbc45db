import type { RecordStore } from '../../records/record-store.ts';
import { TombstoneIndex } from '../../records/tombstones.ts';
import type { Storage } from '../../storage/storage.ts';
import { CHUNKS_TABLE } from '../chunk-rows.ts';
import { LaneChunks } from '../lane-chunks.ts';
import { runSync } from './run-sync.ts';
import type { SyncCascades } from './sync-ports.ts';
import { createSyncState } from './sync-state.ts';

export interface SyncCascadesOptions {
  readonly storage: Storage;
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Synchronous cascades over table storage. */
export function createSyncCascades({ storage, records, now = Date.now }: SyncCascadesOptions): SyncCascades {
  const { transactions } = records.tables.locks;
  const chunks = storage.table(CHUNKS_TABLE);
  const lanes = new LaneChunks(chunks, now);
  const services = { storage, records, transactions, chunks, lanes, tombstones: new TombstoneIndex(storage), now };
  return {
    run: (plan, options) => runSync(services, plan, options),
    end: ({ jobId }) => transactions.abort(jobId),
    stateOf: createSyncState(transactions, now),
  };
}
