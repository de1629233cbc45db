/**
 * The composition root: reads the environment, opens storage, puts the parts together and registers each trigger. The
 * Functions host loads this file (package.json's `main`); nothing else has side effects when it is imported.
 */
import { randomUUID } from 'node:crypto';
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { registerCascade } from '../orchestrations/cascade/register-cascade.ts';
import { registerOrchestrations } from '../orchestrations/register.ts';
import { createCascadeRecords } from '../shared/cascade/cascade-records.ts';
import { createSyncCascades } from '../shared/cascade/sync/sync-cascades.ts';
import { createSyncState } from '../shared/cascade/sync/sync-state.ts';
import { isTableName } from '../shared/catalogue/tables.ts';
import { openChannels } from '../shared/channels/channels.ts';
import { createAccountFinder } from '../shared/channels/find-account.ts';
import { loadConfig } from '../shared/config/config.ts';
import { loadStoragePolicies } from '../shared/config/storage-hook.ts';
import { createChannelDatabase } from '../shared/customers/channel/channel-database.ts';
import { ChannelCustomers } from '../shared/customers/channel/customers.ts';
import { ChannelConfigurations } from '../shared/customers/configuration/channel-configurations.ts';
import { createChannelModes } from '../shared/customers/configuration/channel-modes.ts';
import { CsuCache } from '../shared/customers/configuration/csu-cache.ts';
import { type HqServices, openHqServices } from '../shared/customers/headquarters/hq-services.ts';
import { StagingTables } from '../shared/customers/headquarters/staging-tables.ts';
import { Pipeline } from '../shared/customers/pipeline/pipeline.ts';
import type { HqOperations } from '../shared/customers/ports.ts';
import { openStaging } from '../shared/customers/staging/staging.ts';
import { UploadStates } from '../shared/customers/upload/upload-state.ts';
import { openFeatures } from '../shared/features/features.ts';
import { createDispatcher } from '../shared/http/dispatcher.ts';
import { createClaims } from '../shared/idempotency/claims.ts';
import type { CascadeAction } from '../shared/jobs/action-needs.ts';
import { createFenceHolds } from '../shared/jobs/fence-holds.ts';
import type { JobInstances } from '../shared/jobs/job-instances.ts';
import { openJobPaces } from '../shared/jobs/job-paces.ts';
import { openJobs } from '../shared/jobs/job-store.ts';
import { reconcileJobs } from '../shared/jobs/reconcile-jobs.ts';
import { openRootClaims } from '../shared/jobs/root-claims.ts';
import { createSettle } from '../shared/jobs/run-sync-job.ts';
import { createPluginSource } from '../shared/plugins/active-plugins.ts';
import { loadPlugins } from '../shared/plugins/load-plugins.ts';
import { createPluginRunner } from '../shared/plugins/plugin-runner.ts';
import { createIdSource } from '../shared/records/record-ids.ts';
import { RecordStore } from '../shared/records/record-store.ts';
import { TombstoneIndex } from '../shared/records/tombstones.ts';
import { openRelationships } from '../shared/relationships/relationship-store.ts';
import { createAccess } from '../shared/security/access.ts';
import { createAuthenticator } from '../shared/security/authenticator.ts';
import { openRoles } from '../shared/security/roles.ts';
import { createTokenVerifier, openKeySet } from '../shared/security/tokens.ts';
import { openUsers } from '../shared/security/users.ts';
import { defaultSettings, openSettings } from '../shared/settings/settings.ts';
import { createRecordAccess } from '../shared/shares/record-access.ts';
import { createBusyMeter } from '../shared/storage/busy-meter.ts';
import { openStorage } from '../shared/storage/storage.ts';
import { TransactionStore } from '../shared/transactions/transaction-store.ts';
import { administrationEndpoints } from './administration/administration-endpoints.ts';
import { assignRecord } from './cascades/assign-record.ts';
import { deleteRecord } from './cascades/delete-record.ts';
import { mergeRecord } from './cascades/merge-record.ts';
import { previewRecord } from './cascades/preview-record.ts';
import { reparentRecord } from './cascades/reparent-record.ts';
import { shareRecord } from './cascades/share-record.ts';
import { unshareRecord } from './cascades/unshare-record.ts';
import { channelChanges, channelEndpoints } from './channel/channel-endpoints.ts';
import { registerEvents, serviceBusConnector } from './events/register-events.ts';
import { headquartersEndpoints } from './headquarters/headquarters-endpoints.ts';
import { registerMessages } from './messages/register-messages.ts';
import { notYetAvailable } from './not-yet-available.ts';
import { listPlugins } from './plugins/list-plugins.ts';
import { recordEndpoints } from './records/record-endpoints.ts';
import { relationshipEndpoints } from './relationships/relationship-endpoints.ts';
import { systemJobEndpoints } from './system-jobs/system-job-endpoints.ts';
import { createPurge, PURGE_SCHEDULE } from './timers/purge.ts';
import { createPurgeTombstones, PURGE_TOMBSTONES_SCHEDULE } from './timers/purge-tombstones.ts';
import { createReconcileJobs, RECONCILE_SCHEDULE } from './timers/reconcile-jobs.ts';
import { registerTimers } from './timers/register-timers.ts';

