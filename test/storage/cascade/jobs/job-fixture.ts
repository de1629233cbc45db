import type { DurableClient } from 'durable-functions';
import { assignRecord } from '../../../../functions/cascades/assign-record.ts';
import { systemJobEndpoints } from '../../../../functions/system-jobs/system-job-endpoints.ts';
import { openBatchPaces } from '../../../../shared/cascade/jobs/batch-pace-store.ts';
import type { Job } from '../../../../shared/cascade/jobs/job.ts';
import { openJobs } from '../../../../shared/cascade/jobs/job-store.ts';
import { type JobEvent, transition } from '../../../../shared/cascade/jobs/job-transitions.ts';
import { openRootClaims } from '../../../../shared/cascade/jobs/root-claims.ts';
import { createSyncCascades } from '../../../../shared/cascade/sync/sync-cascades.ts';
import { createClaims } from '../../../../shared/http/claims.ts';
import type { Endpoint } from '../../../../shared/http/endpoint.ts';
import { RecordStore } from '../../../../shared/records/record-store.ts';
import { openRelationships } from '../../../../shared/records/relationships/relationship-store.ts';
import { createRecordAccess } from '../../../../shared/records/shares/record-access.ts';
import { createAccess } from '../../../../shared/security/access.ts';
import type { Caller } from '../../../../shared/security/caller.ts';
import { openRoles } from '../../../../shared/security/roles.ts';
import { openUsers } from '../../../../shared/security/users.ts';
import { defaultSettings, openSettings } from '../../../../shared/settings/settings.ts';
import { createFailingStorage } from '../../../support/failing-storage.ts';
import { ADMIN, serve, type TestCall } from '../../../support/http-call.ts';
import { openTestStorage } from '../../../support/test-storage.ts';
import { FakeCascadeRecords } from '../../../unit/orchestrations/fake-cascade-records.ts';

export const START_MS = Date.parse('2026-03-01T12:00:00.000Z');

/** A durable client that notes what it is asked, and knows the instances that a test says. */
class FakeDurable {
  readonly started: string[] = [];
  readonly raised: string[] = [];
  /** Runtime status by instance; those that aren't here are unknown. */
  readonly statuses = new Map<string, string>();
  failure: Error | undefined;

  async startNew(name: string, { instanceId = '' }: { instanceId?: string } = {}): Promise<string> {
    if (this.failure) throw this.failure;
    this.started.push(`${name} ${instanceId}`);
    this.statuses.set(instanceId, 'Running');
    return instanceId;
  }

  async raiseEvent(instanceId: string, name: string): Promise<void> {
    if (this.failure) throw this.failure;
    if (!this.statuses.has(instanceId)) throw new Error(`No instance with ID '${instanceId}' found.`);
    this.raised.push(`${name} ${instanceId}`);
  }

  async getStatus(instanceId: string): Promise<{ runtimeStatus: string }> {
    if (this.failure) throw this.failure;
    const runtimeStatus = this.statuses.get(instanceId);
    // The words of the real client.
    if (!runtimeStatus)
      throw new Error('DurableClient error: Durable Functions extension replied with HTTP 404 response.');
    return { runtimeStatus };
  }
}

/** The endpoints of jobs over real storage, with fake records under the cascades and a fake durable client. */
export function createJobFixture() {
  const failing = createFailingStorage();
  const storage = openTestStorage({ policies: [failing.policy] });
  const clock = { nowMs: START_MS };
  const now = () => clock.nowMs;
  const users = openUsers(storage, now);
  const roles = openRoles(storage, now);
  const access = createAccess({ users, roles });
  const settings = openSettings(storage, defaultSettings({ timersEnabled: true, disabledPlugins: [] }), now);
  const records = new RecordStore(storage);
  const relationships = openRelationships(storage, now);
  const recordAccess = createRecordAccess(records.tables, access);
  const cascades = new FakeCascadeRecords();
  const jobs = openJobs(storage);
  const sync = createSyncCascades({ storage, recordStore: records, now });
  const rootClaims = openRootClaims(storage);
  const durable = new FakeDurable();
  const endpoints = [
    assignRecord({
      jobs,
      rootClaims,
      recordStore: records,
      relationships,
      access,
      recordAccess,
      settings,
      cascadeRecords: cascades,
      sync,
      tablesWithPlugins: async () => new Set(),
      now,
    }),
    ...systemJobEndpoints({
      ...{ jobs, rootClaims, batchPaces: openBatchPaces(storage), cascadeRecords: cascades, access, recordAccess, now },
      findRecord: (table, id) => records.find(table, id),
    }),
  ].map((endpoint) => over(endpoint, durable));
  const claims = createClaims(storage, now);

  return {
    failing,
    storage,
    clock,
    users,
    roles,
    settings,
    records,
    relationships,
    cascades,
    sync,
    jobs,
    rootClaims,
    durable,
    /** Calls as somebody: the administrator unless said otherwise. */
    callAs: (caller: Caller = ADMIN): TestCall => serve(endpoints, { caller, claims }),
    async putUser(id: string, roleNames: readonly string[] = ['User'], enabled = true): Promise<void> {
      await users.putUser({ id, name: id, enabled, roles: roleNames, by: 'admin', ifMatch: undefined });
    },
    async putAccount(id: string, ownerId: string): Promise<void> {
      const common = {
        createdOn: new Date(now()).toISOString(),
        createdBy: ownerId,
        lookups: {},
        state: 'Active',
      } as const;
      const value = { id, table: 'account', ownerId, columns: { name: 'A' }, ...common } as const;
      await records.create({ value, origin: id });
    },
    /** Takes a stored job through events. */
    async live(id: string, ...events: readonly JobEvent[]): Promise<Job> {
      for (const event of events) {
        await jobs.change(id, (job) => {
          const next = transition(job, event, new Date(now()).toISOString());
          if (!next) throw new Error(`${event.type} is not possible in ${job.status}`);
          return { job: next };
        });
      }
      const job = await jobs.find(id);
      if (!job) throw new Error(`There is no job ${id}`);
      return job;
    },
  };
}

export type JobFixture = ReturnType<typeof createJobFixture>;

function over(endpoint: Endpoint, durable: FakeDurable): Endpoint {
  const client = durable as unknown as DurableClient;
  return { ...endpoint, handle: (call) => endpoint.handle({ ...(call as object), durable: client } as never) };
}

export function asUser(id: string): Caller {
  return { role: 'User', id, channel: undefined };
}
