import { channelEndpoints } from '../../../functions/channel/channel-endpoints.ts';
import { createChannelDatabase } from '../../../shared/customers/channel/channel-database.ts';
import { ChannelCustomers } from '../../../shared/customers/channel/customers.ts';
import { openChannels } from '../../../shared/customers/channels/channels.ts';
import { createAccountFinder } from '../../../shared/customers/channels/find-account.ts';
import {
  CONFIGURATION_JOBS,
  type ConfigurationJobName,
  configurationOf,
} from '../../../shared/customers/configuration/channel-configuration.ts';
import { ChannelConfigurations } from '../../../shared/customers/configuration/channel-configurations.ts';
import { createChannelModes } from '../../../shared/customers/configuration/channel-modes.ts';
import { CsuCache } from '../../../shared/customers/configuration/csu-cache.ts';
import { FEATURE_KEYS } from '../../../shared/customers/configuration/feature.ts';
import { openFeatures } from '../../../shared/customers/configuration/features.ts';
import { OPERATIONS, operationId, type StagedOperation } from '../../../shared/customers/customer-operation.ts';
import type { CustomerSnapshot, HqOperation, HqOperations } from '../../../shared/customers/ports.ts';
import type { RealTime } from '../../../shared/customers/real-time/real-time.ts';
import { openStaging } from '../../../shared/customers/staging/staging.ts';
import { createClaims } from '../../../shared/http/claims.ts';
import { createIdSource } from '../../../shared/records/record-ids.ts';
import { RecordStore } from '../../../shared/records/record-store.ts';
import type { Caller } from '../../../shared/security/caller.ts';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';
import { ADMIN, serve, type TestCall } from '../../support/http-call.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';

export const POS: Caller = { role: 'Channel', id: 'channel:pos', channel: 'pos' };
export const WEB: Caller = { role: 'Channel', id: 'channel:web', channel: 'web' };

export const GUID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
export const OTHER_GUID = '6fa459ea-ee8a-4ca4-894e-db77e160355e';

/** What a changing call answers. */
export interface Accepted {
  readonly operationId: string;
  readonly operationIds?: string[];
  readonly customerId: string;
  readonly addressId?: string;
  readonly addressIds?: string[];
}

/** Headquarters as the channel side sees it: operations that a test uploads and settles by hand. */
export function createFakeHq() {
  const operations = new Map<string, HqOperation>();
  const put = (staged: StagedOperation, sequence: string, status: HqOperation['status']) => {
    const { channel, replicationCounter, customerAsyncId, operation, createdOn } = staged;
    const id = operationId(staged);
    operations.set(id, {
      ...{ id, key: { channel, replicationCounter, customerAsyncId }, sequence, operation, status, createdOn },
      stagingTable: OPERATIONS[operation].stagingTable,
      operationCode: OPERATIONS[operation].code,
      ...{ accountNumber: null, lastError: null, description: 'known', attributes: [], appliedOn: null },
      ...{
        onlineOperationCompleted: status === 'Completed' ? 1 : 0,
        editedBy: null,
        editedOn: null,
        ...{ discardedBy: null, discardedOn: null, discardReason: null },
        original: null,
        version: 3,
      },
    });
  };
  const port: HqOperations = {
    findMany: async (keys) => keys.map((key) => operations.get(operationId(key))),
  };
  return { put, port };
}