const config = loadConfig();
const plugins = await loadPlugins(config.pluginsPath);
const policies = await loadStoragePolicies(config.storageHookPath);
const busyMeter = createBusyMeter();
const storage = openStorage({ connectionString: config.storageConnection, policies: [busyMeter.policy, ...policies] });

const now = Date.now;
const newId = createIdSource();
const claims = createClaims(storage);
const settings = openSettings(storage, defaultSettings(config));

const users = openUsers(storage);
const roles = openRoles(storage);
const access = createAccess({ users, roles });

const jobs = openJobs(storage);
const stateOf = createSyncState(new TransactionStore(storage), now);
const records = new RecordStore(storage, { fenceHolds: createFenceHolds(jobs, stateOf) });
const relationships = openRelationships(storage);
const recordAccess = createRecordAccess(records.tables, access);
const channels = openChannels(storage);
const features = openFeatures(storage);
const staging = openStaging(storage);
const findNumber = (accountNumber: string) => records.uniqueValues.find('account', accountNumber);
const customers = new ChannelCustomers(storage, { findNumber });
// The channel side asks how far an operation is at headquarters; headquarters writes what the channel side downloads.
const hqOperations: HqOperations = { findMany: (keys) => hq.operations.findMany(keys) };
const configurations = new ChannelConfigurations(storage);
const maxAgeSeconds = async () => (await settings.readSettings()).settings.cacheMaxAgeSeconds;
const cache = new CsuCache(storage, { configurations, maxAgeSeconds, now });
const readSettings = async () => (await settings.readSettings()).settings;
const modes = createChannelModes({ cache, configurations, features, readSettings, now });
const hq: HqServices = openHqServices({
  storage,
  records,
  channels,
  staged: staging,
  channelDatabase: createChannelDatabase({
    customers,
    hqOperations,
    cachedAsOf: (channel) => cache.asOf(channel),
    now,
  }),
  features,
  configurations,
});

const noteCustomersChanged = (ids: readonly string[]) => hq.feed.noteCustomersChanged(ids);

const roots = openRootClaims(storage);
const paces = openJobPaces(storage);
const pluginSource = createPluginSource(plugins, settings);
const pluginServices = {
  source: pluginSource,
  runner: createPluginRunner({ modulePath: config.pluginsPath }),
  behaviors: relationships,
};
const cascade = createCascadeRecords({
  storage,
  records,
  noteCustomersChanged,
  plugins: pluginServices,
  parallelTransactions: config.parallelTransactions,
});
const sync = createSyncCascades({ storage, records, noteCustomersChanged, plugins: pluginServices });
const settle = createSettle({ jobs, roots, records: cascade, sync, now });
const isHeld = async () => (await settings.readSettings()).settings.pauseAllJobs;
const reconcilePorts = {
  jobs,
  roots,
  records: cascade,
  sync,
  isHeld,
  now,
  storage,
  transactions: records.tables.locks.transactions,
};
const wakeJobs = (instances: JobInstances) => reconcileJobs(reconcilePorts, instances);

