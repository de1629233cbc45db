/**
 * The download of customers to a channel (1010). Table `downloads`, PartitionKey `1010`, RowKey = the channel: the minute
 * in which its last complete download began. This is a storage format (docs/adr/0002).
 *
 *  D1  The mark moves only when every customer that the feed named from the mark's overlap (F2) on was brought to the
 *      channel. A download that is cut off begins again at the old mark; customers that come twice do no harm.
 *  D2  A channel without a mark gets the whole feed.
 */
import { mapParallel } from '../../parallel.ts';
import { Problem } from '../../problem.ts';
import type { RecordStore } from '../../records/record-store.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row, Table } from '../../storage/table.ts';
import { updateRow } from '../../storage/update-row.ts';
import type { CustomerHeads } from '../headquarters/customer-head.ts';
import type { ChannelDatabase, Channels } from '../ports.ts';
import { type CustomerFeed, type FeedPlace, feedMinute, overlapStart } from './customer-feed.ts';
import { takeSnapshot } from './download-snapshot.ts';

/** Customers of one page, and of one activity. */
const CUSTOMERS_PER_PAGE = 200;
const MAX_PARALLEL = 8;

export interface DownloadPorts {
  readonly feed: CustomerFeed;
  readonly records: RecordStore;
  readonly heads: CustomerHeads;
  readonly channels: Channels;
  readonly channelDatabase: ChannelDatabase;
  readonly now: () => number;
}

/** A channel's download on its way: the minutes that it covers, and how far it is. */
export interface DownloadStretch {
  readonly channel: string;
  readonly fromMinute: string;
  readonly toMinute: string;
  readonly after?: FeedPlace | undefined;
}

interface MarkRow extends Row {
  minute: string;
}

export class DownloadJob {
  readonly #ports: DownloadPorts;
  readonly #marks: Table;

  constructor(storage: Storage, ports: DownloadPorts) {
    this.#ports = ports;
    this.#marks = storage.table('downloads');
  }

  /** What each of these channels has to be brought (all channels when none are named). */
  async plan(channels: readonly string[] | undefined): Promise<DownloadStretch[]> {
    const toMinute = feedMinute(this.#ports.now());
    const known = (await this.#ports.channels.list()).map(({ id }) => id);
    const wanted = known.filter((id) => channels?.includes(id) ?? true);
    return mapParallel(wanted, MAX_PARALLEL, async (channel) => {
      const mark = await this.#marks.get<MarkRow>('1010', channel);
      return { channel, fromMinute: overlapStart(mark?.minute ?? ''), toMinute };
    });
  }

  /** Brings the next page of customers to the channel; `next` is what remains, absent once the mark was moved. */
  async downloadPage(stretch: DownloadStretch): Promise<{ customers: number; next: DownloadStretch | undefined }> {
    const { feed, channelDatabase } = this.#ports;
    const { customers, next } = await feed.list(stretch, CUSTOMERS_PER_PAGE);
    const taken = await mapParallel(customers, MAX_PARALLEL, (customer) => takeSnapshot(this.#ports, customer));
    const snapshots = taken.filter((snapshot) => snapshot !== undefined);
    if (snapshots.length > 0) await channelDatabase.applyDownload(stretch.channel, snapshots);
    if (next) return { customers: snapshots.length, next: { ...stretch, after: next } };
    await this.#moveMark(stretch);
    return { customers: snapshots.length, next: undefined };
  }

  async #moveMark({ channel, toMinute }: DownloadStretch): Promise<void> {
    const key = { partitionKey: '1010', rowKey: channel };
    await updateRow<MarkRow>(this.#marks, key, (stored) => ({
      ...key,
      minute: stored && stored.minute > toMinute ? stored.minute : toMinute,
    }));
  }
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
