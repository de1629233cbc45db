/**
 * A channel's copy of the customers, and beside each its own operations that the copy doesn't include. Invariants:
 *
 *  CHANNEL-1  An own operation is written here after it was staged and before the channel is answered; a retry writes it
 *      again. It never goes before it is staged, so what is here exists.
 *  CHANNEL-2  Every write of a customer's rows changes the customer's row under its ETag, and the list's words are
 *      written before it. Who then finds itself overtaken may have written older words over newer ones: it writes the
 *      list again, from the row, until the row has not changed meanwhile. So the words of row and list cover the copy and
 *      all own operations.
 *  CHANNEL-3  An older copy never takes the place of a newer one.
 *  CHANNEL-4  An own operation is removed only after a stored copy includes it. One that comes late (CHANNEL-1) is looked
 *      at again by whoever reads (isIncluded), and removed with the next download. While the channel's cache serves an
 *      older copy, it is that copy which has to include it.
 */

import { isGuid } from '../../records/record-ids.ts';
import { afterPrefix } from '../../storage/keys.ts';
import { type IndexEntry, indexWrite, newestFirst, type Place } from '../../storage/newest-first.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { Storage } from '../../storage/storage.ts';
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import type { Row, StoredRow, Table, Write } from '../../storage/table.ts';
import type { StagedOperation } from '../customer-operation.ts';
import type { CustomerSnapshot } from '../ports.ts';
import { AddressIds } from './address-ids.ts';
import { normalizeReference } from './customer-identity.ts';
import {
  type CustomerRow,
  customerKey,
  fromOwnOperationRow,
  type NumberRow,
  numberRowKey,
  type OlderCopy,
  type OwnOperationRow,
  olderCopyCells,
  olderCopyOf,
  type RowKey,
  servedCopy,
  snapshotCells,
  snapshotOf,
  toOwnOperationRow,
  wordsOf,
} from './customer-rows.ts';

const MAX_ROUNDS = 20;

/** A customer as a channel has it. */
export interface StoredCustomer {
  readonly customerAsyncId: string;
  readonly createdOn: string;
  readonly snapshot: CustomerSnapshot | undefined;
  /** When the copy was stored, ISO 8601 UTC; empty while there is none. */
  readonly storedOn: string;
  /** What the channel's cache may serve in the place of the copy. */
  readonly older: OlderCopy | undefined;
  /** The channel's own operations, by their counters. */
  readonly operations: readonly StagedOperation[];
  readonly words: string;
  /** Of the customer's row. */
  readonly etag: string;
  /** Rows of `operations`, in the same order. */
  readonly operationRows: readonly (RowKey & { readonly etag: string })[];
}

/** What an entry of the list carries, to be searched. */
export interface ListNotes {
  readonly words: string;
}

/** What the channels' copies work with. */
export interface CustomersPorts {
  /** The account that headquarters has given this number, for numbers that job 1010 hasn't downloaded yet. */
  readonly findNumber?: (accountNumber: string) => Promise<string | undefined>;
}

/** The channels' copies of the customers. */
export class ChannelCustomers {
  readonly #customers: Table;
  readonly #numbers: Table;
  readonly #list: Table;
  readonly #findNumber: (accountNumber: string) => Promise<string | undefined>;
  /** Address ids that clients supplied. */
  readonly addressIds: AddressIds;

  constructor(storage: Storage, ports: CustomersPorts = {}) {
    this.#findNumber = ports.findNumber ?? (async () => undefined);
    this.#customers = storage.table('channelcustomers');
    this.#numbers = storage.table('channelcustomernumbers');
    this.#list = storage.table('channelcustomerlist');
    this.addressIds = new AddressIds(storage);
  }

  /** The customer's id that a GUID or an account number stands for. The channel need not know the customer. */
  async resolve(channel: string, reference: string): Promise<string | undefined> {
    const normal = normalizeReference(reference);
    if (isGuid(normal)) return normal;
    const { partitionKey, rowKey } = numberRowKey(channel, reference);
    const row = await this.#numbers.get<NumberRow>(partitionKey, rowKey);
    return row?.accountNumber === reference ? row.customerAsyncId : this.#findNumber(reference);
  }

