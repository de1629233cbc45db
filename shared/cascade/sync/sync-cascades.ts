import { TombstoneIndex } from '../../records/tombstones.ts';
import type { Storage } from '../../storage/storage.ts';
import type { AnnounceServices } from '../actions/action-rule.ts';
import { CHUNKS_TABLE } from '../chunks/chunk-rows.ts';
import { LaneChunks } from '../chunks/lane-chunks.ts';
import type { PluginServices } from '../plugins/change-with-plugins.ts';
import { runSync } from './run-sync.ts';
import type { SyncCascades } from './sync-ports.ts';
import { createSyncState } from './sync-state.ts';

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
