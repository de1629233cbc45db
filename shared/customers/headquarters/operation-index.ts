/**
 * The list of all operations at headquarters, newest first by the time at which the channel took them. Table
 * `listoperations` (order: storage/newest-first.ts), id = the counter backwards | the operation's id, and beside the key
 * what never changes of an operation and tells where its row is. This is a storage format (docs/adr/0002).
 *
 *  INDEX-1  An entry is inserted once and then only marked; marks are never taken back, so that late writers do no harm.
 *  INDEX-2  `failed`, `held` and `discarded` are set before an operation becomes so, `done` after it was Completed, which is final. So
 *      an operation that has failed is among the entries marked `failed`, and one that isn't done among those not `done`.
 *  INDEX-3  An entry only hints: whoever lists looks at the operation's row.
 */

import { numberKey } from '../../storage/keys.ts';
import { type IndexEntry, type IndexNotes, indexWrite, newestFirst, type Place } from '../../storage/newest-first.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { Storage } from '../../storage/storage.ts';
import { ROWS_PER_TRANSACTION, type Row, type Table, type Write } from '../../storage/table.ts';
import { type OperationKey, operationId, type StagingTable } from '../customer-operation.ts';
import { tableOf } from './staging-tables.ts';
import type { StoredOperation } from './stored-operation.ts';

/** What an entry tells without a look at the operation. */
export interface OperationNotes {
  readonly table: StagingTable;
  readonly sequence: string;
  readonly channel: string;
  readonly customerAsyncId: string;
  readonly replicationCounter: number;
  readonly operation: string;
  readonly createdOn: string;
  readonly failed?: boolean;
  readonly held?: boolean;
  readonly discarded?: boolean;
  readonly done?: boolean;
}

/** An entry of the list. */
export type OperationEntry = IndexEntry<OperationNotes>;

const SCOPE = 'all';
/** A hundredth of a second shares a partition: channels that were offline send many operations of one moment. */
const SLOT_DIGITS = 12;
const LAST_COUNTER = 999_999_999_999_999;
const COUNTER_DIGITS = 15;

/** Table of the list. */
export const OPERATION_LIST_TABLE = 'listoperations';

/** The list of operations. */
export class OperationIndex {
  readonly #table: Table;

  constructor(storage: Storage) {
    this.#table = storage.table(OPERATION_LIST_TABLE);
  }

  /** Enters operations; those that are there stay as they are. */
  async insertAll(operations: readonly StoredOperation[]): Promise<void> {
    const partitions = groupBy(operations.map(entryRow), ({ partitionKey }) => partitionKey, ROWS_PER_TRANSACTION);
    await mapParallel(partitions, MAX_PARALLEL, async (rows) => {
      const written = await this.#table.write(rows.map((row) => ({ kind: 'insert', row })));
      if (!written.ok) for (const row of rows) await this.#table.write([{ kind: 'insert', row }]);
    });
  }

  /** Marks operations' entries (INDEX-2). */
  async mark(operations: readonly StoredOperation[], mark: 'failed' | 'held' | 'discarded' | 'done'): Promise<void> {
    const rows = operations.map((operation) => ({ ...entryRow(operation), [mark]: true }));
    const partitions = groupBy(rows, ({ partitionKey }) => partitionKey, ROWS_PER_TRANSACTION);
    await mapParallel(partitions, MAX_PARALLEL, async (group) => {
      const written = await this.#table.write(group.map((row) => ({ kind: 'upsert', row })));
      if (!written.ok) throw new Error(`The list of operations refused a mark: ${written.conflict}`);
    });
  }

  /** The entries that some operations have, as the list would give them. Nothing is read. */
  *entriesOf(operations: readonly StoredOperation[], after: Place | undefined): Generator<OperationEntry> {
    const entries = operations.map((operation) => {
      const row = {
        ...entryRow(operation),
        failed: true,
        held: true,
        discarded: true,
        done: operation.status === 'Completed',
      };
      const place = { p: row.partitionKey, r: row.rowKey };
      return { id: operationId(operation), notes: row as unknown as OperationNotes, place };
    });
    entries.sort((a, b) => (a.place.r < b.place.r ? -1 : 1));
    yield* entries.filter(({ place }) => after === undefined || place.r > after.r);
  }

  /** All entries, newest first, from after a place on. */
  entries(after: Place | undefined): AsyncGenerator<OperationEntry> {
    return newestFirst<OperationNotes>(this.#table, SCOPE, after);
  }
}

/** The write of an operation's entry. Operations of one request have one time, so their counters give the order. */
export function operationEntry(
  operation: OperationKey & { readonly createdOn: string },
  notes: IndexNotes = {},
): Write {
  const backwards = numberKey(LAST_COUNTER - operation.replicationCounter, COUNTER_DIGITS);
  return indexWrite(SCOPE, operation.createdOn, `${backwards}|${operationId(operation)}`, notes, SLOT_DIGITS);
}

function entryRow(operation: StoredOperation): Row {
  const { sequence, channel, customerAsyncId, replicationCounter, createdOn } = operation;
  const notes = { table: tableOf(operation), sequence, channel, customerAsyncId, replicationCounter, createdOn };
  return operationEntry(operation, { ...notes, operation: operation.operation }).row;
}
