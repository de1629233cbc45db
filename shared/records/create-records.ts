import { lookupsOf } from '../catalogue/relationships.ts';
import { type TableName, uniqueColumnOf } from '../catalogue/tables.ts';
import { Problem } from '../problem.ts';
import { indexWrite } from '../storage/newest-first.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../storage/parallel.ts';
import { ROWS_PER_TRANSACTION, type Write } from '../storage/table.ts';
import { linkChildren, parentProblem } from './parent-links.ts';
import type { RecordValue, StoredRecord } from './record.ts';
import { bucketOf, isOwnId } from './record-ids.ts';
import { fromRow, type RecordRow, toRow } from './record-row.ts';
import type { RecordTables } from './record-tables.ts';
import { searchWords } from './search-words.ts';
import { findHeritage } from './shares/heritage.ts';
import { NO_ROW, packShares, type StoredShares, shareWrite } from './shares/share-rows.ts';
import { NO_SHARES, type ShareSet } from './shares/share-set.ts';
import { putShared } from './shares/shared-records.ts';
import { findShares } from './shares/shares.ts';

/** A record to be made; its version will be 1. */
export interface NewRecord {
  readonly value: Omit<RecordValue, 'version' | 'modifiedOn' | 'modifiedBy'>;
  /** Names the request; a second attempt under the same origin finds its own record and is content. */
  readonly origin: string;
  /** The stamp of the customer operation that makes it, if one does (applied-stamps.ts). */
  readonly appliedSequence?: string;
}

type Outcome = StoredRecord | Problem;

/** Rows of one transaction together, by the length of their JSON: under half of Azure's 4 MiB, as letters can take two bytes. */
const MAX_TRANSACTION_LENGTH = 1.5 * 1024 * 1024;

/** Makes records, each by itself: what stands in the way of one doesn't stop the others. Outcomes in the order given. */
export async function createRecords(tables: RecordTables, records: readonly NewRecord[]): Promise<Outcome[]> {
  const outcomes = new Map<NewRecord, Outcome>();
  for (const record of repeatedIds(records)) outcomes.set(record, idTaken(record));
  for (const [record, taken] of await takenIds(tables, withoutOutcome(records, outcomes))) outcomes.set(record, taken);
  const distinct = withoutOutcome(records, outcomes);
  await putIndex(tables, distinct);
  for (const [record, problem] of await linkChildren(tables, distinct)) outcomes.set(record, problem);
  await mapParallel(withoutOutcome(records, outcomes), MAX_PARALLEL, async (record) => {
    const problem = await claimUnique(tables, record.value);
    if (problem) outcomes.set(record, problem);
  });
  const open = withoutOutcome(records, outcomes);
  const heritage = await findHeritage(tables, open);
  await announceHeritage(tables, heritage);
  const partitions = groupBy(
    open,
    ({ value }) => `${value.table}|${bucketOf(value.id)}`,
    heritage.size > 0 ? ROWS_PER_TRANSACTION / 2 : ROWS_PER_TRANSACTION,
  ).flatMap((group) => splitByLength(group, heritage));
  await mapParallel(partitions, MAX_PARALLEL, (group) => insert(tables, group, { outcomes, heritage }));
  return records.map((record) => outcomes.get(record) ?? new Problem('record-not-written', {}));
}

/** Claims the value of the table's unique column for this record; a Problem when another record has it. */
export async function claimUnique(
  tables: RecordTables,
  { table, id, columns }: Pick<RecordValue, 'table' | 'id' | 'columns'>,
): Promise<Problem | undefined> {
  const column = uniqueColumnOf(table);
  if (column === undefined) return undefined;
  const wanted = columns[column];
  if (typeof wanted !== 'string' || wanted === '') return undefined;
  if (await tables.uniqueValues.claim(table, wanted, id)) return undefined;
  return new Problem('unique-value-taken', { column, value: wanted, table }, { extra: { column } });
}

/**
 * Writes what must stand before the row of a record that is made or changed by a transaction: list entry, hints, claim of
 * the unique value. `isNew` tells of parents that the same transaction makes. A Problem when something stands against it.
 */
export async function prepareRecord(
  tables: RecordTables,
  value: RecordValue,
  given: { readonly before?: RecordValue; readonly isNew?: (table: TableName, id: string) => boolean },
): Promise<Problem | undefined> {
  const { table, id, createdOn } = value;
  const words = given.before ? searchWords(value, given.before) : searchWords(value);
  await tables.listIndex(table).write([indexWrite('all', createdOn, id, { words })]);
  for (const { name, parent } of lookupsOf(table)) {
    const parentId = value.lookups[name];
    if (parentId === undefined || parentId === given.before?.lookups[name]) continue;
    await tables.hints(name).put(parentId, id, createdOn);
    const problem = given.isNew?.(parent, parentId) ? undefined : await parentProblem(tables, table, name, parentId);
    if (problem) return problem;
  }
  return claimUnique(tables, value);
}

/** The records whose id an earlier one of the same list has. */
function repeatedIds(records: readonly NewRecord[]): NewRecord[] {
  const seen = new Set<string>();
  return records.filter(({ value }) => {
    const key = `${value.table}|${value.id}`;
    return seen.has(key) || !seen.add(key);
  });
}

