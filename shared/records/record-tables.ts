import type { TableName } from '../catalogue/tables.ts';
import { groupBy, mapParallel } from '../parallel.ts';
import { Problem } from '../problem.ts';
import type { Storage } from '../storage/storage.ts';
import type { StoredRow, Table } from '../storage/table.ts';
import { ChildHints } from './child-hints.ts';
import type { StoredRecord } from './record.ts';
import { bucketOf } from './record-ids.ts';
import { fromRow, type RecordRow, recordTableName } from './record-row.ts';
import { UniqueValues } from './unique-values.ts';

/** How many storage calls one request or activity makes at the same time. */
export const MAX_PARALLEL = 8;

/** The storage tables that records lie in, and all ways to read a record. */
export class RecordTables {
  readonly uniqueValues: UniqueValues;
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.uniqueValues = new UniqueValues(storage);
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
    const row = await this.rows(table).get<RecordRow>(bucketOf(id), id);
    return row && fromRow(table, row);
  }

  /** The live record. Throws Problem not-found, which names the job that deleted it. */
  async get(table: TableName, id: string): Promise<StoredRecord> {
    const record = await this.find(table, id);
    if (!record) throw new Problem('not-found', `There is no ${table} with the id ${id}.`);
    if (record.tombstone) {
      const { deletedOn, jobId } = record.tombstone;
      throw new Problem('not-found', `The ${table} ${id} was deleted on ${deletedOn}.`, {
        extra: { deletedOn, jobId },
      });
    }
    return record;
  }

  /** Records by id, in the order asked; undefined for those that don't exist. Neighbours in a partition are read together. */
  async findMany(table: TableName, ids: readonly string[]): Promise<(StoredRecord | undefined)[]> {
    const found = new Map<string, StoredRecord>();
    await mapParallel(groupBy(ids, bucketOf), MAX_PARALLEL, async (group) => {
      for await (const row of this.#readBucket(table, group)) found.set(row.rowKey, fromRow(table, row));
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