/** The channel side over one storage. The same `prefix` opens another process of the same app. */
export function openChannelApp(
  options: {
    prefix?: string;
    policies?: readonly StoragePolicy[];
    now?: () => number;
    hq?: ReturnType<typeof createFakeHq>;
    realTime?: Pick<RealTime, 'send'>;
    downloadAtOnce?: (channel: string, customers: readonly string[]) => Promise<void>;
    settings?: { hqReachable: boolean; cacheMaxAgeSeconds: number };
  } = {},
) {
  const { prefix = uniquePrefix(), policies = [], now = Date.now, hq = createFakeHq() } = options;
  const { realTime = nobody, downloadAtOnce = nobody.downloadAtOnce } = options;
  const { settings = { hqReachable: true, cacheMaxAgeSeconds: 0 } } = options;
  const storage = openTestStorage({ prefix, policies });
  const channels = openChannels(storage, now);
  const staging = openStaging(storage);
  const records = new RecordStore(storage);
  const findNumber = (accountNumber: string) => records.uniqueValues.find('account', accountNumber);
  const customers = new ChannelCustomers(storage, { findNumber });
  const claims = createClaims(storage, now);
  const features = openFeatures(storage, now);
  const configurations = new ChannelConfigurations(storage);
  const maxAgeSeconds = async () => settings.cacheMaxAgeSeconds;
  const cache = new CsuCache(storage, { configurations, maxAgeSeconds, now });
  const modes = createChannelModes({ cache, configurations, features, readSettings: async () => settings, now });
  const endpoints = channelEndpoints({
    ...{ modes, cache, realTime, downloadAtOnce },
    ...{ channels, staging, customers, claims, now, hqOperations: hq.port },
    findAccountId: createAccountFinder(records),
    newId: createIdSource(),
  });
  const as = (caller: Caller): TestCall => serve(endpoints, { caller, claims });
  const database = createChannelDatabase({
    ...{ customers, hqOperations: hq.port, now },
    cachedAsOf: (channel) => cache.asOf(channel),
  });
  const both = { pos: as(POS), admin: as(ADMIN) };
  return {
    ...{ prefix, storage, channels, staging, customers, records, hq, database, features, configurations, cache },
    ...{ settings, as, ...both },
  };
}
export type ChannelApp = ReturnType<typeof openChannelApp>;

/** Nobody whom these tests let ask: all that they do is asynchronous. */
const nobody = {
  async send(): Promise<never> {
    throw new Error('Headquarters was asked');
  },
  async downloadAtOnce(): Promise<never> {
    throw new Error('Headquarters was asked');
  },
};

/** Makes the channels `pos` and `web`, switches everything on, and lets them know. */
export async function putChannels(app: ChannelApp): Promise<void> {
  await makeChannels(app);
  for (const key of FEATURE_KEYS) {
    await app.features.putFeature({ key, enabled: true, by: 'admin', ifMatch: undefined });
  }
  for (const channel of ['pos', 'web']) for (const job of CONFIGURATION_JOBS) await noteDownload(app, channel, job);
}

/** What a CDX job does about a channel's set-up. */
async function noteDownload(app: ChannelApp, id: string, job: ConfigurationJobName): Promise<void> {
  const channel = await app.channels.find(id);
  if (!channel) throw new Error(`There is no channel ${id}`);
  const copy = configurationOf(await app.features.readFeatures(), channel);
  await app.configurations.noteDownload(id, job, { on: new Date().toISOString(), copy });
}

/** Makes the channels `pos` and `web`. */
export async function makeChannels({ admin }: ChannelApp): Promise<void> {
  for (const id of ['pos', 'web']) {
    const body = { name: id, kind: 'POS', profile: { createCustomerInAsyncMode: true } };
    await admin('PUT', `/api/channels/${id}`, { body });
  }
}

export function keyed(key: string) {
  return { headers: { 'idempotency-key': key } };
}

/** A downloaded copy of a customer that was made at headquarters or came back from there. */
export function snapshotOf(customerAsyncId: string, more: Partial<CustomerSnapshot> = {}): CustomerSnapshot {
  return {
    customerAsyncId,
    accountNumber: 'C-000007',
    createdOn: '2026-03-01T09:00:00.000Z',
    exists: true,
    columns: { name: 'Anna Berg' },
    addresses: [],
    affiliations: [],
    appliedThrough: '',
    takenOn: '2026-03-01T10:00:00.000Z',
    ...more,
  };
}
