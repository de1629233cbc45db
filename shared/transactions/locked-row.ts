/**
 * A row that a transaction has locked: the pure part. The lock and what the row is to become lie on the row itself, so
 * that one read tells everything but the transaction's state. This is a storage format (docs/adr/0002): `lockKind` =
 * `transaction`, `lockJob` = the transaction's id, `lockNew` on a row that the transaction has inserted, and the
 * properties to be set as JSON in `pending0` …. Empty means none, as a merge can't remove a property.
 *
 *  LOCK-1  While the transaction is pending or aborted, the row counts as it was before; an inserted one doesn't count.
 *  LOCK-2  Once the transaction is committed, the row counts with its pending properties.
 *  LOCK-3  A row that counts otherwise than it lies in storage, or that is locked, can't be written: its ETag is
 *      nobody's. Who wants to write has the lock released first.
 *  LOCK-4  Releasing a lock (rolling forward or back) changes nothing that a reader of L1 and L2 sees.
 */
import { z } from 'zod';
import { jsonColumn } from '../storage/json-column.ts';
import { type CellValue, ETAG_OF_NO_ROW, type Row, type StoredRow } from '../storage/table.ts';

/** `pending` is the only state that ends; the two others are final. */
export type TransactionState = 'pending' | 'committed' | 'aborted';

/** Properties that a row is to get, with their values. */
export type Values = Readonly<Record<string, Exclude<CellValue, bigint>>>;

/** What a row's lock says. */
export interface RowLock {
  readonly transactionId: string;
  /** The transaction has inserted the row. */
  readonly isNew: boolean;
}

const KIND = 'transaction';
const PENDING = 'pending';
const VALUES = jsonColumn<Values>(PENDING, z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])));

/** The lock that a row carries, if any; a fence is none. */
export function lockOf(row: Row): RowLock | undefined {
  const { lockKind, lockJob, lockNew } = row;
  if (lockKind !== KIND || typeof lockJob !== 'string') return undefined;
  return { transactionId: lockJob, isNew: lockNew === true };
}

/** What is merged into a row that is to be changed. */
export function lockProperties(transactionId: string, set: Values): Values {
  return { lockKind: KIND, lockJob: transactionId, ...VALUES.write(set) };
}

/** A row to be inserted, as it is while it doesn't count yet. */
export function lockedNewRow<T extends Row>(transactionId: string, row: T): T {
  return { ...row, lockKind: KIND, lockJob: transactionId, lockNew: true };
}

/** What a locked row is to become. */
function pendingOf(row: Row): Values {
  return row[`${PENDING}0`] ? (VALUES.read(row) ?? {}) : {};
}

/** The row as it counts; undefined when it doesn't. A lock stays visible as long as its transaction is pending. */
export function rowAt<T extends Row>(row: StoredRow<T>, state: TransactionState): StoredRow<T> | undefined {
  const lock = lockOf(row);
  if (!lock) return row;
  if (state !== 'committed' && lock.isNew) return undefined;
  const etag = ETAG_OF_NO_ROW;
  if (state === 'pending') return { ...row, etag };
  return { ...row, ...(state === 'committed' && pendingOf(row)), ...released(row), etag };
}

/** The properties whose merge releases a lock of a finished transaction; undefined: the row is to be deleted. */
export function releaseProperties(row: Row, state: Exclude<TransactionState, 'pending'>): Values | undefined {
  if (state === 'committed') return { ...pendingOf(row), ...released(row) };
  return lockOf(row)?.isNew ? undefined : released(row);
}

function released(row: Row): Values {
  const values: Record<string, string | boolean> = { lockKind: '', lockJob: '' };
  if (row.lockNew !== undefined) values.lockNew = false;
  for (let part = 0; typeof row[`${PENDING}${part}`] === 'string'; part++) values[`${PENDING}${part}`] = '';
  return values;
}

/** The job that a transaction belongs to: its id is the job's, or begins with that and a colon. */
export function jobOfTransaction(transactionId: string): string {
  const end = transactionId.indexOf(':');
  return end < 0 ? transactionId : transactionId.slice(0, end);
}
