import { randomUUID } from 'node:crypto';
import { TableClient, type TransactionAction } from '@azure/data-tables';
import { startMemoryAzurite } from '../local/azurite/memory-azurite.ts';
import { openChannels } from '../shared/customers/channels/channels.ts';
import { ChannelConfigurations } from '../shared/customers/configuration/channel-configurations.ts';
import { openFeatures } from '../shared/customers/configuration/features.ts';
import type { StagedOperation } from '../shared/customers/customer-operation.ts';
import { type HqServices, openHqServices } from '../shared/customers/hq-services.ts';
import { RecordStore } from '../shared/records/record-store.ts';
import { mapParallel } from '../shared/storage/parallel.ts';
import { openStorage } from '../shared/storage/storage.ts';
import type { Round } from './report.ts';

const CHANNEL = 'bench';
const IN_FLIGHT = 16;

/**
 * One round: the least that a customer's operations cost, then their upload and synchronization by the jobs' steps: a creation
 * and edits of each customer, the customers one after the other as channels send them.
 */
export async function syncRound(customers: number, operationsEach: number): Promise<Round> {
  const azurite = await startMemoryAzurite();
  try {
    const staged = stagedOperations(customers, operationsEach);
    const floorMs = await measureSyncFloor(azurite.connectionString, staged, operationsEach);
    const storage = openStorage({ connectionString: azurite.connectionString });
    const channels = openChannels(storage);
    const profile = { createCustomerInAsyncMode: true };
    const channel = { id: CHANNEL, name: CHANNEL, kind: 'POS', profile } as const;
    await channels.putChannel({ channel, by: 'bench', ifMatch: undefined });
    const hq = openHqServices({
      ...{ storage, channels, records: new RecordStore(storage), features: openFeatures(storage) },
      staged: {
        readAfter: async (_channel, after, limit) => staged.slice(after, after + limit),
        find: async (_channel, counter) => staged[counter - 1],
      },
      channelDatabase: { applyDownload: async () => undefined, hasCustomer: async () => false },
      configurations: new ChannelConfigurations(storage),
    });
    const startMs = performance.now();
    await uploadAndApply(hq, staged.length);
    return { floorMs, ms: performance.now() - startMs };
  } finally {
    azurite.stop();
  }
}

function stagedOperations(customers: number, operationsEach: number): StagedOperation[] {
  const createdMs = Date.now();
  return Array.from({ length: customers }, () => randomUUID()).flatMap((customerAsyncId, customer) =>
    Array.from({ length: operationsEach }, (_, at): StagedOperation => {
      const replicationCounter = customer * operationsEach + at + 1;
      const createdOn = new Date(createdMs + customer).toISOString();
      const common = { channel: CHANNEL, replicationCounter, customerAsyncId, targetId: customerAsyncId, createdOn };
      return at === 0
        ? { ...common, operation: 'createCustomer', body: { name: 'Anna' }, createdBy: CHANNEL }
        : { ...common, operation: 'editCustomer', body: { phone: `${at}` }, createdBy: CHANNEL };
    }),
  );
}

async function uploadAndApply({ uploadJob, applyJob }: HqServices, operations: number): Promise<void> {
  while ((await uploadJob.uploadPage()).channel !== null);
  const run = randomUUID();
  let applied = 0;
  let next: Awaited<ReturnType<typeof applyJob.listPending>>['next'];
  do {
    const page = await applyJob.listPending(next);
    const done = await Promise.all(page.groups.map((group) => applyJob.applyCustomers(group, run)));
    applied += done.reduce((sum, each) => sum + each.applied, 0);
    next = page.next;
  } while (next);
  if (applied !== operations) throw new Error(`${applied} of ${operations} operations were applied`);
}

/**
 * The floor, by the storage client alone: for each customer its rows inserted, merged with their plans and merged with their
 * outcomes, in a transaction each, and its account inserted and merged. Gives milliseconds.
 */
async function measureSyncFloor(
  connectionString: string,
  staged: readonly StagedOperation[],
  operationsEach: number,
): Promise<number> {
  const client = TableClient.fromConnectionString(connectionString, 'floor', { allowInsecureConnection: true });
  await client.createTable();
  const firsts = staged.filter((_, at) => at % operationsEach === 0);
  const startMs = performance.now();
  await mapParallel(firsts, IN_FLIGHT, async ({ customerAsyncId: partitionKey, createdOn }) => {
    const rows = Array.from({ length: operationsEach }, (_, at) => ({ partitionKey, rowKey: String(at) }));
    const merges = (column: string): TransactionAction[] =>
      rows.map((row) => ['update', { ...row, [column]: createdOn }, 'Merge']);
    await client.submitTransaction(rows.map((row) => ['create', { ...row, body: createdOn.repeat(10) }]));
    await client.submitTransaction(merges('plan'));
    await client.createEntity({ partitionKey, rowKey: 'account', name: 'Anna' });
    await client.updateEntity({ partitionKey, rowKey: 'account', phone: '1' }, 'Merge');
    await client.submitTransaction(merges('outcome'));
  });
  return performance.now() - startMs;
}
