import type { JobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { reconcileJobs } from '../../shared/cascade/jobs/reconcile-jobs.ts';
import { isTableName } from '../../shared/catalogue/tables.ts';
import { openDeadLetters } from '../../shared/customers/messages/dead-letters.ts';
import { oldestWaiting } from '../../shared/customers/pipeline/oldest-waiting.ts';
import { countWaiting } from '../../shared/events/count-waiting.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { administrationEndpoints } from '../administration/administration-endpoints.ts';
import { assignRecord } from '../cascades/assign-record.ts';
import { deleteRecord } from '../cascades/delete-record.ts';
import { mergeRecord } from '../cascades/merge-record.ts';
import { previewRecord } from '../cascades/preview-record.ts';
import { reconcileAccess } from '../cascades/reconcile-access.ts';
import { reparentRecord } from '../cascades/reparent-record.ts';
import { shareRecord } from '../cascades/share-record.ts';
import { unshareRecord } from '../cascades/unshare-record.ts';
import { channelEndpoints } from '../channel/channel-endpoints.ts';
import { getOutbox } from '../events/get-outbox.ts';
import { headquartersEndpoints } from '../headquarters/headquarters-endpoints.ts';
import { listDeadLetters } from '../messages/list-dead-letters.ts';
import { requeueDeadLetters } from '../messages/requeue-dead-letters.ts';
import { listPlugins } from '../plugins/list-plugins.ts';
import { recordEndpoints } from '../records/record-endpoints.ts';
import { relationshipEndpoints } from '../relationships/relationship-endpoints.ts';
import { systemJobEndpoints } from '../system-jobs/system-job-endpoints.ts';
import { webEndpoints } from '../web/web-endpoints.ts';
import type { AppParts } from './app-parts.ts';
import { askServiceBus } from './service-bus.ts';

/** Every endpoint of the app, also for whoever describes them all without serving one. */
export function appEndpoints(parts: AppParts): Endpoint[] {
  const { foundation, channels, staging, features, hq, pipeline, starting, reconciling, plugins, pluginSource } = parts;
  const { storage, users, roles, settings, relationships, access, recordAccess, records, jobs, newId, timerRuns, now } =
    foundation;
  const { rootClaims, finishSync, batchPaces, cascadeRecords, connectServiceBus, refusals } = parts;
  const deadLetters = openDeadLetters(connectServiceBus, refusals);
  const cascades = [assignRecord, deleteRecord, mergeRecord, shareRecord, unshareRecord, reparentRecord].map((make) =>
    make(starting),
  );
  const endpoints: Endpoint[] = [
    ...administrationEndpoints({
      ...{ users, roles, settings, access, timerRuns, now, knowsTable: isTableName },
      wakeJobs: (instances: JobInstances) => reconcileJobs(reconciling, instances),
      pluginNames: plugins.map(({ name }) => name),
      askServiceBus: connectServiceBus && (() => askServiceBus(connectServiceBus)),
      waitingSince: async () => ({
        ...(await oldestWaiting({ channels, staged: staging, uploads: hq.uploads, pending: hq.pending })),
        events: (await countWaiting(storage)).since,
      }),
    }),
    ...channelEndpoints(parts.channelPorts),
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
    getOutbox({ storage, settings, hasServiceBus: connectServiceBus !== undefined }),
    listDeadLetters({ deadLetters }),
    requeueDeadLetters({ deadLetters }),
    ...webEndpoints({ endpoints: () => endpoints, config: parts.config }),
  ];
  return endpoints;
}
