/** The way of customers between channels and headquarters, looked at as a whole; changes nothing. */

import { z } from 'zod';
import type { StoredRecord } from '../../records/record.ts';
import { isGuid } from '../../records/record-ids.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { type JobName, jobSchema } from '../../runs/run.ts';
import type { RunRegistry } from '../../runs/run-registry.ts';
import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { CdxSessions } from '../cdx/cdx-sessions.ts';
import { normalizeReference } from '../channel/customer-identity.ts';
import type { ChannelCustomers } from '../channel/customers.ts';
import {
  type ConfigurationJobName,
  configurationOf,
  type HqConfiguration,
} from '../configuration/channel-configuration.ts';
import type { ChannelConfigurations } from '../configuration/channel-configurations.ts';
import type { FeatureStore } from '../configuration/features.ts';
import { operationId, type StagedOperation } from '../customer-operation.ts';
import { type CustomerFeed, feedMinute } from '../download/customer-feed.ts';
import type { DownloadJob } from '../download/download-job.ts';
import type { CustomerHead, CustomerHeads } from '../headquarters/customer-head.ts';
import type { HqOperationReader } from '../headquarters/operations.ts';
import type { Channel, Channels, HqOperation, StagedOperations } from '../ports.ts';
import type { UploadStates } from '../upload/upload-state.ts';
import { type ExplainFacts, type Explanation, explain } from './explain.ts';

/** What looking at the pipeline works with. */
export interface PipelinePorts {
  readonly channels: Channels;
  readonly customers: Pick<ChannelCustomers, 'find' | 'resolve'>;
  readonly staged: Pick<StagedOperations, 'readAfter'>;
  readonly uploads: Pick<UploadStates, 'cursor'>;
  readonly operations: Pick<HqOperationReader, 'countOpen' | 'ofCustomer'>;
  readonly downloads: Pick<DownloadJob, 'lastMinute'>;
  readonly feed: Pick<CustomerFeed, 'list'>;
  readonly heads: Pick<CustomerHeads, 'find'>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  readonly configurations: Pick<ChannelConfigurations, 'read'>;
  readonly features: Pick<FeatureStore, 'readFeatures'>;
  readonly records: Pick<RecordStore, 'find' | 'uniqueValues'>;
  readonly runs: Pick<RunRegistry, 'latest'>;
  readonly sessions: Pick<CdxSessions, 'suspended'>;
  /** As of when a channel's Commerce Scale Unit serves what it has cached. */
  readonly cachedOn: (channel: string) => Promise<string | undefined>;
}

const DOWNLOADS = ['1110', '1010', '1070'] as const;
const PAGE = 500;
/** What is counted of anything that waits; more than that says no more. */
const MAX_COUNT = 10_000;
/** Changed customers that are compared with a channel's copies. */
const MAX_CHANGED = 500;

const count = z.number().int();

/** Schema of one channel in the overview. */
export const overviewSchema = z.strictObject({
  id: z.string(),
  jobs: z.array(
    z.strictObject({
      job: jobSchema,
      lastRunOn: z.iso.datetime().nullable(),
      status: z.enum(['Queued', 'Running', 'Completed', 'Failed']).nullable(),
    }),
  ),
  waiting: z.strictObject({ toUpload: count, toSynchronize: count, failed: count, held: count, toDownload: count }),
});

type KnownCustomers = (id: string) => Promise<[StoredRecord | undefined, CustomerHead | undefined]>;

/** Looks at how far channels and customers are; changes nothing. */
export class Pipeline {
  readonly #ports: PipelinePorts;

  constructor(ports: PipelinePorts) {
    this.#ports = ports;
  }

