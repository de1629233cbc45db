/**
 * The gateway of records: every read and write of a record's row goes through here. Invariants:
 *
 *  R1  A write of an existing row is conditioned on the ETag that was read.
 *  R2  Before a row names a parent, the hint that leads from the parent to it is written, then the parent is looked at:
 *      it must live and not be fenced. A deleter fences first and reads the hints after, so one of the two sees the other.
 *  R3  The list's index row is written before the record; whoever reads an index or a hint looks at the record itself.
 *  R4  A write that carries a customer operation's sequence happens only if the row carries a lower one.
 *  R5  A hint is removed only if it is the one that was seen before the record moved away.
 */
import { lookupsOf } from '../catalogue/relationships.ts';
import { type TableName, uniqueColumnOf } from '../catalogue/tables.ts';
import { groupBy, mapParallel } from '../parallel.ts';
import { Problem } from '../problem.ts';
import { indexWrite } from '../storage/newest-first.ts';
import type { Storage } from '../storage/storage.ts';
import type { StoredRow, Table, Write } from '../storage/table.ts';
import { type Change, changeRecord, checkUsable } from './change-record.ts';
import { ChildHints, type Hint } from './child-hints.ts';
import type { RecordValue, StoredRecord } from './record.ts';
import { bucketOf } from './record-ids.ts';
import { fromRow, type RecordRow, recordTableName, toRow } from './record-row.ts';
import { searchWords } from './search-words.ts';
import { UniqueValues } from './unique-values.ts';

/** A record to be made; its version will be 1. */
export interface NewRecord {
  readonly value: Omit<RecordValue, 'version' | 'modifiedOn' | 'modifiedBy'>;
  /** Names the request; a second attempt under the same origin finds its own record and is content. */
  readonly origin: string;
  /** The customer operation that makes it, if one does. */
  readonly appliedSequence?: string;
}

export interface ChangeOptions {
  readonly by: string;
  /** ISO 8601 UTC. */
  readonly on: string;
  /** The version that the caller has seen; Problem stale-version when the record has another. */
  readonly ifVersion?: number | undefined;
  /** The customer operation that changes it (R4). */
  readonly appliedSequence?: string;
}

const MAX_PARALLEL = 8;
const MAX_ATTEMPTS = 12;
const ROWS_PER_TRANSACTION = 100;
/** Rows of one transaction together, by the length of their JSON: half of Azure's 4 MiB, as letters can take two bytes. */
const MAX_TRANSACTION_LENGTH = 1.5 * 1024 * 1024;

