/**
 * The downloads to the channels: 1010 customers with their numbers, 1070 the channel's features and profile, 1110 the
 * features. Table `downloads`, PartitionKey `1010`, RowKey = the channel: the minute in which its last complete download
 * of customers began. This is a storage format (docs/adr/0002).
 *
 *  DOWNLOAD-1  The mark moves only when every customer that the feed named from the mark's overlap (FEED-2) on was
 *      downloaded to the channel. A download that is cut off begins again at the old mark; customers that come twice do
 *      no harm.
 *  DOWNLOAD-2  A channel without a mark gets the whole feed.
 *  DOWNLOAD-3  What the channel learns of its set-up is headquarters' as it was when the download was planned; that 1010
 *      ran is noted after the mark has moved. So nothing counts as downloaded that was changed meanwhile.
 */

import { Problem } from '../../problem.ts';
import type { RecordStore } from '../../records/record-store.ts';
import type { DownloadJobName } from '../../runs/run.ts';
import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row, Table } from '../../storage/table.ts';
import { updateRow } from '../../storage/update-row.ts';
import type { CdxSessions } from '../cdx/cdx-sessions.ts';
import { configurationOf } from '../configuration/channel-configuration.ts';
import type { ChannelConfigurations } from '../configuration/channel-configurations.ts';
import type { FeatureStore } from '../configuration/features.ts';
import type { CustomerHeads } from '../headquarters/customer-head.ts';
import type { ChannelDatabase, Channels } from '../ports.ts';
import type { ChannelDownload } from './channel-download.ts';
import { type CustomerFeed, feedMinute, overlapStart } from './customer-feed.ts';
import { takeSnapshot } from './download-snapshot.ts';

/** Customers of one page, and of one activity. */
const CUSTOMERS_PER_PAGE = 200;

/** What the downloads work with. */
export interface DownloadPorts {
  readonly feed: CustomerFeed;
  readonly records: RecordStore;
  readonly heads: CustomerHeads;
  readonly channels: Channels;
  readonly channelDatabase: ChannelDatabase;
  readonly features: Pick<FeatureStore, 'readFeatures'>;
  readonly configurations: ChannelConfigurations;
  readonly sessions: CdxSessions;
  readonly now: () => number;
}

/** What a page came to. Without `next` and `failed` the channel has all. */
export interface DownloadedPage {
  readonly rows: number;
  readonly next?: ChannelDownload;
  /** `again`: to be tried again; `suspended`: given up until an administrator has looked at it. */
  readonly failed?: 'again' | 'suspended';
}

interface MarkRow extends Row {
  minute: string;
}

/** The steps of the download jobs. */
export class DownloadJob {
  readonly #ports: DownloadPorts;
  readonly #marks: Table;

  constructor(storage: Storage, ports: DownloadPorts) {
    this.#ports = ports;
    this.#marks = storage.table('downloads');
  }

  /** What each of these channels has to download (all channels when none are named); `held`: those that wait behind a suspended session. */
  async plan(
    job: DownloadJobName,
    channels: readonly string[] | undefined,
  ): Promise<{ stretches: ChannelDownload[]; held: string[] }> {
    const { features, sessions, now } = this.#ports;
    const toMinute = feedMinute(now());
    const set = await features.readFeatures();
    const wanted = (await this.#ports.channels.list()).filter(({ id }) => channels?.includes(id) ?? true);
    const planned = await mapParallel(wanted, MAX_PARALLEL, async (channel) => {
      const session = await sessions.begin(job, channel.id);
      if (session.status === 'Suspended') return channel.id;
      const mark = job === '1010' ? await this.#marks.get<MarkRow>('1010', channel.id) : undefined;
      const minutes = { fromMinute: overlapStart(mark?.minute ?? ''), toMinute };
      const configuration = configurationOf(set, channel);
      return { job, channel: channel.id, sessionId: session.id, configuration, ...minutes, rows: 0 };
    });
    return {
      stretches: planned.filter((each) => typeof each !== 'string'),
      held: planned.filter((each) => typeof each === 'string'),
    };
  }

  /** Downloads the next page to the channel, within the download's session. */
  async downloadPage(download: ChannelDownload): Promise<DownloadedPage> {
    const { sessions } = this.#ports;
    try {
      const { rows, next } =
        download.job === '1010' ? await this.#downloadCustomers(download) : { rows: rowsOf(download) };
      if (next) return { rows, next };
      await this.#noteDownloaded(download);
      await sessions.note(download.sessionId, { kind: 'applied', rows: download.rows + rows });
      return { rows };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const { status } = await sessions.note(download.sessionId, { kind: 'failed', error: text });
      // A session that was canceled meanwhile is over; the next one covers the same.
      return { rows: 0, failed: status === 'Failed' ? 'again' : 'suspended' };
    }
  }

  /** Downloads single customers to a channel at once, as an answer to what it has just asked of headquarters. */
  async downloadAtOnce(channel: string, customers: readonly string[]): Promise<void> {
    await this.#ports.channelDatabase.applyDownload(channel, await this.#snapshots(customers), { atOnce: true });
  }

  async #downloadCustomers(download: ChannelDownload): Promise<{ rows: number; next?: ChannelDownload }> {
    const { customers, next } = await this.#ports.feed.list(download, CUSTOMERS_PER_PAGE);
    const snapshots = await this.#snapshots(customers);
    const rows = snapshots.length;
    if (rows > 0) await this.#ports.channelDatabase.applyDownload(download.channel, snapshots);
    if (next) return { rows, next: { ...download, after: next, rows: download.rows + rows } };
    await this.#moveMark(download);
    return { rows };
  }

  async #snapshots(customers: readonly string[]) {
    const taken = await mapParallel(customers, MAX_PARALLEL, (customer) => takeSnapshot(this.#ports, customer));
    return taken.filter((snapshot) => snapshot !== undefined);
  }

  async #noteDownloaded({ job, channel, configuration }: ChannelDownload): Promise<void> {
    const on = new Date(this.#ports.now()).toISOString();
    await this.#ports.configurations.noteDownload(channel, job, { on, copy: configuration });
  }

  /** The minute in which a channel's last complete download of customers began; empty: there was none. */
  async lastMinute(channel: string): Promise<string> {
    return (await this.#marks.get<MarkRow>('1010', channel))?.minute ?? '';
  }

  async #moveMark({ channel, toMinute }: ChannelDownload): Promise<void> {
    const key = { partitionKey: '1010', rowKey: channel };
    await updateRow<MarkRow>(this.#marks, key, (stored) => ({
      ...key,
      minute: stored && stored.minute > toMinute ? stored.minute : toMinute,
    }));
  }
}

/** The features, and for 1070 the channel's profile. */
function rowsOf({ job, configuration }: ChannelDownload): number {
  return Object.keys(configuration.features).length + Number(job === '1070');
}

/** Refuses channels that don't exist. Throws Problem rule-broken that names them. */
export async function checkChannels(
  known: Pick<Channels, 'find'>,
  channels: readonly string[] | undefined,
): Promise<void> {
  const found = await mapParallel(channels ?? [], MAX_PARALLEL, async (id) =>
    (await known.find(id)) ? undefined : id,
  );
  const unknown = found.filter((id) => id !== undefined);
  if (unknown.length === 0) return;
  throw new Problem('rule-broken', `channels: there is no channel ${unknown.join(', ')}.`);
}