const verifier = createTokenVerifier({
  issuer: config.authIssuer,
  audience: config.authAudience,
  keys: openKeySet(config.authKeySet),
});
const knowsChannel = async (id: string) => (await channels.find(id)) !== undefined;
const findAccountId = createAccountFinder(records);
const bringAtOnce = (channel: string, ids: readonly string[]) => hq.downloadJob.bringAtOnce(channel, ids);

const connectServiceBus = serviceBusConnector(config.serviceBusConnection);
const eventEndpoints = registerEvents({ storage, settings, serviceBus: connectServiceBus?.(), now });
const channelPorts = {
  ...{ channels, staging, customers, hqOperations, claims, findAccountId, newId, now },
  ...{ modes, cache, realTime: hq.realTime, bringAtOnce },
};
const { lists } = channelChanges(channelPorts);
const messageEndpoints = registerMessages({ storage, channels, lists, connectServiceBus, now });

const cascadePorts = {
  records,
  relationships,
  access,
  recordAccess,
  settings,
  jobs,
  roots,
  settle,
  cascade,
  sync,
  pluggedTables: async (action: CascadeAction) => (await pluginSource(action)).tables,
  now,
};
const cascades = [assignRecord, deleteRecord, mergeRecord, shareRecord, unshareRecord, reparentRecord].map((make) =>
  make(cascadePorts),
);

const pipeline = new Pipeline({
  ...{ channels, customers, records, features, staged: staging, now, downloads: hq.downloadJob },
  ...{ uploads: hq.uploads, operations: hq.operations, configurations },
  ...{ feed: hq.feed, heads: hq.heads, runs: hq.runs },
  cachedOn: (channel) => cache.asOf(channel),
});

const dispatch = createDispatcher({
  claims,
  authenticator: createAuthenticator({ verifier, users, knowsChannel }),
  endpoints: [
    ...administrationEndpoints({ users, roles, settings, wakeJobs, knowsTable: isTableName }),
    ...channelEndpoints(channelPorts),
    ...headquartersEndpoints({ ...hq, channels, features, pipeline, now }),
    ...recordEndpoints({
      ...{ records, relationships, access, recordAccess, users, newId, now, noteCustomersChanged },
      synchronizeCustomer: hq.synchronizeCustomer,
    }),
    ...relationshipEndpoints({ relationships }),
    listPlugins({ plugins, settings }),
    ...cascades,
    previewRecord({ ...cascadePorts, cascade, plugins: pluginSource, cascades }),
    ...systemJobEndpoints({ jobs, roots, settle, paces, records: cascade, now }),
    ...eventEndpoints,
    ...messageEndpoints,
    ...notYetAvailable(),
  ],
});

app.http('api', {
  route: '{*path}',
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: (request, context) => dispatch(request, context, df.getClient(context)),
});
registerOrchestrations(hq);
registerCascade({
  jobs,
  roots,
  paces,
  records: cascade,
  access,
  settings,
  busyCount: busyMeter.count,
  newId: randomUUID,
  now,
});
registerTimers({ runs: hq.runs, settings });
df.app.client.timer('purge', {
  schedule: PURGE_SCHEDULE,
  handler: createPurge({
    ...{ storage, settings, jobs, recordTables: records.tables, channels, customers, now },
    staging: new StagingTables(storage),
    uploads: new UploadStates(storage),
  }),
});
app.timer('purgeTombstones', {
  schedule: PURGE_TOMBSTONES_SCHEDULE,
  handler: createPurgeTombstones({ tables: records.tables, tombstones: new TombstoneIndex(storage), settings, now }),
});
df.app.client.timer('reconcileJobs', {
  schedule: RECONCILE_SCHEDULE,
  handler: createReconcileJobs(reconcilePorts),
});