/** Those whose client-supplied id has a row already: known before anything is written for them. */
async function takenIds(tables: RecordTables, records: readonly NewRecord[]): Promise<Map<NewRecord, Outcome>> {
  const supplied = records.filter(({ value }) => !isOwnId(value.id));
  const outcomes = new Map<NewRecord, Outcome>();
  for (const group of groupBy(supplied, ({ value }) => value.table)) {
    const table = group[0]?.value.table;
    if (!table) continue;
    const found = await tables.findMany(
      table,
      group.map(({ value }) => value.id),
    );
    for (const [at, record] of group.entries()) if (found[at]) outcomes.set(record, await takenId(tables, record));
  }
  return outcomes;
}

function idTaken({ value: { table, id } }: NewRecord): Problem {
  return new Problem('record-id-taken', { table, id });
}

function withoutOutcome(records: readonly NewRecord[], outcomes: ReadonlyMap<NewRecord, Outcome>): NewRecord[] {
  return records.filter((record) => !outcomes.has(record));
}

async function putIndex(tables: RecordTables, records: readonly NewRecord[]): Promise<void> {
  const writes = records.map(({ value }) => ({
    table: value.table,
    write: indexWrite('all', value.createdOn, value.id, { words: searchWords(value) }),
  }));
  const partitions = groupBy(writes, ({ table, write }) => `${table}|${write.row.partitionKey}`, ROWS_PER_TRANSACTION);
  await mapParallel(partitions, MAX_PARALLEL, async (group) => {
    const [first] = group;
    if (first) await tables.listIndex(first.table).write(group.map(({ write }) => write));
  });
}

/** Lists records for the users who inherit rights on them, before they have these (SHARED-1, shared-records.ts). */
async function announceHeritage(tables: RecordTables, heritage: ReadonlyMap<NewRecord, ShareSet>): Promise<void> {
  for (const group of groupBy([...heritage], ([{ value }]) => value.table)) {
    const given = group.flatMap(([{ value }, set]) =>
      [...set.keys()].map((userId) => ({ userId, recordId: value.id, createdOn: value.createdOn })),
    );
    const table = group[0]?.[0].value.table;
    if (table) await putShared(tables, table, given);
  }
}

/** Inserts rows of one partition, those of inherited shares too; a row that can't be inserted is told apart and the rest tried again. */
async function insert(
  tables: RecordTables,
  group: readonly NewRecord[],
  { outcomes, heritage }: { readonly outcomes: Map<NewRecord, Outcome>; readonly heritage: Map<NewRecord, ShareSet> },
): Promise<void> {
  /** Shares that a record of former times left behind under the same id. */
  const leftovers = new Map<NewRecord, StoredShares>();
  let open = group;
  while (open.length > 0) {
    const table = open[0]?.value.table;
    if (!table) return;
    const rows = open.map(newRow);
    const inheriting = open.flatMap((record) => {
      const set = heritage.get(record);
      return set ? [{ record, write: shareWrite(record.value.id, leftovers.get(record) ?? NO_ROW, set) }] : [];
    });
    const inserts = rows.map((row): Write => ({ kind: 'insert', row }));
    const written = await tables.rows(table).write([...inserts, ...inheriting.map(({ write }) => write)]);
    if (written.ok) {
      open.forEach((record, at) => {
        const row = rows[at];
        if (row) outcomes.set(record, fromRow(table, { ...row, etag: written.etags[at] ?? '' }));
      });
      return;
    }
    const refused = open[written.index];
    const heir = inheriting[written.index - rows.length]?.record;
    if (heir) {
      leftovers.set(heir, await findShares(tables, table, heir.value.id));
      const problem = await inheritAgain(tables, heir, heritage);
      if (problem) {
        outcomes.set(heir, problem);
        open = open.filter((record) => record !== heir);
      }
    } else if (refused) {
      outcomes.set(refused, await takenId(tables, refused));
      open = open.filter((record) => record !== refused);
    } else throw new Error(`An insert into ${table} failed at place ${written.index}`);
  }
}

/**
 * Somebody was faster at the row of shares: who takes rights away puts one where a hint leads to nothing yet (settle-late.ts).
 * So the parents are looked at anew. Gives the problem of a record that can't be under them any more.
 */
async function inheritAgain(
  tables: RecordTables,
  heir: NewRecord,
  heritage: Map<NewRecord, ShareSet>,
): Promise<Problem | undefined> {
  const problem = (await linkChildren(tables, [heir])).get(heir);
  if (problem) return problem;
  const again = await findHeritage(tables, [heir]);
  await announceHeritage(tables, again);
  heritage.set(heir, again.get(heir) ?? NO_SHARES);
  return undefined;
}

/** The record that has the id already: our own from an earlier attempt, or somebody else's. */
async function takenId(tables: RecordTables, record: NewRecord): Promise<Outcome> {
  const { table, id } = record.value;
  const existing = await tables.find(table, id);
  if (existing && !existing.tombstone && existing.origin === record.origin) return existing;
  const jobId = existing?.tombstone?.jobId;
  if (jobId) return new Problem('record-id-deleted-by-job', { table, id, jobId }, { extra: { jobId } });
  return idTaken(record);
}

function newRow(record: NewRecord): RecordRow {
  const { value, origin, appliedSequence } = record;
  const full = { ...value, version: 1, modifiedOn: value.createdOn, modifiedBy: value.createdBy };
  return toRow(full, { origin, ...(appliedSequence && { appliedSequence }) });
}

function splitByLength(group: readonly NewRecord[], heritage: ReadonlyMap<NewRecord, ShareSet>): NewRecord[][] {
  const parts: NewRecord[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const record of group) {
    const shares = heritage.get(record);
    const own = JSON.stringify(record.value).length + (shares ? packShares(shares).length : 0) + 500;
    if (length + own > MAX_TRANSACTION_LENGTH) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(record);
    length += own;
  }
  return parts;
}
