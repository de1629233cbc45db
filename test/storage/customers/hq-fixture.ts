import { randomUUID } from 'node:crypto';
import { ChannelConfigurations } from '../../../shared/customers/configuration/channel-configurations.ts';
import { type FeatureStore, openFeatures } from '../../../shared/customers/configuration/features.ts';
import {
  type OperationBody,
  type OperationName,
  type StagedOperation,
  UNDER_ACCOUNT,
} from '../../../shared/customers/customer-operation.ts';
import { allChildrenOf, childrenOf } from '../../../shared/customers/headquarters/customer-children.ts';
import { type HqServices, openHqServices } from '../../../shared/customers/hq-services.ts';
import type { Channel, ChannelDatabase, CustomerSnapshot, StagedOperations } from '../../../shared/customers/ports.ts';
import type { StoredRecord } from '../../../shared/records/record.ts';
import { RecordStore } from '../../../shared/records/record-store.ts';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';

/** The channels' stores of the tests, in memory. */
class FakeStaged implements StagedOperations {
  readonly #operations = new Map<string, StagedOperation[]>();

  add(channel: string, operation: OperationName, ids: { customer: string; target?: string }, body: OperationBody = {}) {
    const staged = this.#operations.get(channel) ?? [];
    this.#operations.set(channel, staged);
    const made: StagedOperation = {
      channel,
      replicationCounter: staged.length + 1,
      operation,
      customerAsyncId: ids.customer,
      targetId: ids.target ?? ids.customer,
      body,
      createdOn: new Date(Date.UTC(2026, 2, 1, 10, 0, staged.length)).toISOString(),
      createdBy: `channel:${channel}`,
    };
    staged.push(made);
    return made;
  }

  async readAfter(channel: string, afterCounter: number, limit: number): Promise<StagedOperation[]> {
    return (this.#operations.get(channel) ?? []).slice(afterCounter, afterCounter + limit);
  }

  async find(channel: string, replicationCounter: number): Promise<StagedOperation | undefined> {
    return this.#operations.get(channel)?.[replicationCounter - 1];
  }
}

class FakeChannelDatabase implements ChannelDatabase {
  readonly downloads: { channel: string; snapshot: CustomerSnapshot }[] = [];

  async applyDownload(channel: string, snapshots: readonly CustomerSnapshot[]): Promise<void> {
    for (const snapshot of snapshots) this.downloads.push({ channel, snapshot });
  }

  /** Customers that have been staged and not uploaded. */
  readonly waiting = new Set<string>();

  async hasCustomer(channel: string, customer: string): Promise<boolean> {
    return this.waiting.has(customer) || this.newest(channel, customer) !== undefined;
  }

