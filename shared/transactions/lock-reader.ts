/** What rows count as to somebody who meets the locks of transactions: the one way in which all reads resolve them. */
import { MAX_PARALLEL, mapParallel } from '../storage/parallel.ts';
import type { Storage } from '../storage/storage.ts';
import { ETAG_OF_NO_ROW, type Row, type StoredRow, type Table } from '../storage/table.ts';
import { lockOf, releaseProperties, rowAt, type TransactionState } from './locked-row.ts';
import { type StateMemo, TransactionStore } from './transaction-store.ts';

/** Rounds of looking again at a row that others keep changing. */
const MAX_ROUNDS = 5;

/** Reads rows as they count. */
export class LockReader {
  readonly transactions: TransactionStore;

  constructor(storage: Storage) {
    this.transactions = new TransactionStore(storage);
  }

  /**
   * Whole rows as they count now, undefined for those that don't (LOCK-1, LOCK-2). A row whose
   * transaction is pending keeps its lock, any other has none. With one memo many reads of a request ask once.
   */
  async resolve<T extends Row>(
    rows: readonly StoredRow<T>[],
    memo: StateMemo = new Map(),
  ): Promise<(StoredRow<T> | undefined)[]> {
    if (!rows.some(lockOf)) return [...rows];
    return Promise.all(
      rows.map(async (row) => {
        const lock = lockOf(row);
        return lock ? rowAt(row, await this.transactions.stateOf(lock.transactionId, memo)) : row;
      }),
    );
  }

  /**
   * For who will merge into rows, of which `lockKind` and some other properties were read: those with a lock come in whole,
   * without it if its transaction is finished (and with another ETag), as they were before if it is pending.
   */
  async releaseFinished<T extends Row>(table: Table, rows: readonly StoredRow<T>[]): Promise<StoredRow<T>[]> {
    if (!rows.some(({ lockKind }) => lockKind === 'transaction')) return [...rows];
    const released = await mapParallel(rows, MAX_PARALLEL, async (row) =>
      row.lockKind === 'transaction' ? this.release<T>(table, row.partitionKey, row.rowKey) : row,
    );
    return released.filter((row) => row !== undefined && !lockOf(row)?.isNew) as StoredRow<T>[];
  }

  /**
   * Releases the lock of a row if its transaction is finished, and gives the row as it stands then; undefined when there
   * is none. For who is about to merge into the row. A live lock stays, and is on the row that is given.
   */
  async release<T extends Row>(table: Table, partitionKey: string, rowKey: string): Promise<StoredRow<T> | undefined> {
    let row = await table.get<T>(partitionKey, rowKey);
    for (let round = 0; round < MAX_ROUNDS && row; round++) {
      const lock = lockOf(row);
      if (!lock) return row;
      const state = await this.transactions.stateOf(lock.transactionId);
      if (state === 'pending') return { ...row, etag: ETAG_OF_NO_ROW };
      await releaseRow(table, row, state);
      row = await table.get<T>(partitionKey, rowKey);
    }
    return row;
  }
}

async function releaseRow(table: Table, row: StoredRow, state: Exclude<TransactionState, 'pending'>): Promise<void> {
  const { partitionKey, rowKey, etag } = row;
  const values = releaseProperties(row, state);
  if (!values) await table.delete(partitionKey, rowKey, etag);
  else await table.write([{ kind: 'merge', row: { partitionKey, rowKey, ...values }, etag }]);
}
