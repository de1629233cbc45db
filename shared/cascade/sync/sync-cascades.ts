import type { RecordStore } from '../../records/record-store.ts';
import { TombstoneIndex } from '../../records/tombstones.ts';
import type { Storage } from '../../storage/storage.ts';
import { CHUNKS_TABLE } from '../chunk-rows.ts';
import { LaneChunks } from '../lane-chunks.ts';
import { runSync } from './run-sync.ts';
import type { SyncCascades } from './sync-ports.ts';

export interface SyncCascadesOptions {
  readonly storage: Storage;
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** From making a job to the first row of its transaction; longer than any deadline, and than a front end waits. */
const BEGIN_GRACE_MS = 4 * 60 * 1000;

/** Synchronous cascades over table storage. */
export function createSyncCascades({ storage, records, now = Date.now }: SyncCascadesOptions): SyncCascades {
  const { transactions } = records.tables.locks;
  const chunks = storage.table(CHUNKS_TABLE);
  const lanes = new LaneChunks(chunks, now);
  const services = { storage, records, transactions, chunks, lanes, tombstones: new TombstoneIndex(storage), now };
  return {
    run: (plan, options) => runSync(services, plan, options),
    end: ({ jobId }) => transactions.abort(jobId),
    async stateOf({ jobId, createdOn }) {
      const status = await transactions.status(jobId);
      if (!status && now() - Date.parse(createdOn) < BEGIN_GRACE_MS) return 'running';
      if (status?.state === 'pending' && !status.isLate) return 'running';
      return transactions.abort(jobId);
    },
  };
}
