/**
 * The queue of the sync job: a row per customer with operations to apply. PartitionKey = two hex digits of a hash,
 * RowKey = the customer's GUID. This is a storage format (docs/adr/0002).
 *
 *  Q1  A customer is put here after its new operations were staged and before its head says that they are complete; a
 *      row that is there already gets a new ETag by that.
 *  Q2  A row is removed only If-Match the ETag that was read before the customer's operations were, and only if all that
 *      was found of them is applied or blocked, also what lies beyond the head's mark.
 *  So an operation that is staged while the row is being removed either was found, or has renewed the row.
 */
import { z } from 'zod';
import { encodeKeyPart } from '../../storage/keys.ts';
import type { Storage } from '../../storage/storage.ts';
import type { KeyRange, Row, Table } from '../../storage/table.ts';
import { customerBucket } from './staging-tables.ts';

/** A place in the queue: the customer after which to go on. */
export const pendingPlaceSchema = z.strictObject({ bucket: z.string(), customerAsyncId: z.string() });
export type PendingPlace = z.infer<typeof pendingPlaceSchema>;

export class PendingCustomers {
  readonly #table: Table;

  constructor(storage: Storage) {
    this.#table = storage.table('pendingcustomers');
  }

  /** Puts a customer in the queue, or renews its row (Q1). */
  async put(customerAsyncId: string): Promise<void> {
    const written = await this.#table.write([{ kind: 'upsert', row: keyOf(customerAsyncId) }]);
    if (!written.ok) throw new Error(`The queue of customers refused ${customerAsyncId}: ${written.conflict}`);
  }

  /** The ETag of a customer's row; undefined when it isn't in the queue. */
  async find(customerAsyncId: string): Promise<string | undefined> {
    const { partitionKey, rowKey } = keyOf(customerAsyncId);
    return (await this.#table.get(partitionKey, rowKey))?.etag;
  }

  /** Takes a customer out of the queue, unless its row was renewed since (Q2). */
  async remove(customerAsyncId: string, etag: string): Promise<void> {
    const { partitionKey, rowKey } = keyOf(customerAsyncId);
    await this.#table.delete(partitionKey, rowKey, etag);
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

function keyOf(customerAsyncId: string): Row {
  return { partitionKey: customerBucket(customerAsyncId), rowKey: encodeKeyPart(customerAsyncId) };
}
