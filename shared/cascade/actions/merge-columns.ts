import type { ColumnValue } from '../../catalogue/columns.ts';
import { columnsOf, type TableName } from '../../catalogue/tables.ts';
import { columnProperty, NO_VALUE } from '../../records/record-row.ts';
import type { CellValue } from '../../storage/table.ts';
import type { ValueChange } from '../ports.ts';

type Cells = Readonly<Record<string, CellValue | undefined>>;

/** The two records of a merge, and what the request asks for. */
interface MergeSources {
  readonly content: Readonly<Record<string, ColumnValue | null>>;
  readonly target: Cells;
  readonly subordinate: Cells;
}

/** The value that a column of the target gets, and where it comes from. */
export interface Winner {
  readonly column: string;
  readonly value: ColumnValue | null;
  readonly from: 'content' | 'target' | 'subordinate';
}

/**
 * The value that wins in each column: content counts before the target's values, these before the subordinate's. What the
 * system sets, and what is unique, isn't touched. A column that has no value anywhere has no winner.
 */
export function mergeWinners(table: TableName, { content, target, subordinate }: MergeSources): Winner[] {
  return Object.entries(columnsOf(table)).flatMap(([column, { readOnly, unique }]): Winner[] => {
    if (readOnly || unique) return [];
    const asked = content[column];
    if (asked !== undefined) return [{ column, value: asked, from: 'content' }];
    const property = columnProperty(column);
    const [old, other] = [valueIn(target[property]), valueIn(subordinate[property])];
    const isEmpty = old === null || old === '';
    if (isEmpty && other !== null) return [{ column, value: other, from: 'subordinate' }];
    return old === null ? [] : [{ column, value: old, from: 'target' }];
  });
}

/** The columns of a merge's target that change. */
export function mergeColumns(
  table: TableName,
  sources: MergeSources,
): { readonly set: Readonly<Record<string, CellValue>>; readonly changes: readonly ValueChange[] } {
  const changes = mergeWinners(table, sources).flatMap(({ column: name, value }): ValueChange[] => {
    const old = valueIn(sources.target[columnProperty(name)]);
    return value === old ? [] : [{ name, old, new: value }];
  });
  const set = Object.fromEntries(changes.map(({ name, new: value }) => [columnProperty(name), value ?? NO_VALUE]));
  return { set, changes };
}

function valueIn(cell: CellValue | undefined): ColumnValue | null {
  return cell === undefined || cell === NO_VALUE || typeof cell === 'bigint' ? null : cell;
}
