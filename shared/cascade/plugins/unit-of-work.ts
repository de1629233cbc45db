/**
 * What the plug-ins of one record read and write, and the change of the record itself, until all of it is written in one
 * transaction.
 *
 *  UNIT-1  Nothing of it counts before the commit. What is written ahead (hints, list entries, claims of unique values)
 *      only says where to look.
 *  UNIT-2  A row is read once and written If-Match what was read then, so that what plug-ins decided on still holds.
 *  UNIT-3  Ids of new records are made from the change's key: every try works towards the same ones.
 */

import type { ColumnValue } from '../../catalogue/columns.ts';
import { columnsOf, isTableName, type TableName } from '../../catalogue/tables.ts';
import { parse } from '../../http/request-parts.ts';
import { Problem } from '../../problem.ts';
import { changeRecord } from '../../records/change-record.ts';
import { prepareRecord } from '../../records/create-records.ts';
import type { RecordState, RecordValue } from '../../records/record.ts';
import { bucketOf, derivedId, isGuid } from '../../records/record-ids.ts';
import { columnProperty, fromRow, type RecordRow, recordTableName, toRow } from '../../records/record-row.ts';
import { createSchema, patchSchema } from '../../records/record-schema.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { findHeritage } from '../../records/shares/heritage.ts';
import { NO_ROW, shareWrite } from '../../records/shares/share-rows.ts';
import { putShared } from '../../records/shares/shared-records.ts';
import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { StoredRow, Write } from '../../storage/table.ts';
import { lockOf, type Values } from '../../transactions/locked-row.ts';
import type { Participant } from '../../transactions/participants.ts';
import type { SideChange } from '../ports.ts';
import type { NewPluginRecord } from './plugin.ts';
import { asIs, changesOf, contentOf, type Entry, requireFree } from './unit-entry.ts';

/** What a unit of work is for. */
export interface UnitOptions {
  readonly recordStore: RecordStore;
  /** The same in every try of the change. */
  readonly key: string;
  /** The record that is changed: new ones lie near it. */
  readonly baseId: string;
  readonly jobId: string;
  readonly by: string;
  /** ISO 8601 UTC. */
  readonly on: string;
  /** What a row gets in the same transaction in addition to what the unit writes. Throws to refuse a row. */
  readonly base?: (table: TableName, row: StoredRow<RecordRow>) => Values;
}

/** The reads and buffered writes of plug-ins in one transaction. */
export class UnitOfWork {
  readonly #options: UnitOptions;
  readonly #entries = new Map<string, Entry>();
  /** Rows of shares, by table and key. */
  readonly #shares = new Map<string, Participant>();
  /** Keys of rows that there weren't when they were read. */
  readonly #absent = new Set<string>();
  #created = 0;
  /** Records that are fenced in the name of the job, to be deleted with what else the unit does. */
  readonly fenced: { readonly table: TableName; readonly id: string }[] = [];

  constructor(options: UnitOptions) {
    this.#options = options;
  }

  /** The row of a record as it will be; undefined when there is none. */
  async row(table: TableName, id: string): Promise<StoredRow<RecordRow> | undefined> {
    const entry = await this.#entry(table, id);
    return entry && asIs(entry);
  }

  /** Gives a record's row other values. Throws Problem locked or conflict where another job has the record. */
  async merge(table: TableName, id: string, values: Values): Promise<void> {
    const entry = await this.#entry(table, id);
    if (!entry) throw new Error(`There is no ${table} ${id} to be changed`);
    requireFree(entry, this.#options.jobId);
    entry.values = { ...entry.values, ...values };
  }

  /** The version that a record gets with its first change in this unit; later ones keep it. */
  async nextVersion(table: TableName, id: string): Promise<number> {
    const entry = await this.#entry(table, id);
    return (entry?.stored?.version ?? 0) + 1;
  }

  /** The live record as it will be. */
  async get(table: TableName, id: string): Promise<RecordValue | undefined> {
    const row = await this.row(knownTable(table), knownId(id));
    return row && !row.deletedOn ? fromRow(table, row).value : undefined;
  }

  /** Makes a record. Throws Problem invalid-request, rule-broken, conflict. */
  async create(table: TableName, record: NewPluginRecord): Promise<string> {
    const { recordStore, key, baseId, by, on } = this.#options;
    const { ownerId = by, columns, lookups = {} } = record;
    parse(createSchema(knownTable(table)), { ...columns, ownerId, lookups }, table);
    const id = derivedId(baseId, `${key}|${++this.#created}`);
    const common = {
      createdOn: on,
      createdBy: by,
      modifiedOn: on,
      modifiedBy: by,
      version: 1,
      state: 'Active',
    } as const;
    const value: RecordValue = { id, table, ownerId, ...common, columns: { ...columns }, lookups: { ...lookups } };
    const problem = await prepareRecord(recordStore.tables, value, { isNew: (...parent) => this.#isNew(...parent) });
    if (problem) throw problem;
    const { partitionKey: _partition, rowKey: _row, ...values } = toRow(value, { origin: key });
    this.#entries.set(entryKey(table, id), {
      table,
      id,
      stored: undefined,
      base: {},
      values: withoutUndefined(values),
    });
    await this.#inherit(value);
    return id;
  }

  /** A new record inherits of parents that are there already; of one that the unit makes itself there is nothing to inherit from others yet. */
  async #inherit(value: RecordValue): Promise<void> {
    const { table, id: recordId, createdOn } = value;
    const { tables } = this.#options.recordStore;
    for (const [, set] of await findHeritage(tables, [{ value }])) {
      await putShared(
        tables,
        table,
        [...set.keys()].map((userId) => ({ userId, recordId, createdOn })),
      );
      this.share(table, [shareWrite(recordId, NO_ROW, set)]);
    }
  }

