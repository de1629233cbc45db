/** What the tests of synchronous jobs stand on: a family of records, a host that may die, and a clock that all share. */
import { createCascadeRecords } from '../../../shared/cascade/cascade-records.ts';
import { type Job, newJob } from '../../../shared/cascade/jobs/job.ts';
import type { JobInstances } from '../../../shared/cascade/jobs/job-instances.ts';
import { openJobs } from '../../../shared/cascade/jobs/job-store.ts';
import { reconcileJobs } from '../../../shared/cascade/jobs/reconcile-jobs.ts';
import { openRootClaims } from '../../../shared/cascade/jobs/root-claims.ts';
import { createFenceHolds, createFinishSync, runSyncJob } from '../../../shared/cascade/jobs/run-sync-job.ts';
import type { CascadePlan } from '../../../shared/cascade/plans.ts';
import type { Plugin } from '../../../shared/cascade/plugins/plugin.ts';
import { createSyncCascades, createSyncState } from '../../../shared/cascade/sync/sync-cascades.ts';
import { RecordStore } from '../../../shared/records/record-store.ts';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';
import { finishAbandoned } from '../../../shared/transactions/finish-transaction.ts';
import { TransactionStore } from '../../../shared/transactions/transaction-store.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';
import { StorageClock } from '../transactions/transaction-fixture.ts';
import { allowed, CascadeFixture } from './cascade-fixture.ts';
import { pluginsInProcess } from './plugins/plugins-in-process.ts';

export const DEADLINE_SECONDS = 60;

interface Options {
  readonly policies?: readonly StoragePolicy[];
  readonly plugins?: readonly Plugin[];
}

const NO_INSTANCES: JobInstances = {
  start: () => Promise.resolve(),
  wake: () => Promise.resolve(),
  state: () => Promise.resolve('none'),
};

/** One host on a set of tables. */
export class SyncFixture {
  readonly fixture: CascadeFixture;
  readonly clock: StorageClock;
  readonly ports;
  readonly #prefix: string;

  constructor(options: Options & { prefix?: string; clock?: StorageClock } = {}) {
    const { prefix = uniquePrefix(), clock = new StorageClock(), policies = [], plugins } = options;
    this.clock = clock;
    this.#prefix = prefix;
    this.fixture = new CascadeFixture({ prefix, policies: [clock.policy] });
    const storage = openTestStorage({ prefix, policies: [clock.policy, ...policies] });
    const now = () => Date.now() + clock.aheadMs;
    const transactions = new TransactionStore(storage);
    const jobs = openJobs(storage);
    const fenceHolds = createFenceHolds(jobs, createSyncState(transactions, now));
    const records = new RecordStore(storage, { fenceHolds });
    const inProcess = plugins && { plugins: pluginsInProcess(storage, plugins) };
    const cascade = createCascadeRecords({ storage, recordStore: records, now, ...inProcess });
    const sync = createSyncCascades({ storage, recordStore: records, now, ...inProcess });
    const rootClaims = openRootClaims(storage);
    const finishSync = createFinishSync({ jobs, rootClaims, cascadeRecords: cascade, sync, now });
    this.ports = {
      storage,
      transactions,
      jobs,
      rootClaims,
      finishSync,
      cascadeRecords: cascade,
      sync,
      now,
      store: records,
    };
  }

  /** Another host on the same tables. */
  open(options: Options = {}): SyncFixture {
    return new SyncFixture({ ...options, prefix: this.#prefix, clock: this.clock });
  }

  run(plan: CascadePlan, requestedMs?: number): Promise<Job> {
    const asked = requestedMs !== undefined && { requestedMs };
    const options = { deadlineSeconds: DEADLINE_SECONDS, check: allowed, ...asked };
    const createdOn = new Date(this.ports.now()).toISOString();
    return runSyncJob(this.ports, newJob({ ...plan, createdOn }, 'Administrator', 'sync'), options);
  }

  /** What the timer does. */
  async reconcile(): Promise<void> {
    await finishAbandoned(this.ports);
    await reconcileJobs({ ...this.ports, areJobsPaused: () => Promise.resolve(false) }, NO_INSTANCES);
  }

  async claims(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { jobId } of this.ports.rootClaims.all()) ids.push(jobId);
    return ids;
  }

  /** Kind and job of what lies on rows of these tables, read past the gateway. */
  async locks(...tables: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const table of tables) {
      for await (const { lockKind, lockJob } of this.ports.storage.table(`records${table}`).rows({})) {
        if (lockKind) found.push(`${String(lockKind)} ${String(lockJob)}`);
      }
    }
    return found;
  }
}
