/**
 * The queue of the sync job: a row per customer with operations to apply. PartitionKey = a hex digit of a hash, RowKey =
 * the customer's GUID, `in<n>` = the n-th staging table has something of it. This is a storage format (docs/adr/0002).
 *
 *  QUEUE-1  A customer is put here after its new operations were staged and before its head says that they are complete;
 *      a row that is there already gets a new ETag by that.
 *  QUEUE-2  A row is removed only If-Match the ETag that was read before the customer's operations were, and only if all
 *      that was found of them is applied or blocked, also what lies beyond the head's mark.
 *  QUEUE-3  The row names the tables of what is staged beyond the head's mark; what lies up to that the head names
 *      (HEAD-8).
 *  So an operation that is staged while the row is being removed either was found, or has renewed the row.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { afterPrefix, encodeKeyPart } from '../../storage/keys.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { Storage } from '../../storage/storage.ts';
import { type KeyRange, ROWS_PER_TRANSACTION, type Row, type StoredRow, type Table } from '../../storage/table.ts';
import { ALL_TABLES } from './staging-places.ts';

/** A place in the queue: the customer after which to go on. */
export const pendingPlaceSchema = z.strictObject({ bucket: z.string(), customerAsyncId: z.string() });
export type PendingPlace = z.infer<typeof pendingPlaceSchema>;

/** A customer's row in the queue. */
export interface QueuedCustomer {
  readonly etag: string;
  /** The staging tables that its latest operations are in, perhaps with others (QUEUE-3). */
  readonly tables: string;
}

/** The queue of customers. */
export class PendingCustomers {
  readonly #table: Table;

  constructor(storage: Storage) {
    this.#table = storage.table('pendingcustomers');
  }

  /** Puts a customer in the queue, or renews its row (QUEUE-1). `tables`: where its new operations are (QUEUE-3). */
  put(customerAsyncId: string, tables = ''): Promise<void> {
    return this.putAll([{ customerAsyncId, tables }]);
  }

  /** Puts customers in the queue, each named once. */
  async putAll(customers: readonly { readonly customerAsyncId: string; readonly tables: string }[]): Promise<void> {
    const rows = customers.map(({ customerAsyncId, tables }) => {
      const places = Object.fromEntries(tables.split('').map((place) => [`in${place}`, true]));
      return { ...keyOf(customerAsyncId), ...places };
    });
    const partitions = groupBy(rows, ({ partitionKey }) => partitionKey, ROWS_PER_TRANSACTION);
    await mapParallel(partitions, MAX_PARALLEL, async (group) => {
      const written = await this.#table.write(group.map((row) => ({ kind: 'upsert', row })));
      if (!written.ok) throw new Error(`The queue of customers refused ${group[0]?.rowKey}: ${written.conflict}`);
    });
  }

  /** A customer's place in the queue; undefined when it isn't there. */
  async find(customerAsyncId: string): Promise<QueuedCustomer | undefined> {
    const { partitionKey, rowKey } = keyOf(customerAsyncId);
    const row = await this.#table.get(partitionKey, rowKey);
    return row && queued(row);
  }

  /** The places of customers, by id; of those that lie side by side with few readings. */
  async findAll(customers: readonly string[]): Promise<Map<string, QueuedCustomer>> {
    const found = new Map<string, QueuedCustomer>();
    await mapParallel(groupBy(customers, bucketOf), MAX_PARALLEL, async (group) => {
      const sorted = [...group].sort();
      const [first = '', last = ''] = [sorted[0], sorted.at(-1)];
      const range = { partitionKey: bucketOf(first), from: encodeKeyPart(first), to: afterPrefix(encodeKeyPart(last)) };
      const wanted = new Set(group);
      for await (const row of this.#table.rows(range)) if (wanted.has(row.rowKey)) found.set(row.rowKey, queued(row));
    });
    return found;
  }

  /** Takes a customer out of the queue, unless its row was renewed since (QUEUE-2). */
  async remove(customerAsyncId: string, etag: string): Promise<void> {
    const { partitionKey, rowKey } = keyOf(customerAsyncId);
    await this.#table.delete(partitionKey, rowKey, etag);
  }

  /** Since when a customer waits whose row was not renewed the longest (ISO 8601 UTC, the service's clock); undefined: none waits. */
  async waitingSince(): Promise<string | undefined> {
    const { rows } = await this.#table.page<Row & { readonly timestamp: string }>({}, MAX_LOOKED_AT);
    return rows.map(({ timestamp }) => timestamp).sort()[0];
  }

  /** At most `limit` customers from after a place on; `next` when there may be more. */
  async list(
    after: PendingPlace | undefined,
    limit: number,
  ): Promise<{ customers: string[]; next: PendingPlace | undefined }> {
    const customers: string[] = [];
    const ranges: KeyRange[] = after
      ? [{ partitionKey: after.bucket, after: after.customerAsyncId }, { partitionAfter: after.bucket }]
      : [{}];
    for (const range of ranges) {
      for await (const { rowKey, partitionKey } of this.#table.rows(range)) {
        customers.push(rowKey);
        if (customers.length === limit) return { customers, next: { bucket: partitionKey, customerAsyncId: rowKey } };
      }
    }
    return { customers, next: undefined };
  }
}

/** What a look at the queue's age reads at most: it then tells of these customers alone. */
const MAX_LOOKED_AT = 1_000;

function keyOf(customerAsyncId: string): Row {
  return { partitionKey: bucketOf(customerAsyncId), rowKey: encodeKeyPart(customerAsyncId) };
}

/** Few partitions, so that many customers of a page share a transaction. */
function bucketOf(customerAsyncId: string): string {
  return createHash('sha256').update(customerAsyncId).digest('hex').slice(0, 1);
}

function queued(row: StoredRow<Row>): QueuedCustomer {
  return {
    etag: row.etag,
    tables: ALL_TABLES.split('')
      .filter((place) => row[`in${place}`] === true)
      .join(''),
  };
}