  /** Takes rows of shares among what the transaction writes. */
  share(table: TableName, writes: readonly Write[]): void {
    for (const write of writes) {
      this.#shares.set(`${table}|${write.row.rowKey}`, toParticipant(recordTableName(table), write));
    }
  }

  /** Gives a record other columns or another state. Throws Problem not-found, invalid-request, locked, conflict. */
  async update(
    table: TableName,
    id: string,
    change: { readonly columns?: Readonly<Record<string, ColumnValue>>; readonly state?: RecordState },
  ): Promise<void> {
    const { by, on } = this.#options;
    const { columns = {}, state } = change;
    parse(patchSchema(knownTable(table)), { ...columns, ...(state && { state }) }, table);
    const cleared = Object.keys(columns).find((name) => columns[name] === null);
    if (cleared !== undefined)
      throw new Problem('invalid-request', `${cleared}: a plug-in can't take a value away, only give one.`);
    const before = await this.get(table, id);
    if (!before) throw new Problem('not-found', `There is no ${table} with the id ${id}.`);
    const after = changeRecord(before, { columns, state }, { by, on });
    if (after === before) return;
    const problem = await prepareRecord(this.#options.recordStore.tables, after, { before });
    if (problem) throw problem;
    const cells = Object.keys(columnsOf(table)).flatMap((name) =>
      after.columns[name] === before.columns[name] ? [] : [[columnProperty(name), after.columns[name]] as const],
    );
    const modified = { modifiedBy: by, modifiedOn: on, version: await this.nextVersion(table, id) };
    await this.merge(table, id, { ...Object.fromEntries(cells), state: after.state, ...modified } as Values);
  }

  /** What it changes of records, as the change log has it; of one that it makes `createdOn` alone. */
  changes(): SideChange[] {
    return [...this.#entries.values()].flatMap(({ table, id, stored, base, values }): SideChange[] => {
      if (Object.keys(values).length === 0) return [];
      const made = { name: 'createdOn', old: null, new: this.#options.on };
      if (!stored) return [{ table, recordId: id, version: 1, changes: [made] }];
      const set = { ...base, ...values };
      const changes = changesOf(table, stored, set);
      const version = Number(set.version ?? stored.version);
      return changes.length > 0 ? [{ table, recordId: id, version, changes }] : [];
    });
  }

  /** The records that it makes, as they will be. */
  made(): RecordValue[] {
    return [...this.#entries.values()].flatMap((entry) =>
      entry.stored ? [] : [fromRow(entry.table, asIs(entry)).value],
    );
  }

  /** Takes rows as they are by now whose only change since they were read is a fence of this job, or a mere touch (UNIT-2). */
  async catchUp(): Promise<void> {
    const { recordStore, jobId } = this.#options;
    await mapParallel([...this.#entries.values()], MAX_PARALLEL, async (entry) => {
      const { table, id, stored } = entry;
      if (!stored) return;
      const row = await recordStore.tables.locks.release<RecordRow>(recordStore.tables.rows(table), bucketOf(id), id);
      const isFree = !row?.lockKind || (row.lockKind === 'fence' && row.lockJob === jobId);
      if (row && isFree && contentOf(row) === contentOf(stored)) entry.stored = row;
    });
  }

  /** The rows that the transaction is to change or insert. */
  participants(): Participant[] {
    const records = [...this.#entries.values()].flatMap(({ table, id, stored, base, values }): Participant[] => {
      if (Object.keys(values).length === 0) return [];
      const at = { table: recordTableName(table), partitionKey: bucketOf(id), rowKey: id };
      if (!stored) return [{ ...at, kind: 'insert', values }];
      return [{ ...at, kind: 'change', etag: stored.etag, set: { ...base, ...values } }];
    });
    return [...records, ...this.#shares.values()];
  }

  #isNew(table: TableName, id: string): boolean {
    const entry = this.#entries.get(entryKey(table, id));
    return entry !== undefined && entry.stored === undefined;
  }

  async #entry(table: TableName, id: string): Promise<Entry | undefined> {
    const key = entryKey(table, id);
    const known = this.#entries.get(key);
    if (known || this.#absent.has(key)) return known;
    const { tables } = this.#options.recordStore;
    const stored = await tables.locks.release<RecordRow>(tables.rows(table), bucketOf(id), id);
    if (!stored || lockOf(stored)?.isNew) {
      this.#absent.add(key);
      return undefined;
    }
    const entry: Entry = { table, id, stored, base: this.#options.base?.(table, stored) ?? {}, values: {} };
    this.#entries.set(key, entry);
    return entry;
  }
}

/** A write as a part of a transaction. */
export function toParticipant(table: string, write: Write): Participant {
  const { partitionKey, rowKey, ...rest } = write.row;
  const values = withoutUndefined(rest);
  const at = { table, partitionKey, rowKey };
  if (write.kind === 'insert') return { ...at, kind: 'insert', values };
  if (write.kind === 'merge') return { ...at, kind: 'change', etag: write.etag, set: values };
  throw new Error(`A ${write.kind} of ${rowKey} can't be a part of a transaction`);
}

function entryKey(table: TableName, id: string): string {
  return `${table}|${id}`;
}

/** What comes from a worker thread is anything. */
function knownTable(table: TableName): TableName {
  if (isTableName(table)) return table;
  throw new Problem('invalid-request', `There is no table ${String(table)}.`);
}

function knownId(id: string): string {
  if (typeof id === 'string' && isGuid(id)) return id;
  throw new Problem('invalid-request', `${String(id)} is not the id of a record.`);
}

function withoutUndefined(row: Readonly<Record<string, unknown>>): Values {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Values;
}