  async find(channel: string, customerAsyncId: string): Promise<StoredCustomer | undefined> {
    return (await this.findMany(channel, [customerAsyncId]))[0];
  }

  /** Customers in the order asked; undefined for unknown ones. Those of one partition are read together. */
  async findMany(channel: string, ids: readonly string[]): Promise<(StoredCustomer | undefined)[]> {
    const found = new Map<string, StoredCustomer>();
    const groups = groupBy(ids, (id) => customerKey(channel, id).partitionKey);
    await mapParallel(groups, MAX_PARALLEL, async (group) => {
      const sorted = [...group].sort();
      const [first = ''] = sorted;
      const range = { from: first, to: afterPrefix(sorted.at(-1) ?? '') };
      const { partitionKey } = customerKey(channel, first);
      const wanted = new Set(group);
      const rows: StoredRow<Row>[] = [];
      for await (const row of this.#customers.rows({ partitionKey, ...range })) {
        if (wanted.has(row.rowKey.slice(0, first.length))) rows.push(row);
      }
      for (const part of groupBy(rows, ({ rowKey }) => rowKey.slice(0, first.length))) {
        const customer = toCustomer(channel, part);
        if (customer) found.set(customer.customerAsyncId, customer);
      }
    });
    return ids.map((id) => found.get(id));
  }

  /** The list of a channel's customers, newest first, from after a place on. */
  entries(channel: string, after: Place | undefined): AsyncGenerator<IndexEntry<ListNotes>> {
    return newestFirst<ListNotes>(this.#list, channel, after);
  }

  /** Adds operations of one customer, at most 98, that have been staged (CHANNEL-1). */
  async addOperations(channel: string, operations: readonly StagedOperation[]): Promise<void> {
    const [first] = operations;
    if (!first) return;
    const key = customerKey(channel, first.customerAsyncId);
    const added = operations.map((operation): Write => ({ kind: 'upsert', row: toOwnOperationRow(operation) }));
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const stored = await this.#customers.get<CustomerRow>(key.partitionKey, key.rowKey);
      const words = wordsOf({ operations, words: stored?.words ?? '' });
      const createdOn = stored?.createdOn ?? first.createdOn;
      if (round > 0 || words !== stored?.words) await this.#enter(channel, key.rowKey, createdOn, words);
      const row: CustomerRow = { ...key, createdOn, words };
      const own: Write = stored ? { kind: 'merge', row, etag: stored.etag } : { kind: 'insert', row };
      if ((await this.#customers.write([own, ...added])).ok) return;
    }
    throw overtaken(first.customerAsyncId);
  }

  /**
   * Stores a downloaded copy unless the stored one is newer (CHANNEL-3); beside it, what a cache of the moment `asOf` serves.
   * Gives the customer as it stands then.
   */
  async putSnapshot(
    channel: string,
    snapshot: CustomerSnapshot,
    { storedOn, asOf }: { readonly storedOn: string; readonly asOf: string | undefined },
  ): Promise<StoredCustomer> {
    const { customerAsyncId, accountNumber } = snapshot;
    const key = customerKey(channel, customerAsyncId);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const stored = await this.find(channel, customerAsyncId);
      if (stored?.snapshot && isOlder(snapshot, stored.snapshot)) {
        if (round > 0) await this.#enterAgain(channel, stored);
        return stored;
      }
      const operations = stored?.operations ?? [];
      const words = wordsOf({ snapshot, operations });
      const createdOn = stored?.createdOn ?? snapshot.createdOn;
      if (accountNumber !== null) await this.#putNumber(channel, accountNumber, customerAsyncId);
      await this.#enter(channel, customerAsyncId, createdOn, words);
      const older = olderFor(stored, asOf);
      const row: CustomerRow = {
        ...key,
        createdOn,
        words,
        storedOn,
        ...snapshotCells(snapshot),
        ...olderCopyCells(older),
      };
      const write: Write = stored ? { kind: 'replace', row, etag: stored.etag } : { kind: 'insert', row };
      const written = await this.#customers.write([write]);
      if (written.ok) {
        const operationRows = stored?.operationRows ?? [];
        const common = { customerAsyncId, createdOn, snapshot, storedOn, older, operations, words };
        return { ...common, etag: written.etags[0] ?? '', operationRows };
      }
    }
    throw overtaken(customerAsyncId);
  }

  /** Removes own operations that a stored copy includes (CHANNEL-4). One that is gone already is fine. */
  async dropOperations(customer: StoredCustomer, isIncluded: (operation: StagedOperation) => boolean): Promise<void> {
    const rows = customer.operationRows.filter((_, at) => {
      const operation = customer.operations[at];
      return operation !== undefined && isIncluded(operation);
    });
    await mapParallel(rows, MAX_PARALLEL, ({ partitionKey, rowKey, etag }) =>
      this.#customers.delete(partitionKey, rowKey, etag),
    );
  }

  async #enter(channel: string, customerAsyncId: string, createdOn: string, words: string): Promise<void> {
    await this.#list.write([indexWrite(channel, createdOn, customerAsyncId, { words })]);
  }

