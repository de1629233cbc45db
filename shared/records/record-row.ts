/**
 * A record's row in storage. This is a storage format (docs/adr/0002): one row holds the value, the public version, a
 * lock or fence, the tombstone and the last applied customer operation, so that each of them changes under the same ETag.
 */
import type { ColumnValue } from '../catalogue/columns.ts';
import { lookupsOf } from '../catalogue/relationships.ts';
import { columnsOf, type TableName } from '../catalogue/tables.ts';
import type { Row, StoredRow } from '../storage/table.ts';
import { jobOfTransaction } from '../transactions/locked-row.ts';
import type { RecordLock, RecordState, RecordValue, StoredRecord } from './record.ts';
import { bucketOf } from './record-ids.ts';

/** A record as stored; columns and lookups are in properties beside these. */
export interface RecordRow extends Row {
  ownerId: string;
  state: string;
  createdOn: string;
  createdBy: string;
  modifiedOn: string;
  modifiedBy: string;
  version: number;
  /** Absent or empty means none, as a merge can't remove a property. The same holds for all below, and for lookups. */
  lockKind?: string;
  lockJob?: string;
  deletedOn?: string;
  deletedBy?: string;
  deletedByJob?: string;
  appliedSequence?: string;
  origin?: string;
}

/** What a column holds that a merge has cleared, as a merge can't remove a property: a character that no text may have. */
export const NO_VALUE = '\u007f';

const COLUMN = 'c_';
const LOOKUP = 'l_';

/** The storage table of a logical table. */
export function recordTableName(table: TableName): string {
  return `records${table.toLowerCase()}`;
}

/** The name of the property that holds a column. */
export function columnProperty(column: string): string {
  return COLUMN + column;
}

/** The properties that make up the value of a record. */
export function recordProperties(table: TableName): string[] {
  const common = ['ownerId', 'state', 'createdOn', 'createdBy', 'modifiedOn', 'modifiedBy', 'version'];
  const lookups = lookupsOf(table).map(({ name }) => lookupProperty(name));
  return [...common, ...Object.keys(columnsOf(table)).map(columnProperty), ...lookups];
}

/** The name of the property that holds a lookup, for writes that change nothing else. */
export function lookupProperty(relationship: string): string {
  return LOOKUP + relationship;
}

/** The whole row of a record; what isn't given in `rest` is none. */
export function toRow(value: RecordValue, rest: { appliedSequence?: string; origin?: string } = {}): RecordRow {
  const { id, table: _table, columns, lookups, ...common } = value;
  const row: RecordRow = { partitionKey: bucketOf(id), rowKey: id, ...common };
  for (const [name, cell] of Object.entries(columns)) row[COLUMN + name] = cell;
  for (const [relationship, parentId] of Object.entries(lookups)) row[LOOKUP + relationship] = parentId;
  if (rest.appliedSequence) row.appliedSequence = rest.appliedSequence;
  if (rest.origin) row.origin = rest.origin;
  return row;
}

/** The record that a row holds, one whose lock was resolved (shared/transactions). */
export function fromRow(table: TableName, row: StoredRow<RecordRow>): StoredRecord {
  const { ownerId, createdOn, createdBy, modifiedOn, modifiedBy, version } = row;
  const columns: Record<string, ColumnValue> = {};
  for (const name of Object.keys(columnsOf(table))) {
    const cell = row[COLUMN + name];
    if (cell !== undefined && cell !== NO_VALUE && typeof cell !== 'bigint') columns[name] = cell;
  }
  const lookups: Record<string, string> = {};
  for (const { name } of lookupsOf(table)) {
    const parentId = row[LOOKUP + name];
    if (typeof parentId === 'string' && parentId !== '') lookups[name] = parentId;
  }
  const common = { ownerId, state: row.state as RecordState, createdOn, createdBy, modifiedOn, modifiedBy, version };
  return {
    value: { id: row.rowKey, table, ...common, columns, lookups },
    etag: row.etag,
    tombstone: row.deletedOn
      ? { deletedOn: row.deletedOn, deletedBy: row.deletedBy ?? '', jobId: row.deletedByJob || undefined }
      : undefined,
    lock: toLock(row),
    appliedSequence: row.appliedSequence ?? '',
    origin: row.origin ?? '',
  };
}

function toLock({ lockKind, lockJob = '' }: RecordRow): RecordLock | undefined {
  if (!lockKind) return undefined;
  if (lockKind === 'fence') return { kind: 'fence', jobId: lockJob };
  return { kind: 'transaction', jobId: jobOfTransaction(lockJob) };
}
