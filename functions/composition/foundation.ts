import { openJobs } from '../../shared/cascade/jobs/job-store.ts';
import { createFenceHolds } from '../../shared/cascade/jobs/run-sync-job.ts';
import { PLUGINS } from '../../shared/cascade/plugins/plugins.ts';
import { createSyncState } from '../../shared/cascade/sync/sync-cascades.ts';
import type { Config } from '../../shared/config/config.ts';
import { loadStoragePolicies } from '../../shared/config/storage-hook.ts';
import { CustomerFeed } from '../../shared/customers/download/customer-feed.ts';
import { createClaims } from '../../shared/http/claims.ts';
import { createRequestCounter } from '../../shared/http/request-counter.ts';
import { createIdSource } from '../../shared/records/record-ids.ts';
import { RecordStore } from '../../shared/records/record-store.ts';
import { openRelationships } from '../../shared/records/relationships/relationship-store.ts';
import { createRecordAccess } from '../../shared/records/shares/record-access.ts';
import { openTimerRuns } from '../../shared/runs/timer-runs.ts';
import { createAccess } from '../../shared/security/access.ts';
import { openRoles } from '../../shared/security/roles.ts';
import { openUsers } from '../../shared/security/users.ts';
import { defaultSettings, openSettings } from '../../shared/settings/settings.ts';
import { createBusyMeter } from '../../shared/storage/busy-meter.ts';
import { openStorage } from '../../shared/storage/storage.ts';
import { TransactionStore } from '../../shared/transactions/transaction-store.ts';
import { createLatestRateLimit } from './latest-rate-limit.ts';

/** What `openFoundation` opens. */
export type Foundation = Awaited<ReturnType<typeof openFoundation>>;

/** What both halves stand on: storage, settings, who may do what, and the records. Nothing is read or written yet. */
export async function openFoundation(config: Config) {
  const busyMeter = createBusyMeter();
  const policies = [busyMeter.policy, ...(await loadStoragePolicies(config.storageHookPath))];
  const storage = openStorage({ connectionString: config.storageConnection, policies });
  const now = Date.now;
  const settings = openSettings(
    storage,
    defaultSettings({ ...config, disabledPlugins: PLUGINS.map(({ name }) => name) }),
    now,
    { allowsLoopback: config.webhookLoopback },
  );
  const users = openUsers(storage);
  const roles = openRoles(storage);
  const access = createAccess({ users, roles });
  const jobs = openJobs(storage);
  const stateOf = createSyncState(new TransactionStore(storage), now);
  const feed = new CustomerFeed(storage, now);
  const records = new RecordStore(storage, {
    fenceHolds: createFenceHolds(jobs, stateOf),
    noteCustomersChanged: (ids) => feed.noteCustomersChanged(ids),
  });
  return {
    storage,
    now,
    newId: createIdSource(),
    claims: createClaims(storage),
    settings,
    readSettings: async () => (await settings.readSettings()).settings,
    rateLimit: createLatestRateLimit(settings, now),
    busyCount: busyMeter.count,
    users,
    roles,
    access,
    jobs,
    records,
    relationships: openRelationships(storage),
    recordAccess: createRecordAccess(records.tables, access),
    requests: createRequestCounter(),
    timerRuns: openTimerRuns(storage, now),
  };
}
