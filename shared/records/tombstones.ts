/**
 * Where tombstones lie, day by day, so that they can be purged without looking at every record. Table `tombstones`,
 * PartitionKey = day | job, RowKey = table | chunk of the job, `ids` packed one a line. This is a storage format.
 *
 *  TOMBSTONE-1  An entry is written before the tombstones that it names; whoever reads it looks at the records
 *      themselves, which may have been restored, or never deleted.
 */
import type { TableName } from '../catalogue/tables.ts';
import { groupBy } from '../storage/parallel.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row, StoredRow, Table, Write } from '../storage/table.ts';
import { bucketOf } from './record-ids.ts';
import type { RecordRow } from './record-row.ts';

/** Records of one table that become tombstones together. */
export interface TombstoneEntry {
  readonly table: TableName;
  /** Unique in the job for this table. */
  readonly key: string;
  readonly ids: readonly string[];
}

interface EntryRow extends Row {
  ids: string;
}

/** An entry as stored. */
export interface StoredEntry extends TombstoneEntry {
  readonly row: Pick<StoredRow<EntryRow>, 'partitionKey' | 'rowKey' | 'etag'>;
}

const ROWS_PER_WRITE = 100;

/** The list of tombstones by the day of their deletion. */
export class TombstoneIndex {
  readonly #table: Table;

  constructor(storage: Storage) {
    this.#table = storage.table('tombstones');
  }

  /** Notes what a job is about to delete on a day (an ISO time of it). */
  async note(on: string, jobId: string, entries: readonly TombstoneEntry[]): Promise<void> {
    const partitionKey = `${on.slice(0, 10)}|${jobId}`;
    const rows = entries.map(({ table, key, ids }): EntryRow => {
      return { partitionKey, rowKey: `${table}|${key}`, ids: ids.join('\n') };
    });
    for (const group of groupBy(rows, () => '', ROWS_PER_WRITE)) {
      await this.#table.write(group.map((row): Write => ({ kind: 'upsert', row })));
    }
  }

  /** The entries of all days before one (YYYY-MM-DD), oldest first. */
  async *before(day: string): AsyncGenerator<StoredEntry> {
    for await (const row of this.#table.rows<EntryRow>({ partitionTo: day })) {
      const at = row.rowKey.indexOf('|');
      const table = row.rowKey.slice(0, at) as TableName;
      yield { table, key: row.rowKey.slice(at + 1), ids: row.ids.split('\n'), row };
    }
  }

  async remove({ row: { partitionKey, rowKey, etag } }: StoredEntry): Promise<void> {
    await this.#table.delete(partitionKey, rowKey, etag);
  }
}

/** The properties that a live record has none of, as a merge writes them. */
export const NO_TOMBSTONE = { deletedOn: '', deletedBy: '', deletedByJob: '', lockKind: '', lockJob: '' } as const;

/** The row that takes an id which no record has, so that nobody can make one: a tombstone with version 0. */
export function tombstoneRow(
  id: string,
  { on, by, jobId }: { readonly on: string; readonly by: string; readonly jobId: string },
): RecordRow {
  return {
    partitionKey: bucketOf(id),
    rowKey: id,
    ownerId: '',
    state: 'Inactive',
    createdOn: on,
    createdBy: by,
    modifiedOn: on,
    modifiedBy: by,
    version: 0,
    deletedOn: on,
    deletedBy: by,
    deletedByJob: jobId,
  };
}
