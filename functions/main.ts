/**
 * The composition root: reads the environment, has the parts opened (composition/) and registers each trigger. The
 * Functions host loads this file (package.json's `main`); nothing else has side effects when it is imported.
 */
import { randomUUID } from 'node:crypto';
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { registerBulkChange } from '../orchestrations/bulk-change/bulk-change.ts';
import { registerCascade } from '../orchestrations/cascade/cascade-job.ts';
import { registerCdxDownload } from '../orchestrations/cdx-download/cdx-download.ts';
import { registerCdxUpload } from '../orchestrations/cdx-upload/cdx-upload.ts';
import { registerCustomerSync } from '../orchestrations/customer-sync/customer-sync.ts';
import { registerRuns } from '../orchestrations/runs/run-activities.ts';
import type { JobInstances } from '../shared/cascade/jobs/job-instances.ts';
import { reconcileJobs } from '../shared/cascade/jobs/reconcile-jobs.ts';
import { isTableName } from '../shared/catalogue/tables.ts';
import { loadConfig } from '../shared/config/config.ts';
import { createAccountFinder } from '../shared/customers/channels/find-account.ts';
import { StagingTables } from '../shared/customers/headquarters/staging-tables.ts';
import { UploadStates } from '../shared/customers/upload/upload-state.ts';
import { checkAnswers } from '../shared/http/check-answers.ts';
import { openContinuationKey } from '../shared/http/continuation-key.ts';
import { createHttpHandlers } from '../shared/http/http-handler.ts';
import { createRateLimiter } from '../shared/http/rate-limiter.ts';
import { TombstoneIndex } from '../shared/records/tombstones.ts';
import { RunStore } from '../shared/runs/run-store.ts';
import { createAuthenticator } from '../shared/security/authenticator.ts';
import { createTokenVerifier, openKeySet } from '../shared/security/tokens.ts';
import { administrationEndpoints } from './administration/administration-endpoints.ts';
import { assignRecord } from './cascades/assign-record.ts';
import { deleteRecord } from './cascades/delete-record.ts';
import { mergeRecord } from './cascades/merge-record.ts';
import { previewRecord } from './cascades/preview-record.ts';
import { reconcileAccess } from './cascades/reconcile-access.ts';
import { reparentRecord } from './cascades/reparent-record.ts';
import { shareRecord } from './cascades/share-record.ts';
import { unshareRecord } from './cascades/unshare-record.ts';
import { channelChanges, channelEndpoints } from './channel/channel-endpoints.ts';
import { openCascadeParts } from './composition/cascade-parts.ts';
import { openCustomerParts } from './composition/customer-parts.ts';
import { openFoundation } from './composition/foundation.ts';
import { registerHttp } from './composition/register-http.ts';
import { registerEvents, serviceBusConnector } from './events/register-events.ts';
import { headquartersEndpoints } from './headquarters/headquarters-endpoints.ts';
import { registerMessages } from './messages/register-messages.ts';
import { listPlugins } from './plugins/list-plugins.ts';
import { recordEndpoints } from './records/record-endpoints.ts';
import { relationshipEndpoints } from './relationships/relationship-endpoints.ts';
import { systemJobEndpoints } from './system-jobs/system-job-endpoints.ts';
import { createPurge, PURGE_SCHEDULE } from './timers/purge.ts';
import { createPurgeTombstones, PURGE_TOMBSTONES_SCHEDULE } from './timers/purge-tombstones.ts';
import { createReconcileJobs, RECONCILE_SCHEDULE } from './timers/reconcile-jobs.ts';
import { registerTimers } from './timers/register-timers.ts';
import { webEndpoints } from './web/web-endpoints.ts';

const config = loadConfig();
const foundation = await openFoundation(config);
const { storage, now, newId, claims, settings, users, roles, access, jobs, records } = foundation;
const { relationships, recordAccess } = foundation;

const customerParts = openCustomerParts(foundation);
const { channels, features, staging, customers, cache, modes, hqOperations, hq, pipeline } = customerParts;

