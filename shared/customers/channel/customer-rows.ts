/**
 * Rows of a channel's copy of the customers. This is a storage format (docs/adr/0002).
 *
 * Table `channelcustomers`, PartitionKey = `<channel>|<bucket of the customer's id>` (records/record-ids.ts):
 *   <customer>                 the customer: createdOn, words, and the downloaded copy once there is one
 *   <customer>|<counter, 12>   an operation of the channel's own that the copy doesn't include, as it was staged
 * Table `channelcustomernumbers`, PartitionKey = `<channel>|<last two characters of the key>`: account number → customer.
 * Table `channelcustomerlist`: the order of the list (storage/newest-first.ts), scope = the channel.
 */

import { bucketOf } from '../../records/record-ids.ts';
import { searchWords } from '../../records/search-words.ts';
import { jsonColumn, unchecked } from '../../storage/json-column.ts';
import { encodeKeyPart } from '../../storage/keys.ts';
import type { Row, StoredRow } from '../../storage/table.ts';
import {
  BODY,
  counterKey,
  type OperationBody,
  type OperationCode,
  type OperationName,
  type StagedOperation,
  targetTableOf,
} from '../customer-operation.ts';
import type { CustomerSnapshot } from '../ports.ts';

/** Beside these, the copy as JSON in `snapshot0` …; absent until something was downloaded. */
export interface CustomerRow extends Row {
  /** When the channel came to know the customer; never changes, as its place in the list hangs on it. */
  createdOn: string;
  /** Words of the copy and of the own operations; those of operations that are included by now may still be there. */
  words: string;
  /** When the copy was stored, ISO 8601 UTC. */
  storedOn?: string;
  /** There is an older copy beside it, as JSON in `served0` … (null: none), which the channel's cache may still serve. */
  hasServed?: boolean;
}

/** An operation of the channel's own. */
export interface OwnOperationRow extends Row {
  operation: string;
  targetId: string;
  createdOn: string;
  createdBy: string;
  code?: number;
}

/** Leads from an account number to its customer. */
export interface NumberRow extends Row {
  accountNumber: string;
  customerAsyncId: string;
}

/** The keys of a row. */
export interface RowKey {
  readonly partitionKey: string;
  readonly rowKey: string;
}

const SNAPSHOT = jsonColumn('snapshot', unchecked<CustomerSnapshot>());
const SERVED = jsonColumn('served', unchecked<CustomerSnapshot>().nullable());

/** Longest code of a number in a key, so that the key stays under 1 KiB; the row holds the whole number. */
const MAX_NUMBER_LENGTH = 400;

/** What a row and its place in the list hold of words; more than that are not found by search. */
const MAX_WORDS_LENGTH = 8_000;

/** Where a customer's row is. */
export function customerKey(channel: string, customerAsyncId: string): RowKey {
  return { partitionKey: `${channel}|${bucketOf(customerAsyncId)}`, rowKey: customerAsyncId };
}

/** Where the row of an account number is. */
export function numberRowKey(channel: string, accountNumber: string): RowKey {
  const encoded = encodeKeyPart(accountNumber).slice(0, MAX_NUMBER_LENGTH);
  // The last characters spread sequential numbers over partitions.
  return { partitionKey: `${channel}|${encoded.slice(-2)}`, rowKey: `${channel}|${encoded}` };
}

/** The row of an operation. */
export function toOwnOperationRow(operation: StagedOperation): OwnOperationRow {
  const { channel, customerAsyncId, replicationCounter, targetId, body, createdOn, createdBy, code } = operation;
  const { partitionKey, rowKey } = customerKey(channel, customerAsyncId);
  return {
    partitionKey,
    rowKey: `${rowKey}|${counterKey(replicationCounter)}`,
    operation: operation.operation,
    targetId,
    createdOn,
    createdBy,
    ...(code && { code }),
    ...BODY.write(body),
  };
}

/** The operation that a row holds. */
export function fromOwnOperationRow(channel: string, row: StoredRow<OwnOperationRow>): StagedOperation {
  const [customerAsyncId = '', counter] = row.rowKey.split('|');
  return {
    channel,
    replicationCounter: Number(counter),
    operation: row.operation as OperationName,
    customerAsyncId,
    targetId: row.targetId,
    body: BODY.read(row) ?? {},
    createdOn: row.createdOn,
    createdBy: row.createdBy,
    ...(row.code !== undefined && { code: row.code as OperationCode }),
  };
}

/** The properties that hold a downloaded copy. */
export function snapshotCells(snapshot: CustomerSnapshot): Record<string, string> {
  return SNAPSHOT.write(snapshot);
}

/** A copy that was served until another took its place. */
export interface OlderCopy {
  readonly snapshot: CustomerSnapshot | undefined;
}

/** The properties that hold the copy that the cache serves still (CACHE-2). */
export function olderCopyCells(older: OlderCopy | undefined): Record<string, string | boolean> {
  return older ? { hasServed: true, ...SERVED.write(older.snapshot ?? null) } : {};
}

/** The copy that the cache serves still, if it is another. */
export function olderCopyOf(row: CustomerRow): OlderCopy | undefined {
  return row.hasServed ? { snapshot: SERVED.read(row) ?? undefined } : undefined;
}

/** The copy that a channel serves whose cache is of this moment (undefined: nothing is cached). Pure. */
export function servedCopy(
  customer: {
    readonly snapshot: CustomerSnapshot | undefined;
    readonly storedOn: string;
    readonly older: OlderCopy | undefined;
  },
  asOf: string | undefined,
): CustomerSnapshot | undefined {
  const { snapshot, storedOn, older } = customer;
  return asOf === undefined || !older || storedOn <= asOf ? snapshot : older.snapshot;
}

/** The downloaded copy that a row holds; undefined before the first. */
export function snapshotOf(row: CustomerRow): CustomerSnapshot | undefined {
  return SNAPSHOT.read(row);
}

/** The words that find a customer by its copy or by what an operation sets. */
export function wordsOf(parts: {
  readonly snapshot?: CustomerSnapshot | undefined;
  readonly operations: readonly StagedOperation[];
  readonly words?: string;
}): string {
  const { snapshot, operations, words = '' } = parts;
  const ofAccount = operations.filter(({ operation }) => targetTableOf(operation) === 'account');
  const columns = ofAccount.map(({ body }) => ({ ...body }));
  if (snapshot) columns.push({ ...snapshot.columns, accountNumber: snapshot.accountNumber });
  const found = searchWords(...columns.map((each) => ({ table: 'account' as const, columns: withoutNull(each) })));
  return union(words, found);
}

function withoutNull(columns: OperationBody): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

function union(words: string, others: string): string {
  const known = new Set(words.split(' '));
  const added = others.split(' ').filter((word) => !known.has(word));
  return (words + added.map((word) => ` ${word}`).join('')).slice(0, MAX_WORDS_LENGTH);
}