  /** Per channel when its jobs ran last and what waits between them. */
  async overview(channels: readonly Channel[]): Promise<Record<string, unknown>[]> {
    const [upload, sync, open] = await Promise.all([
      this.#lastRun('P-0001'),
      this.#lastRun('customer-sync'),
      this.#ports.operations.countOpen(),
    ]);
    const known = this.#knownCustomers();
    return mapParallel(channels, MAX_PARALLEL, async ({ id }) => {
      const { jobs } = await this.#ports.configurations.read(id);
      const downloads = await Promise.all(
        DOWNLOADS.map(async (job) => {
          const lastRunOn = jobs[job]?.on ?? null;
          // A run that began before the channel was there says nothing of it.
          return { job, lastRunOn, status: lastRunOn === null ? null : (await this.#lastRun(job)).status };
        }),
      );
      const [toUpload, toDownload] = await Promise.all([this.#toUpload(id), this.#toDownload(id, known)]);
      const { Uploaded: toSynchronize = 0, Failed: failed = 0, Held: held = 0 } = open.get(id) ?? {};
      const waiting = { toUpload, toSynchronize, failed, held, toDownload };
      return { id, jobs: [...downloads, upload, sync], waiting };
    });
  }

  /** Why a customer isn't visible in a channel. `customer`: GUID or account number. */
  async explain(channel: Channel, customer: string): Promise<Explanation> {
    const { customers, operations, records, configurations, features, cachedOn } = this.#ports;
    const reference = normalizeReference(customer);
    const id = isGuid(reference)
      ? reference
      : ((await records.uniqueValues.find('account', reference)) ?? (await customers.resolve(channel.id, reference)));
    const uploaded = id === undefined ? [] : await operations.ofCustomer(id);
    const account = id === undefined ? undefined : await records.find('account', id);
    const [set, { jobs }, stored] = await Promise.all([
      features.readFeatures(),
      configurations.read(channel.id),
      id === undefined ? undefined : customers.find(channel.id, id),
    ]);
    const number = account?.value.columns.accountNumber;
    return explain({
      ...{ channel: channel.id, customer, uploaded },
      staged: id === undefined ? undefined : await this.#oldestStaged(channel, id, uploaded),
      missingJobs: missingJobs(configurationOf(set, channel), jobs),
      account:
        account && !account.tombstone
          ? { accountNumber: typeof number === 'string' ? number : undefined, createdOn: account.value.createdOn }
          : undefined,
      deletedOn: account?.tombstone?.deletedOn,
      suspended: await this.#suspended(channel.id),
      copy: stored?.snapshot,
      cachedOn: await cachedOn(channel.id),
    });
  }

  /** The customer's oldest operation that headquarters doesn't have, in this channel or else in any. */
  async #oldestStaged(
    channel: Channel,
    id: string,
    uploaded: readonly HqOperation[],
  ): Promise<StagedOperation | undefined> {
    const known = new Set(uploaded.map((operation) => operation.id));
    const others = (await this.#ports.channels.list()).filter((each) => each.id !== channel.id);
    const found = await mapParallel([channel, ...others], MAX_PARALLEL, (each) =>
      this.#ports.customers.find(each.id, id),
    );
    const staged = found.flatMap((customer) => customer?.operations ?? []);
    return staged.find((operation) => !known.has(operationId(operation)));
  }

  async #suspended(channel: string): Promise<NonNullable<ExplainFacts['suspended']>> {
    const { sessions, channels } = this.#ports;
    const [download, uploads] = await Promise.all([
      sessions.suspended('1010', channel),
      mapParallel(await channels.list(), MAX_PARALLEL, ({ id }) => sessions.suspended('P-0001', id)),
    ]);
    return { upload: uploads.find((session) => session !== undefined)?.id, download: download?.id };
  }

  async #lastRun(job: JobName) {
    const run = await this.#ports.runs.latest(job);
    return { job, lastRunOn: run?.completedOn ?? run?.startedOn ?? null, status: run?.status ?? null };
  }

  /** Reads customers as headquarters has them; each once, however many channels ask. */
  #knownCustomers(): KnownCustomers {
    const { records, heads } = this.#ports;
    const read = (id: string) => Promise.all([records.find('account', id), heads.find(id)]);
    const known = new Map<string, ReturnType<KnownCustomers>>();
    return (id: string) => {
      const asked = known.get(id) ?? read(id);
      known.set(id, asked);
      return asked;
    };
  }

  /** Customers that have changed since the channel's copy of them was taken, among those that changed first. */
  async #toDownload(channel: string, known: KnownCustomers): Promise<number> {
    const { downloads, feed, customers, now } = this.#ports;
    const fromMinute = await downloads.lastMinute(channel);
    const changed = (await feed.list({ fromMinute, toMinute: feedMinute(now()) }, MAX_CHANGED)).customers;
    const waits = await mapParallel(changed, MAX_PARALLEL, async (id) => {
      const [[account, head], stored] = await Promise.all([known(id), customers.find(channel, id)]);
      const copy = stored?.snapshot;
      if (!account || !copy) return account !== undefined;
      return copy.appliedThrough < (head?.appliedThrough ?? '') || copy.takenOn < account.value.modifiedOn;
    });
    return waits.filter(Boolean).length;
  }

  async #toUpload(channel: string): Promise<number> {
    const first = await this.#ports.uploads.cursor(channel);
    for (let count = 0; ; ) {
      const staged = await this.#ports.staged.readAfter(channel, first + count, PAGE);
      count += staged.length;
      if (staged.length < PAGE || count >= MAX_COUNT) return count;
    }
  }
}

/** The jobs that a channel lacks for what is on for it at headquarters. */
function missingJobs(
  hq: HqConfiguration,
  jobs: Partial<Record<ConfigurationJobName, { readonly copy: HqConfiguration }>>,
): ConfigurationJobName[] {
  const enabled = Object.values(hq.features).filter((feature) => feature.enabled);
  if (enabled.length === 0 && !hq.createCustomerInAsyncMode) return [];
  const changedIn = Math.max(0, ...Object.values(hq.features).map((feature) => feature.changedIn));
  return DOWNLOADS.filter((job) => {
    const copy = jobs[job]?.copy;
    return !copy || copy.featuresRevision < changedIn || copy.channelVersion < hq.profileChangedIn;
  });
}
