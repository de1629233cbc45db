import type { TableName } from '../catalogue/tables.ts';
import { Problem } from '../problem.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../storage/parallel.ts';
import type { Storage } from '../storage/storage.ts';
import type { StoredRow, Table } from '../storage/table.ts';
import { LockReader } from '../transactions/lock-reader.ts';
import { lockOf } from '../transactions/locked-row.ts';
import type { StateMemo } from '../transactions/transaction-store.ts';
import { ChildHints } from './child-hints.ts';
import type { StoredRecord } from './record.ts';
import { bucketOf } from './record-ids.ts';
import { fromRow, type RecordRow, recordTableName } from './record-row.ts';
import { type BehaviorReader, openRelationships } from './relationships/relationship-store.ts';
import { UniqueValues } from './unique-values.ts';

/** What the tables of records work with. */
export interface RecordOptions {
  /** Whether the fence of a job still holds; left out, every fence does. */
  readonly fenceHolds?: (jobId: string) => Promise<boolean>;
  /** Tells the download job that these customers are about to change; left out, nobody is told. */
  readonly noteCustomersChanged?: (customerIds: readonly string[]) => Promise<void>;
}

/** The storage tables that records lie in, and all ways to read a record. */
export class RecordTables {
  readonly uniqueValues: UniqueValues;
  /** Behaviours as they are now. */
  readonly relationships: BehaviorReader;
  /** Resolves the locks of transactions on rows. */
  readonly locks: LockReader;
  /** Whether the fence of a job still holds: it is void once the job has ended. */
  readonly fenceHolds: (jobId: string) => Promise<boolean>;
  /** To be called before a write that no customer operation asks for (RECORD-7). */
  readonly noteCustomersChanged: (customerIds: readonly string[]) => Promise<void>;
  readonly #storage: Storage;

  constructor(storage: Storage, options: RecordOptions = {}) {
    const { fenceHolds = async () => true, noteCustomersChanged = async () => undefined } = options;
    this.#storage = storage;
    this.fenceHolds = fenceHolds;
    this.noteCustomersChanged = noteCustomersChanged;
    this.relationships = openRelationships(storage);
    this.uniqueValues = new UniqueValues(storage);
    this.locks = new LockReader(storage);
  }

  /** The rows of a logical table. */
  rows(table: TableName): Table {
    return this.#storage.table(recordTableName(table));
  }

  /** The hints of a relationship. */
  hints(relationship: string): ChildHints {
    return new ChildHints(this.#storage, relationship);
  }

  /** The index of a table's list. */
  listIndex(table: TableName): Table {
    return this.#storage.table(`list${table.toLowerCase()}`);
  }

  /** The record, tombstones too; undefined when there never was one or it was purged. */
  async find(table: TableName, id: string): Promise<StoredRecord | undefined> {
    const stored = await this.rows(table).get<RecordRow>(bucketOf(id), id);
    const [row] = stored ? await this.locks.resolve([stored]) : [];
    return row && fromRow(table, row);
  }

  /** The record as `get` gives it, for who is about to write it: a lock that is finished is gone. */
  async getToChange(table: TableName, id: string): Promise<StoredRecord> {
    const row = await this.locks.release<RecordRow>(this.rows(table), bucketOf(id), id);
    return live(table, id, row && !lockOf(row)?.isNew ? fromRow(table, row) : undefined);
  }

  /** The live record. Throws Problem not-found, which names the job that deleted it. */
  async get(table: TableName, id: string): Promise<StoredRecord> {
    return live(table, id, await this.find(table, id));
  }

  /**
   * Records by id, in the order asked; undefined for those that don't exist. Neighbours in a partition are read together.
   * Reads of one request that share a memo ask each transaction once.
   */
  async findMany(
    table: TableName,
    ids: readonly string[],
    memo: StateMemo = new Map(),
  ): Promise<(StoredRecord | undefined)[]> {
    const found = new Map<string, StoredRecord>();
    await mapParallel(groupBy(ids, bucketOf), MAX_PARALLEL, async (group) => {
      const rows: StoredRow<RecordRow>[] = [];
      for await (const row of this.#readBucket(table, group)) rows.push(row);
      for (const row of await this.locks.resolve(rows, memo)) if (row) found.set(row.rowKey, fromRow(table, row));
    });
    return ids.map((id) => found.get(id));
  }

  async *#readBucket(table: TableName, ids: readonly string[]): AsyncGenerator<StoredRow<RecordRow>> {
    const sorted = [...ids].sort();
    const [first, last] = [sorted[0], sorted.at(-1)];
    if (first === undefined || last === undefined) return;
    const partitionKey = bucketOf(first);
    if (first === last) {
      const row = await this.rows(table).get<RecordRow>(partitionKey, first);
      if (row) yield row;
      return;
    }
    const wanted = new Set(ids);
    const range = { partitionKey, from: first, to: `${last}~` };
    for await (const row of this.rows(table).rows<RecordRow>(range)) if (wanted.has(row.rowKey)) yield row;
  }
}

function live(table: TableName, id: string, record: StoredRecord | undefined): StoredRecord {
  if (!record) throw new Problem('record-absent', { table, id });
  if (!record.tombstone) return record;
  const { deletedOn, jobId } = record.tombstone;
  throw new Problem('record-was-deleted', { table, id, deletedOn }, { extra: { deletedOn, jobId } });
}
