import { lookupsOf } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import type { RecordState } from '../../records/record.ts';
import { lookupProperty } from '../../records/record-row.ts';
import type { Heir } from '../../records/shares/parent-reader.ts';
import type { CellValue } from '../../storage/table.ts';
import type { CurrentRecord } from './action-rule.ts';

/** The properties of a row that say what its record inherits, and when it was made. */
export function heirProperties(table: TableName): string[] {
  return ['createdOn', 'state', ...lookupsOf(table).map(({ name }) => lookupProperty(name))];
}

/** A record as it inherits once these properties are set. */
export function toHeir(
  table: TableName,
  { id, ownerId, cells }: CurrentRecord,
  set: Readonly<Record<string, CellValue>> = {},
): Heir {
  const after: Readonly<Record<string, CellValue | undefined>> = { ownerId, ...cells, ...set };
  const lookups = lookupsOf(table).flatMap(({ name }) => {
    const parentId = textOf(after[lookupProperty(name)]);
    return parentId === undefined ? [] : [[name, parentId] as const];
  });
  const state = after.state as RecordState;
  return { table, id, ownerId: String(after.ownerId), state, lookups: Object.fromEntries(lookups) };
}

/** The text of a cell; undefined for none. */
export function textOf(cell: CellValue | undefined): string | undefined {
  return typeof cell === 'string' && cell !== '' ? cell : undefined;
}
