/**
 * Keeping the customer feed short. A channel that has downloaded customers begins just before where it was, so what lies
 * before the oldest such place tells only channels that never did that a customer exists: it is kept once per customer, in
 * the feed's base (FEED-4 of shared/customers/download/customer-feed.ts), instead of once for each change.
 */
import type { CustomerFeed } from '../customers/download/customer-feed.ts';
import { feedMinute, overlapStart } from '../customers/download/customer-feed.ts';
import type { DownloadJob } from '../customers/download/download-job.ts';
import type { Channels } from '../customers/ports.ts';
import type { PurgeRound } from './purge.ts';

/** What compacting the feed works with. */
export interface CompactFeedPorts {
  readonly feed: Pick<CustomerFeed, 'moveToBase'>;
  readonly downloads: Pick<DownloadJob, 'lastMinute'>;
  readonly channels: Pick<Channels, 'list'>;
}

/** Moves what is old and known to every channel that has ever downloaded. Gives how many notes went. */
export async function compactFeed({ feed, downloads, channels }: CompactFeedPorts, round: PurgeRound): Promise<number> {
  const marks = await Promise.all((await channels.list()).map(({ id }) => downloads.lastMinute(id)));
  const known = marks.filter((minute) => minute !== '').map(overlapStart);
  const [oldest = ''] = [feedMinute(round.beforeMs), ...known].sort();
  let moved = 0;
  while (round.goOn()) {
    const count = await feed.moveToBase(oldest);
    if (count === 0) break;
    moved += count;
  }
  return moved;
}