  /** CHANNEL-2: the list as the row says, by who has entered something else and then didn't write the row. */
  async #enterAgain(channel: string, { customerAsyncId }: StoredCustomer): Promise<void> {
    const { partitionKey, rowKey } = customerKey(channel, customerAsyncId);
    let entered: string | undefined;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const row = await this.#customers.get<CustomerRow>(partitionKey, rowKey);
      if (!row || row.words === entered) return;
      await this.#enter(channel, customerAsyncId, row.createdOn, row.words);
      entered = row.words;
    }
    throw overtaken(customerAsyncId);
  }

  async #putNumber(channel: string, accountNumber: string, customerAsyncId: string): Promise<void> {
    const row: NumberRow = { ...numberRowKey(channel, accountNumber), accountNumber, customerAsyncId };
    await this.#numbers.write([{ kind: 'upsert', row }]);
  }
}

/** What a cache of this moment goes on serving when another copy takes its place. */
function olderFor(stored: StoredCustomer | undefined, asOf: string | undefined): OlderCopy | undefined {
  return asOf === undefined ? undefined : { snapshot: stored && servedCopy(stored, asOf) };
}

/** A copy is older when it was taken after fewer operations, or after the same ones but earlier. */
function isOlder(snapshot: CustomerSnapshot, stored: CustomerSnapshot): boolean {
  if (snapshot.appliedThrough !== stored.appliedThrough) return snapshot.appliedThrough < stored.appliedThrough;
  return snapshot.takenOn < stored.takenOn;
}

/** The rows of one customer, in the order of their keys: its own row first. */
function toCustomer(channel: string, [first, ...rest]: readonly StoredRow<Row>[]): StoredCustomer | undefined {
  if (!first || first.rowKey.includes('|')) return undefined;
  const row = first as StoredRow<CustomerRow>;
  return {
    customerAsyncId: row.rowKey,
    createdOn: row.createdOn,
    snapshot: snapshotOf(row),
    storedOn: row.storedOn ?? '',
    older: olderCopyOf(row),
    operations: rest.map((each) => fromOwnOperationRow(channel, each as StoredRow<OwnOperationRow>)),
    words: row.words,
    etag: row.etag,
    operationRows: rest.map(({ partitionKey, rowKey, etag }) => ({ partitionKey, rowKey, etag })),
  };
}

function overtaken(customerAsyncId: string): StorageUnavailable {
  return new StorageUnavailable(`change customer ${customerAsyncId}`, new Error(`overtaken ${MAX_ROUNDS} times`));
}
