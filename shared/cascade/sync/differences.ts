/** What makes a record another than the one that was decided on (C2): the pure part. */
import { lookupsOf } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { Problem } from '../../problem.ts';
import { lookupProperty } from '../../records/record-row.ts';
import type { CellValue } from '../../storage/table.ts';

/** A difference that a refused transaction names. */
export interface Difference {
  readonly recordId: string;
  readonly table: TableName;
  /** `ownerId`, `state`, `lookups.<relationship>`, `deletedOn`, `shares`, or `set`: the record came to the set or left it. */
  readonly name: string;
  readonly was: CellValue | null;
  readonly is: CellValue | null;
}

type Cells = Readonly<Record<string, CellValue | undefined>>;

/** The properties of a row that are compared. */
export function comparedProperties(table: TableName): string[] {
  return ['ownerId', 'state', 'deletedOn', ...lookupsOf(table).map(({ name }) => lookupProperty(name))];
}

/** In what a row differs from what was seen of it. Other columns may change meanwhile; a row that is gone was deleted. */
export function differencesOf(
  { table, recordId }: Pick<Difference, 'table' | 'recordId'>,
  seen: Cells,
  now: Cells | undefined,
): Difference[] {
  if (!now) return [{ table, recordId, name: 'deletedOn', was: null, is: 'gone' }];
  return comparedProperties(table).flatMap((property) => {
    const [was, is] = [seen[property] || null, now[property] || null];
    const relationship = lookupsOf(table).find(({ name }) => lookupProperty(name) === property);
    return was === is
      ? []
      : [{ table, recordId, name: relationship ? `lookups.${relationship.name}` : property, was, is }];
  });
}

/** The refusal that names what differed; everything is rolled back by then. */
export function differed(jobId: string, differences: readonly Difference[]): Problem {
  const [first] = differences;
  const more = differences.length > 1 ? ` and ${differences.length - 1} more` : '';
  const what = first ? `the ${first.table} ${first.recordId} (${first.name})${more}` : 'a record';
  return new Problem(
    'conflict',
    `Somebody else changed ${what} meanwhile, so everything is as it was before. Look at it and try again.`,
    { extra: { jobId, differed: differences.slice(0, 20) } },
  );
}
