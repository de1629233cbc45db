/**
 * Which customers have changed lately, for the download job (1010). Table `customerfeed`, PartitionKey = UTC minute
 * (yyyyMMddHHmm), RowKey = the customer's GUID. This is a storage format (docs/adr/0002).
 *
 *  FEED-1  A row is written before the change it tells of is acknowledged (an operation marked Completed, a request
 *      answered).
 *  FEED-2  Whoever reads begins `OVERLAP_MINUTES` before the minute in which its last reading began. So a row counts that
 *      was written late, and a change that was made after its row, as long as the delay is shorter than that.
 *  FEED-3  A row only hints: the reader looks at the records.
 *  FEED-4  Rows of minutes that every channel is past may be moved to the base (PartitionKey `base|` and a digit of a
 *      hash), one per customer: written there first, then removed from the minute. Who reads from the feed's beginning
 *      reads the base last, so that a row which is moved meanwhile is met in the one place or the other.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { afterPrefix } from '../../storage/keys.ts';
import { groupBy } from '../../storage/parallel.ts';
import type { Storage } from '../../storage/storage.ts';
import { type KeyRange, ROWS_PER_TRANSACTION, type Table } from '../../storage/table.ts';

/** See FEED-2. */
export const OVERLAP_MINUTES = 15;
const ROWS_PER_MOVE = 500;
/** Begins the partitions of the base; sorts behind all minutes. */
const BASE = 'base|';

/** Minutes to read, from after a place on; an empty `fromMinute` is the feed's beginning, and takes the base in. */
interface FeedRange {
  readonly fromMinute: string;
  readonly toMinute: string;
  readonly after?: FeedPlace | undefined;
}

/** A place in the feed: after this customer of this minute. */
export const feedPlaceSchema = z.strictObject({ minute: z.string(), customerAsyncId: z.string() });
export type FeedPlace = z.infer<typeof feedPlaceSchema>;

/** The feed's minute of a time in milliseconds since 1970. */
export function feedMinute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace(/\D/g, '');
}

/** The minute to begin with, when the last reading began in `minute`; empty (the feed's beginning) when there was none. */
export function overlapStart(minute: string): string {
  if (minute === '') return '';
  const [, year, month, day, hour, minutes] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(minute) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minutes}:00Z`);
  return feedMinute(ms - OVERLAP_MINUTES * 60_000);
}

/** The feed of changed customers. */
export class CustomerFeed {
  readonly #table: Table;
  readonly #now: () => number;

  constructor(storage: Storage, now: () => number = Date.now) {
    this.#table = storage.table('customerfeed');
    this.#now = now;
  }

  /** Notes that customers are about to change, or just have (FEED-1). */
  async noteCustomersChanged(customerAsyncIds: readonly string[]): Promise<void> {
    const partitionKey = feedMinute(this.#now());
    for (const group of groupBy([...new Set(customerAsyncIds)], () => '', ROWS_PER_TRANSACTION)) {
      const written = await this.#table.write(
        group.map((rowKey) => ({ kind: 'upsert', row: { partitionKey, rowKey } })),
      );
      if (!written.ok) throw new Error(`The customer feed refused ${group[0]}: ${written.conflict}`);
    }
  }

  /** Notes one customer. */
  noteCustomerChanged(customerAsyncId: string): Promise<void> {
    return this.noteCustomersChanged([customerAsyncId]);
  }

  /**
   * At most `limit` customers, each once, of the minutes from `fromMinute` through `toMinute` or from after a place on;
   * `next` when there may be more.
   */
  async list(range: FeedRange, limit: number): Promise<{ customers: string[]; next: FeedPlace | undefined }> {
    const customers = new Set<string>();
    for (const each of rangesOf(range)) {
      for await (const { partitionKey, rowKey } of this.#table.rows(each)) {
        customers.add(rowKey);
        if (customers.size === limit) {
          return { customers: [...customers], next: { minute: partitionKey, customerAsyncId: rowKey } };
        }
      }
    }
    return { customers: [...customers], next: undefined };
  }

  /** Moves some rows of before a minute to the base (FEED-4); gives how many, 0 when there are none. */
  async moveToBase(beforeMinute: string): Promise<number> {
    const [first] = (await this.#table.page({ partitionTo: beforeMinute, select: ['w'] }, 1)).rows;
    if (!first) return 0;
    const { rows } = await this.#table.page({ partitionKey: first.partitionKey, select: ['w'] }, ROWS_PER_MOVE);
    const based = rows.map(({ rowKey }) => ({ partitionKey: basePartition(rowKey), rowKey }));
    for (const group of groupBy(based, ({ partitionKey }) => partitionKey, ROWS_PER_TRANSACTION)) {
      const written = await this.#table.write(group.map((row) => ({ kind: 'upsert', row })));
      if (!written.ok) throw new Error(`The base of the customer feed refused rows: ${written.conflict}`);
    }
    // Nobody writes to a minute that has passed long ago.
    for (const group of groupBy(rows, () => '', ROWS_PER_TRANSACTION)) {
      await this.#table.write(
        group.map(({ partitionKey, rowKey }) => ({ kind: 'delete', row: { partitionKey, rowKey } })),
      );
    }
    return rows.length;
  }
}

/** Where to look for the rest of a range, in order. */
function rangesOf({ fromMinute, toMinute, after }: FeedRange): KeyRange[] {
  const partitionTo = afterPrefix(toMinute);
  const base = fromMinute === '' ? [{ partitionFrom: BASE, partitionTo: afterPrefix(BASE) }] : [];
  if (!after) return [{ ...(fromMinute && { partitionFrom: fromMinute }), partitionTo }, ...base];
  const rest = { partitionKey: after.minute, after: after.customerAsyncId };
  if (after.minute.startsWith(BASE)) return [rest, { partitionAfter: after.minute, partitionTo: afterPrefix(BASE) }];
  return [rest, { partitionAfter: after.minute, partitionTo }, ...base];
}

function basePartition(customerAsyncId: string): string {
  return `${BASE}${createHash('sha256').update(customerAsyncId).digest('hex').slice(0, 1)}`;
}