export class RecordStore {
  readonly uniqueValues: UniqueValues;
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.uniqueValues = new UniqueValues(storage);
  }

  /** The record, tombstones too; undefined when there never was one or it was purged. */
  async find(table: TableName, id: string): Promise<StoredRecord | undefined> {
    const row = await this.#rows(table).get<RecordRow>(bucketOf(id), id);
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
      for await (const row of this.#together(table, group)) found.set(row.rowKey, fromRow(table, row));
    });
    return ids.map((id) => found.get(id));
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
    const outcomes = new Map<NewRecord, StoredRecord | Problem>();
    await this.#index(records);
    const refusals = await this.#linkAll(records);
    for (const [record, problem] of refusals) outcomes.set(record, problem);
    const open = records.filter((record) => !outcomes.has(record));
    await mapParallel(open, MAX_PARALLEL, async (record) => {
      const problem = await this.#claimUnique(record.value);
      if (problem) outcomes.set(record, problem);
    });
    const groups = groupBy(
      open.filter((record) => !outcomes.has(record)),
      ({ value }) => `${value.table}|${bucketOf(value.id)}`,
      ROWS_PER_TRANSACTION,
    ).flatMap(splitByLength);
    await mapParallel(groups, MAX_PARALLEL, (group) => this.#insert(group, outcomes));
    return records.map(
      (record) => outcomes.get(record) ?? new Problem('internal-error', 'The record was not written.'),
    );
  }

  /** Changes one record. Unchanged values leave the version as it is. Throws Problem not-found, stale-version, locked, rule-broken, conflict. */
  async change(table: TableName, id: string, change: Change, options: ChangeOptions): Promise<StoredRecord> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const before = await this.get(table, id);
      checkUsable(before, options.ifVersion);
      if (options.appliedSequence !== undefined && before.appliedSequence >= options.appliedSequence) return before;
      const after = changeRecord(before.value, change, options);
      if (after === before.value && options.appliedSequence === undefined) return before;
      const written = await this.#replace(before, after, options.appliedSequence);
      if (written) return written;
    }
    throw new Problem('storage-unavailable', `The ${table} ${id} is being changed by many at once. Try again.`, {
      retryAfterSeconds: 1,
    });
  }

  /** The hints of a relationship. */
  hints(relationship: string): ChildHints {
    return new ChildHints(this.#storage, relationship);
  }

  /** The index of a table's list. */
  listIndex(table: TableName): Table {
    return this.#storage.table(`list${table.toLowerCase()}`);
  }

  #rows(table: TableName): Table {
    return this.#storage.table(recordTableName(table));
  }

  async *#together(table: TableName, ids: readonly string[]): AsyncGenerator<StoredRow<RecordRow>> {
    const [first] = ids;
    if (first === undefined) return;
    const partitionKey = bucketOf(first);
    if (ids.length === 1) {
      const row = await this.#rows(table).get<RecordRow>(partitionKey, first);
      if (row) yield row;
      return;
    }
    const sorted = [...ids].sort();
    const wanted = new Set(ids);
    const range = { partitionKey, from: sorted[0] ?? '', to: `${sorted.at(-1)}~` };
    for await (const row of this.#rows(table).rows<RecordRow>(range)) if (wanted.has(row.rowKey)) yield row;
  }

  async #index(records: readonly NewRecord[]): Promise<void> {
    const writes = records.map(({ value }) => ({
      table: value.table,
      write: indexWrite('all', value.createdOn, value.id, { words: searchWords(value) }),
    }));
    const groups = groupBy(writes, ({ table, write }) => `${table}|${write.row.partitionKey}`, ROWS_PER_TRANSACTION);
    await mapParallel(groups, MAX_PARALLEL, async (group) => {
      const [first] = group;
      if (first) await this.listIndex(first.table).write(group.map(({ write }) => write));
    });
  }

  /** Hints, then the look at the parents (R2). Gives the records that can't be under their parents. */
  async #linkAll(records: readonly NewRecord[]): Promise<Map<NewRecord, Problem>> {
    const links = records.flatMap((record) =>
      Object.entries(record.value.lookups).map(([relationship, parentId]) => ({ record, relationship, parentId })),
    );
    const groups = groupBy(
      links,
      ({ relationship, parentId }) => `${relationship}|${bucketOf(parentId)}`,
      ROWS_PER_TRANSACTION,
    );
    await mapParallel(groups, MAX_PARALLEL, async (group) => {
      const hints = this.hints(group[0]?.relationship ?? '');
      await hints.putAll(
        group.map(({ record, parentId }) => hints.writeFor(parentId, record.value.id, record.value.createdOn)),
      );
    });
    const refusals = new Map<NewRecord, Problem>();
    await mapParallel(
      groupBy(links, ({ relationship, parentId }) => `${relationship}|${parentId}`),
      MAX_PARALLEL,
      async (group) => {
        const [first] = group;
        if (!first) return;
        const problem = await this.#checkParent(first.record.value.table, first.relationship, first.parentId);
        if (problem) for (const { record } of group) refusals.set(record, problem);
      },
    );
    return refusals;
  }

  async #checkParent(table: TableName, relationship: string, parentId: string): Promise<Problem | undefined> {
    const parentTable = lookupsOf(table).find(({ name }) => name === relationship)?.parent;
    if (!parentTable) return new Problem('invalid-request', `A ${table} has no lookup ${relationship}.`);
    const parent = await this.find(parentTable, parentId);
    if (!parent || parent.tombstone) {
      return new Problem('rule-broken', `lookups.${relationship}: there is no ${parentTable} with the id ${parentId}.`);
    }
    if (!parent.lock) return undefined;
    const extra = { jobId: parent.lock.jobId };
    if (parent.lock.kind === 'fence') {
      return new Problem('conflict', `The ${parentTable} ${parentId} is being deleted by job ${extra.jobId}.`, {
        extra,
      });
    }
    return new Problem('locked', `The ${parentTable} ${parentId} is locked by job ${extra.jobId}.`, {
      extra,
      retryAfterSeconds: 2,
    });
  }

  async #claimUnique(value: Pick<RecordValue, 'table' | 'id' | 'columns'>): Promise<Problem | undefined> {
    const column = uniqueColumnOf(value.table);
    const wanted = column && value.columns[column];
    if (typeof wanted !== 'string' || wanted === '') return undefined;
    if (await this.uniqueValues.claim(value.table, wanted, value.id)) return undefined;
    return new Problem('rule-broken', `${column}: ${wanted} belongs to another ${value.table}.`, { extra: { column } });
  }

  /** Inserts rows of one partition; a row that can't be inserted is told apart and the rest tried again. */
  async #insert(group: readonly NewRecord[], outcomes: Map<NewRecord, StoredRecord | Problem>): Promise<void> {
    let open = group;
    while (open.length > 0) {
      const rows = open.map((record) => newRow(record));
      const table = open[0]?.value.table;
      if (!table) return;
      const written = await this.#rows(table).write(rows.map((row): Write => ({ kind: 'insert', row })));
      if (written.ok) {
        open.forEach((record, at) => {
          const row = rows[at];
          if (row) outcomes.set(record, fromRow(table, { ...row, etag: written.etags[at] ?? '' }));
        });
        return;
      }
      const refused = open[written.index];
      if (!refused) throw new Error(`An insert into ${table} failed at place ${written.index}`);
      outcomes.set(refused, await this.#existing(refused));
      open = open.filter((record) => record !== refused);
    }
  }

  async #existing(record: NewRecord): Promise<StoredRecord | Problem> {
    const { table, id } = record.value;
    const existing = await this.find(table, id);
    if (existing && !existing.tombstone && existing.origin === record.origin) return existing;
    const jobId = existing?.tombstone?.jobId;
    if (jobId) return new Problem('conflict', `The id ${id} was deleted by job ${jobId}.`, { extra: { jobId } });
    return new Problem('conflict', `There is a ${table} with the id ${id} already. Leave the id out to get a new one.`);
  }

  async #replace(
    before: StoredRecord,
    after: RecordValue,
    sequence: string | undefined,
  ): Promise<StoredRecord | undefined> {
    const { table, id, createdOn } = after;
    const oldHints: { hints: ChildHints; parentId: string; hint: Hint }[] = [];
    for (const { name } of lookupsOf(table)) {
      const from = before.value.lookups[name];
      const to = after.lookups[name];
      if (from === to) continue;
      const hints = this.hints(name);
      const hint = from === undefined ? undefined : await hints.find(from, id);
      if (from !== undefined && hint) oldHints.push({ hints, parentId: from, hint });
      if (to === undefined) continue;
      await hints.put(to, id, createdOn);
      const problem = await this.#checkParent(table, name, to);
      if (problem) throw problem;
    }
    const problem = await this.#claimUnique(after);
    if (problem) throw problem;
    if (searchWords(after) !== searchWords(before.value)) {
      await this.listIndex(table).write([
        indexWrite('all', createdOn, id, { words: searchWords(after, before.value) }),
      ]);
    }
    const row = toRow(after, { appliedSequence: sequence ?? before.appliedSequence, origin: before.origin });
    if (before.lock) Object.assign(row, { lockKind: before.lock.kind, lockJob: before.lock.jobId });
    const written = await this.#rows(table).write([{ kind: 'replace', row, etag: before.etag }]);
    if (!written.ok) return undefined;
    for (const { hints, parentId, hint } of oldHints) await hints.remove(parentId, hint);
    return fromRow(table, { ...row, etag: written.etags[0] ?? '' });
  }
}

function newRow(record: NewRecord): RecordRow {
  const { value, origin, appliedSequence } = record;
  const full = { ...value, version: 1, modifiedOn: value.createdOn, modifiedBy: value.createdBy };
  return toRow(full, { origin, ...(appliedSequence && { appliedSequence }) });
}

function splitByLength(group: readonly NewRecord[]): NewRecord[][] {
  const parts: NewRecord[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const record of group) {
    const own = JSON.stringify(record.value).length + 500;
    if (length + own > MAX_TRANSACTION_LENGTH) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(record);
    length += own;
  }
  return parts;
}
