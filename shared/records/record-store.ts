/**
 * The gateway of records. Whoever reads or writes rows of records elsewhere (cascades and plug-ins change many in one
 * transaction) goes through its tables, and keeps the same invariants:
 *
 *  RECORD-1  A write of an existing row is conditioned on the ETag that was read.
 *  RECORD-2  Before a row names a parent, the hint that leads from the parent to it is written, then the parent is looked
 *      at: it must live and not be fenced. A deleter fences first and reads the hints after, so one of the two sees the
 *      other.
 *  RECORD-3  The list's index row is written before the record; whoever reads an index or a hint looks at the record
 *      itself.
 *  RECORD-4  A write that carries a customer operation's stamp happens only if the row carries a lower one of that
 *      customer.
 *  RECORD-5  A hint is removed only if it is the one that was seen before the record moved away.
 *  RECORD-6  A row that a transaction has locked counts as its transaction stands (shared/transactions). While that is
 *      pending nobody writes the row; a lock that is finished is resolved by every read, and released before the next
 *      write.
 *  RECORD-7  Customers are named to the download job before a record of theirs changes. Customer operations see to that
 *      themselves, many at once.
 */
import type { TableName } from '../catalogue/tables.ts';
import { Problem } from '../problem.ts';
import type { Storage } from '../storage/storage.ts';
import type { StateMemo } from '../transactions/transaction-store.ts';
import { type AppliedStamp, stampFor, withStamp } from './applied-stamps.ts';
import { type Change, changeRecord, checkUsable } from './change-record.ts';
import type { ChildHints } from './child-hints.ts';
import { createRecords, type NewRecord } from './create-records.ts';
import { customersOf } from './customers-of.ts';
import type { RecordValue, StoredRecord } from './record.ts';
import { type RecordOptions, RecordTables } from './record-tables.ts';
import { replaceRecord } from './replace-record.ts';
import type { UniqueValues } from './unique-values.ts';

/** Who changes a record, when, and from which version. */
export interface ChangeOptions {
  readonly by: string;
  /** ISO 8601 UTC. */
  readonly on: string;
  /** The version that the caller has seen; Problem stale-version when the record has another. */
  readonly ifVersion?: number | undefined;
  /** The customer operation that changes it (RECORD-4). */
  readonly applied?: AppliedStamp;
}

const MAX_ATTEMPTS = 12;

/** The records of all tables. */
export class RecordStore {
  readonly tables: RecordTables;

  constructor(storage: Storage, options?: RecordOptions) {
    this.tables = new RecordTables(storage, options);
  }

  get uniqueValues(): UniqueValues {
    return this.tables.uniqueValues;
  }

  /** The record, tombstones too; undefined when there never was one or it was purged. */
  find(table: TableName, id: string): Promise<StoredRecord | undefined> {
    return this.tables.find(table, id);
  }

  /** The live record. Throws Problem not-found, which names the job that deleted it. */
  get(table: TableName, id: string): Promise<StoredRecord> {
    return this.tables.get(table, id);
  }

  /** Records by id, in the order asked; undefined for those that don't exist. */
  findMany(table: TableName, ids: readonly string[], memo?: StateMemo): Promise<(StoredRecord | undefined)[]> {
    return this.tables.findMany(table, ids, memo);
  }

  /** The hints of a relationship. */
  hints(relationship: string): ChildHints {
    return this.tables.hints(relationship);
  }

  /** Makes one record. Throws Problem rule-broken (parent, unique value), conflict (id taken, parent being deleted). */
  async create(record: NewRecord): Promise<StoredRecord> {
    const [outcome] = await this.createMany([record]);
    if (!outcome) throw new Error('A record was asked for, none was answered');
    if (outcome instanceof Problem) throw outcome;
    return outcome;
  }

  /** Makes records, each by itself: what stands in the way of one doesn't stop the others. Outcomes in the order given. */
  async createMany(records: readonly NewRecord[]): Promise<(StoredRecord | Problem)[]> {
    const unstamped = records.filter(({ appliedSequence }) => appliedSequence === undefined);
    await this.tables.noteCustomersChanged(unstamped.flatMap(({ value }) => customersOf(value)));
    return createRecords(this.tables, records);
  }

  /**
   * Writes a later value, under these stamps, over a record that was read. Undefined: somebody has changed it since, or
   * a transaction's lock is on it. Throws Problem rule-broken.
   */
  async replaceSeen(
    before: StoredRecord,
    after: RecordValue,
    appliedSequence: string,
  ): Promise<StoredRecord | undefined> {
    if (before.lock?.kind === 'transaction') return undefined;
    return replaceRecord(this.tables, before, after, appliedSequence);
  }

  /** Changes one record. Unchanged values leave the version as it is. Throws Problem not-found, stale-version, locked, rule-broken, conflict. */
  async change(table: TableName, id: string, change: Change, options: ChangeOptions): Promise<StoredRecord> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const before = await this.tables.getToChange(table, id);
      checkUsable(before, options.ifVersion);
      const { applied } = options;
      if (applied && stampFor(before.appliedSequence, applied.customer) >= applied.stamp) return before;
      const after = changeRecord(before.value, change, options);
      if (after === before.value && !applied) return before;
      if (!applied) await this.tables.noteCustomersChanged([before.value, after].flatMap(customersOf));
      const stamps = applied && withStamp(before.appliedSequence, applied);
      const written = await replaceRecord(this.tables, before, after, stamps);
      if (written) return written;
    }
    throw new Problem(
      'record-contended',
      { table, id },
      {
        retryAfterSeconds: 1,
      },
    );
  }
}