const cascadeParts = await openCascadeParts(foundation, config);
const { cascadeRecords, rootClaims, finishSync, batchPaces, plugins, pluginSource, starting, reconciling } =
  cascadeParts;

const connectServiceBus = serviceBusConnector(config.serviceBusConnection);
const eventEndpoints = registerEvents({
  ...{ storage, settings, serviceBus: connectServiceBus?.(), now },
  allowsLoopback: config.webhookLoopback,
});
const channelPorts = {
  ...{ channels, staging, customers, hqOperations, claims, newId, now, modes, cache, realTime: hq.realTime },
  findAccountId: createAccountFinder(records),
  downloadAtOnce: (channel: string, ids: readonly string[]) => hq.downloadJob.downloadAtOnce(channel, ids),
};
const { lists } = channelChanges(channelPorts);
const messageEndpoints = registerMessages({ storage, channels, lists, connectServiceBus, now });

const cascades = [assignRecord, deleteRecord, mergeRecord, shareRecord, unshareRecord, reparentRecord].map((make) =>
  make(starting),
);
const verifier = createTokenVerifier({
  issuer: config.authIssuer,
  audience: config.authAudience,
  keys: openKeySet(config.authKeySet),
});
const knowsChannel = async (id: string) => (await channels.find(id)) !== undefined;
const wakeJobs = (instances: JobInstances) => reconcileJobs(reconciling, instances);

const handlerOf = createHttpHandlers({
  claims,
  authenticator: createAuthenticator({ verifier, users, knowsChannel }),
  rateLimiter: createRateLimiter(foundation.rateLimit, now),
  continuationKey: openContinuationKey(storage),
});
registerHttp({
  handlerOf: config.checkAnswers ? checkAnswers(handlerOf) : handlerOf,
  requests: foundation.requests,
  endpoints: [
    ...administrationEndpoints({ users, roles, settings, wakeJobs, knowsTable: isTableName }),
    ...channelEndpoints(channelPorts),
    ...headquartersEndpoints({ ...hq, channels, features, pipeline, now }),
    ...recordEndpoints({
      ...{ recordStore: records, relationships, access, recordAccess, users, newId, now },
      synchronizeCustomer: hq.synchronizeCustomer,
    }),
    ...relationshipEndpoints({ ...starting, relationships }),
    listPlugins({ plugins, settings }),
    ...cascades,
    reconcileAccess(starting),
    previewRecord({ ...starting, cascadeRecords, plugins: pluginSource, cascades }),
    ...systemJobEndpoints({
      ...{ jobs, rootClaims, finishSync, batchPaces, cascadeRecords, access, recordAccess, now },
      findRecord: (table, id) => records.find(table, id),
    }),
    ...eventEndpoints,
    ...messageEndpoints,
    ...webEndpoints(),
  ],
});

registerRuns(hq);
registerCustomerSync(hq);
registerCdxUpload(hq);
registerCdxDownload(hq);
registerBulkChange(hq);
registerCascade({
  ...{ jobs, rootClaims, batchPaces, cascadeRecords, access, settings, busyCount: foundation.busyCount, now },
  newId: randomUUID,
});
registerTimers({ runs: hq.runs, settings });
df.app.client.timer('purge', {
  schedule: PURGE_SCHEDULE,
  handler: createPurge({
    ...{ storage, settings, jobs, recordTables: records.tables, channels, customers, now },
    staging: new StagingTables(storage),
    uploads: new UploadStates(storage),
    runs: new RunStore(storage),
    ...{ sessions: hq.sessions, bulk: hq.bulk, feed: hq.feed, downloads: hq.downloadJob },
  }),
});
app.timer('purgeTombstones', {
  schedule: PURGE_TOMBSTONES_SCHEDULE,
  handler: createPurgeTombstones({ tables: records.tables, tombstones: new TombstoneIndex(storage), settings, now }),
});
df.app.client.timer('reconcileJobs', {
  schedule: RECONCILE_SCHEDULE,
  handler: createReconcileJobs(reconciling),
});
