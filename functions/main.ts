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
import { loadConfig } from '../shared/config/config.ts';
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
import { appEndpoints } from './composition/app-endpoints.ts';
import { openAppParts } from './composition/app-parts.ts';
import { registerHttp } from './composition/register-http.ts';
import { registerEvents } from './events/register-events.ts';
import { registerMessages } from './messages/register-messages.ts';
import { createPurge, PURGE_SCHEDULE } from './timers/purge.ts';
import { createPurgeTombstones, PURGE_TOMBSTONES_SCHEDULE } from './timers/purge-tombstones.ts';
import { createReconcileJobs, RECONCILE_SCHEDULE } from './timers/reconcile-jobs.ts';
import { registerTimers } from './timers/register-timers.ts';

const config = loadConfig();
const parts = await openAppParts(config);
const { foundation, channels, customers, hq, lists, refusals, connectServiceBus } = parts;
const { storage, now, claims, settings, users, access, jobs, records, timerRuns } = foundation;
const { rootClaims, batchPaces, cascadeRecords } = parts;

const verifier = createTokenVerifier({
  issuer: config.authIssuer,
  audience: config.authAudience,
  keys: openKeySet(config.authKeySet),
});
const knowsChannel = async (id: string) => (await channels.find(id)) !== undefined;

const handlerOf = createHttpHandlers({
  claims,
  authenticator: createAuthenticator({ verifier, users, knowsChannel }),
  rateLimiter: createRateLimiter(foundation.rateLimit, now),
  continuationKey: openContinuationKey(storage),
});
registerHttp({
  handlerOf: config.checkAnswers ? checkAnswers(handlerOf) : handlerOf,
  requests: foundation.requests,
  endpoints: appEndpoints(parts),
});

registerEvents({
  ...{ storage, settings, timerRuns, serviceBus: connectServiceBus?.(), now },
  allowsLoopback: config.webhookLoopback,
});
if (connectServiceBus) registerMessages({ channels, lists, refusals, now });

registerRuns(hq);
registerCustomerSync(hq);
registerCdxUpload(hq);
registerCdxDownload(hq);
registerBulkChange(hq);
registerCascade({
  ...{ jobs, rootClaims, batchPaces, cascadeRecords, access, settings, busyCount: foundation.busyCount, now },
  newId: randomUUID,
});
registerTimers({ runs: hq.runs, settings, timerRuns });
const purge = createPurge({
  ...{ storage, settings, jobs, recordTables: records.tables, channels, customers, now },
  staging: new StagingTables(storage),
  uploads: new UploadStates(storage),
  runs: new RunStore(storage),
  ...{ sessions: hq.sessions, bulk: hq.bulk, feed: hq.feed, downloads: hq.downloadJob },
});
df.app.client.timer('purge', { schedule: PURGE_SCHEDULE, handler: timerRuns.noted('purge', purge) });
const tombstones = new TombstoneIndex(storage);
app.timer('purgeTombstones', {
  schedule: PURGE_TOMBSTONES_SCHEDULE,
  handler: timerRuns.noted(
    'purgeTombstones',
    createPurgeTombstones({ tables: records.tables, tombstones, settings, now }),
  ),
});
df.app.client.timer('reconcileJobs', {
  schedule: RECONCILE_SCHEDULE,
  handler: timerRuns.noted('reconcileJobs', createReconcileJobs(parts.reconciling)),
});
