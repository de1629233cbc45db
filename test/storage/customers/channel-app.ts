import { channelEndpoints } from '../../../functions/channel/channel-endpoints.ts';
import { openChannels } from '../../../shared/channels/channels.ts';
import { createAccountFinder } from '../../../shared/channels/find-account.ts';
import { createChannelDatabase } from '../../../shared/customers/channel/channel-database.ts';
import { ChannelCustomers } from '../../../shared/customers/channel/customers.ts';
import { OPERATIONS, operationId, type StagedOperation } from '../../../shared/customers/customer-operation.ts';
import type { CustomerSnapshot, HqOperation, HqOperations } from '../../../shared/customers/ports.ts';
import { openStaging } from '../../../shared/customers/staging/staging.ts';
import { createClaims } from '../../../shared/idempotency/claims.ts';
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
      ...{ onlineOperationCompleted: status === 'Completed' ? 1 : 0, editedBy: null, editedOn: null, version: 3 },
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
  } = {},
) {
  const { prefix = uniquePrefix(), policies = [], now = Date.now, hq = createFakeHq() } = options;
  const storage = openTestStorage({ prefix, policies });
  const channels = openChannels(storage, now);
  const staging = openStaging(storage);
  const customers = new ChannelCustomers(storage);
  const records = new RecordStore(storage);
  const claims = createClaims(storage, now);
  const endpoints = channelEndpoints({
    ...{ channels, staging, customers, claims, now, hqOperations: hq.port },
    findAccountId: createAccountFinder(records),
    newId: createIdSource(),
  });
  const as = (caller: Caller): TestCall => serve(endpoints, { caller, claims });
  const database = createChannelDatabase({ customers, hqOperations: hq.port });
  return { prefix, storage, channels, staging, customers, records, hq, database, as, pos: as(POS), admin: as(ADMIN) };
}
export type ChannelApp = ReturnType<typeof openChannelApp>;

/** Makes the channels `pos` and `web`. */
export async function putChannels({ admin }: ChannelApp): Promise<void> {
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
