import type { ColumnValue } from '../../catalogue/columns.ts';
import { columnsOf, type TableName } from '../../catalogue/tables.ts';
import { columnProperty, NO_VALUE } from '../../records/record-row.ts';
import type { CellValue } from '../../storage/table.ts';
import type { ValueChange } from '../ports.ts';

type Cells = Readonly<Record<string, CellValue | undefined>>;

/**
 * The columns of a merge's target that change: content counts before the target's values, these before the subordinate's.
 * What the system sets, and what is unique, isn't touched.
 */
export function mergeColumns(
  table: TableName,
  from: {
    readonly content: Readonly<Record<string, ColumnValue | null>>;
    readonly target: Cells;
    readonly subordinate: Cells;
  },
): { readonly set: Readonly<Record<string, CellValue>>; readonly changes: readonly ValueChange[] } {
  const set: Record<string, CellValue> = {};
  const changes: ValueChange[] = [];
  for (const [name, { readOnly, unique }] of Object.entries(columnsOf(table))) {
    if (readOnly || unique) continue;
    const property = columnProperty(name);
    const old = valueIn(from.target[property]);
    const asked = from.content[name];
    const filled = old === null || old === '' ? (valueIn(from.subordinate[property]) ?? old) : old;
    const value = asked === undefined ? filled : asked;
    if (value === old) continue;
    set[property] = value ?? NO_VALUE;
    changes.push({ name, old, new: value });
  }
  return { set, changes };
}

function valueIn(cell: CellValue | undefined): ColumnValue | null {
  return cell === undefined || cell === NO_VALUE || typeof cell === 'bigint' ? null : cell;
}
