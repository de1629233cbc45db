import type { RecordStore } from '../records/record-store.ts';
import { RunRegistry } from '../runs/run-registry.ts';
import { RunStore } from '../runs/run-store.ts';
import type { Storage } from '../storage/storage.ts';
import { AccountNumbers } from './apply/account-numbers.ts';
import { ApplyJob } from './apply/apply-job.ts';
import { createSynchronizeCustomer, type SynchronizeCustomer } from './apply/customers-on-demand.ts';
import { BulkJob } from './bulk/bulk-job.ts';
import { BulkStore } from './bulk/bulk-store.ts';
import { CdxSessions } from './cdx/cdx-sessions.ts';
import type { ChannelConfigurations } from './configuration/channel-configurations.ts';
import type { FeatureStore } from './configuration/features.ts';
import { CustomerFeed } from './download/customer-feed.ts';
import { DownloadJob } from './download/download-job.ts';
import { CustomerHeads } from './headquarters/customer-head.ts';
import { OperationChanges } from './headquarters/operation-changes.ts';
import { OperationIndex } from './headquarters/operation-index.ts';
import { HqOperationReader } from './headquarters/operations.ts';
import { PendingCustomers } from './headquarters/pending-customers.ts';
import { StagingTables } from './headquarters/staging-tables.ts';
import type { ChannelDatabase, Channels, StagedOperations } from './ports.ts';
import { RealTime } from './real-time/real-time.ts';
import { UploadJob } from './upload/upload-job.ts';
import { UploadStates } from './upload/upload-state.ts';

/** What headquarters works with. */
export interface HqOptions {
  readonly storage: Storage;
  readonly records: RecordStore;
  readonly channels: Channels;
  readonly staged: StagedOperations;
  readonly channelDatabase: ChannelDatabase;
  readonly features: Pick<FeatureStore, 'readFeatures'>;
  readonly configurations: ChannelConfigurations;
  /** The time, in milliseconds since 1970. */
  readonly now?: () => number;
}

/** Headquarters' side of the customer path, put together over one storage. */
export interface HqServices {
  readonly runs: RunRegistry;
  readonly uploadJob: UploadJob;
  readonly applyJob: ApplyJob;
  readonly downloadJob: DownloadJob;
  readonly realTime: RealTime;
  readonly operations: HqOperationReader;
  readonly changes: OperationChanges;
  readonly bulk: BulkStore;
  readonly bulkJob: BulkJob;
  /** For record calls that name a customer which isn't made yet. */
  readonly synchronizeCustomer: SynchronizeCustomer;
  /** What the view of the pipeline looks at beside these. */
  readonly heads: CustomerHeads;
  readonly uploads: UploadStates;
  readonly pending: PendingCustomers;
  readonly sessions: CdxSessions;
  readonly feed: CustomerFeed;
}

/** Opens headquarters' side of the customer path. Nothing is read or written yet. */
export function openHqServices(options: HqOptions): HqServices {
  const { storage, records, channels, staged, channelDatabase, features, configurations, now = Date.now } = options;
  const staging = new StagingTables(storage);
  const index = new OperationIndex(storage);
  const pending = new PendingCustomers(storage);
  const heads = new CustomerHeads(storage, now);
  const feed = new CustomerFeed(storage, now);
  const numbers = new AccountNumbers(storage);
  const uploads = new UploadStates(storage);
  const sessions = new CdxSessions(storage, now);
  const { uniqueValues } = records;
  const applyJob = new ApplyJob({ records, staging, index, pending, heads, feed, numbers, channels, now });
  const operations = new HqOperationReader({ staging, index, heads, uniqueValues });
  const changes = new OperationChanges({ staging, heads, index, records, pending, now });
  const bulk = new BulkStore(storage);
  return {
    runs: new RunRegistry(new RunStore(storage), now),
    uploadJob: new UploadJob({
      staged,
      channels,
      states: uploads,
      staging,
      index,
      pending,
      heads,
      sessions,
      now,
    }),
    applyJob,
    downloadJob: new DownloadJob(storage, {
      ...{ feed, records, heads, channels, channelDatabase },
      ...{ features, configurations, sessions, now },
    }),
    ...{ operations, changes, bulk, heads, uploads, pending },
    realTime: new RealTime({ staging, heads, index, pending, records, channels, applyJob, now }),
    bulkJob: new BulkJob({ store: bulk, changes, operations, applyJob, now }),
    synchronizeCustomer: createSynchronizeCustomer({
      ...{ applyJob, pending, staging, records, channels, channelDatabase },
    }),
    sessions,
    feed,
  };
}