  /** The snapshot that came last for a customer. */
  newest(channel: string, customer: string): CustomerSnapshot | undefined {
    return this.downloads
      .filter((each) => each.channel === channel && each.snapshot.customerAsyncId === customer)
      .at(-1)?.snapshot;
  }
}

/** Headquarters over storage of its own; `reopen` is another process on the same data. */
export interface Hq extends HqServices {
  readonly storage: Storage;
  readonly records: RecordStore;
  readonly staged: FakeStaged;
  readonly channelDatabase: FakeChannelDatabase;
  readonly channels: Channel[];
  readonly features: FeatureStore;
  readonly configurations: ChannelConfigurations;
  readonly clock: { nowMs: number };
  reopen(policies?: readonly StoragePolicy[]): Hq;
}

export function openHq(): Hq {
  return open({
    prefix: uniquePrefix(),
    staged: new FakeStaged(),
    channelDatabase: new FakeChannelDatabase(),
    channels: [],
    clock: { nowMs: Date.UTC(2026, 2, 2, 12) },
    policies: [],
  });
}

type Parts = Pick<Hq, 'staged' | 'channelDatabase' | 'channels' | 'clock'> & {
  prefix: string;
  policies: readonly StoragePolicy[];
};

function open(parts: Parts): Hq {
  const { prefix, policies, channels: list, clock, staged, channelDatabase } = parts;
  const storage = openTestStorage({ prefix, policies });
  const records = new RecordStore(storage);
  const channels = {
    list: async () => list,
    find: async (id: string) => list.find((channel) => channel.id === id),
  };
  const now = () => clock.nowMs;
  const features = openFeatures(storage, now);
  const configurations = new ChannelConfigurations(storage);
  const services = openHqServices({
    storage,
    records,
    channels,
    staged,
    channelDatabase,
    features,
    configurations,
    now,
  });
  const reopen = (with_: readonly StoragePolicy[] = []) => open({ ...parts, policies: with_ });
  return {
    ...services,
    storage,
    records,
    staged,
    channelDatabase,
    features,
    configurations,
    channels: list,
    clock,
    reopen,
  };
}

export function addChannel(hq: Hq, id: string, defaultCustomer?: string): string {
  const profile = { createCustomerInAsyncMode: true };
  hq.channels.push({ id, name: id, kind: 'POS', profile, defaultCustomer, version: 1, profileChangedIn: 1 });
  return id;
}

/** Uploads until no channel has anything; gives the number of pages. */
export async function uploadAll(hq: Pick<Hq, 'uploadJob'>): Promise<number> {
  for (let pages = 0; ; pages++) if ((await hq.uploadJob.uploadPage()).channel === null) return pages;
}

/** One walk through the queue, as a run does it. */
export async function applyAll(hq: Pick<Hq, 'applyJob'>, holder: string = randomUUID()) {
  const sum = { applied: 0, failed: 0, held: 0, busy: 0 };
  let next: Awaited<ReturnType<Hq['applyJob']['listPending']>>['next'];
  do {
    const page = await hq.applyJob.listPending(next);
    for (const group of page.groups) {
      const { applied, failed, held, busy } = await hq.applyJob.applyCustomers(group, holder);
      sum.applied += applied;
      sum.failed += failed;
      sum.held += held;
      sum.busy += busy;
    }
    next = page.next;
  } while (next);
  return sum;
}

/** Brings every channel what it has to be brought. */
export async function downloadAll(hq: Pick<Hq, 'downloadJob'>, channels?: readonly string[]): Promise<void> {
  for (const stretch of (await hq.downloadJob.plan('1010', channels)).stretches) {
    let left: typeof stretch | undefined = stretch;
    while (left) left = (await hq.downloadJob.downloadPage(left)).next;
  }
}

export async function operationsOf(hq: Pick<Hq, 'operations'>, customer: string) {
  return (await hq.operations.list({ asyncCustomer: customer }, 500, undefined)).items.reverse();
}

/** What all records have that were made at headquarters by hand. */
const BY_HAND = {
  ownerId: 'admin',
  state: 'Active',
  createdOn: '2026-01-01T00:00:00.000Z',
  createdBy: 'admin',
} as const;

/** An account made at headquarters by hand. */
export async function makeAccount(
  hq: Pick<Hq, 'records'>,
  columns: Record<string, string>,
  id: string = randomUUID(),
): Promise<StoredRecord> {
  const value = {
    id,
    table: 'account' as const,
    ...BY_HAND,
    columns: { name: 'Made by hand', ...columns },
    lookups: {},
  };
  return hq.records.create({ value, origin: randomUUID() });
}

/** An affiliation under such an account. */
export async function makeAffiliation(
  hq: Pick<Hq, 'records'>,
  accountId: string,
  affiliationId: string,
): Promise<void> {
  const lookups = { account_affiliations: accountId };
  const value = { id: randomUUID(), table: 'affiliation' as const, ...BY_HAND, columns: { affiliationId }, lookups };
  await hq.records.create({ value, origin: randomUUID() });
}

/** The columns of an account and of its addresses and affiliations, with versions: all that operations change. */
export async function customerState(hq: Pick<Hq, 'records'>, customer: string) {
  const account = await hq.records.find('account', customer);
  const under = async (table: 'address' | 'affiliation', relationship: string) => {
    const ids: string[] = [];
    for await (const { childId } of hq.records.hints(relationship).of(customer)) ids.push(childId);
    const found = (await hq.records.findMany(table, ids)).filter((each) => each !== undefined);
    return found.map(({ value: { columns, state, version } }) => ({ columns, state, version }));
  };
  return {
    account: account && { columns: account.value.columns, version: account.value.version },
    addresses: await under('address', 'account_addresses'),
    affiliations: (await under('affiliation', 'account_affiliations')).sort((a, b) =>
      String(a.columns.affiliationId) < String(b.columns.affiliationId) ? -1 : 1,
    ),
  };
}

/** The active records of a table under a customer, without those that are gone. */
export async function partsOf(
  hq: Pick<Hq, 'records'>,
  table: 'address' | 'contactInfo' | 'affiliation' | 'attribute',
  accountId: string,
) {
  const found = await childrenOf(hq.records, table, UNDER_ACCOUNT[table], accountId);
  return found.map(({ value }) => value.columns);
}

/** What a merge leaves of the subordinate and of what was under it, for tests without the engine of cascades. */
export async function mergeByHand(hq: Pick<Hq, 'records'>, subordinate: string, master: string): Promise<void> {
  const options = { by: 'admin', on: '2026-03-02T12:00:00.000Z' };
  for (const [table, relationship] of Object.entries(UNDER_ACCOUNT)) {
    const name = table as keyof typeof UNDER_ACCOUNT;
    for (const { value } of await allChildrenOf(hq.records, name, relationship, subordinate)) {
      await hq.records.change(name, value.id, { lookups: { [relationship]: master } }, options);
    }
  }
  await hq.records.change('account', subordinate, { state: 'Inactive', columns: { masterId: master } }, options);
}
