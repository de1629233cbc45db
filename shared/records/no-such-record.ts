import type { TableName } from '../catalogue/tables.ts';
import { Problem } from '../problem.ts';

/** The refusal of a field that names a record which isn't there, is deleted, or may not be read: nobody can tell which. */
export function noSuchRecord(at: string, table: TableName): Problem {
  return new Problem('named-record-absent', { at, table });
}
