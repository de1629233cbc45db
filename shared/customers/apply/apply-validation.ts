import type { Column, ColumnValue } from '../../catalogue/columns.ts';
import { columnsOf, type TableName } from '../../catalogue/tables.ts';
import type { OperationBody, OperationName } from '../customer-operation.ts';

/** The table that an operation's values belong to. */
export function targetTableOf(operation: OperationName): TableName {
  return operation === 'createCustomer' || operation === 'editCustomer' ? 'account' : 'address';
}

const SHOWN_LENGTH = 80;

/**
 * What is wrong with the values of an operation, for each value a sentence that names field and value; empty when nothing
 * is. `creates`: required fields must be there. Pure.
 */
export function valueProblems(operation: OperationName, body: OperationBody, creates: boolean): string[] {
  const columns = columnsOf(targetTableOf(operation));
  const problems = Object.entries(body).flatMap(([name, value]) => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    const problem = column ? valueProblem(column, value) : 'is not a field of this record';
    return problem === undefined ? [] : [`${name}: ${shown(value)} ${problem}.`];
  });
  const missing = Object.entries(columns).filter(([name, { required }]) => creates && required && !(name in body));
  return [...problems, ...missing.map(([name]) => `${name}: is missing, and is required.`)];
}

function valueProblem(column: Column, value: ColumnValue | null): string | undefined {
  if (column.readOnly || column.unique) return 'is set by headquarters alone';
  if (value === null) return column.required ? "can't be cleared, as the field is required" : undefined;
  const result = column.schema.safeParse(value);
  return result.success ? undefined : `is refused (${result.error.issues.map(({ message }) => message).join('; ')})`;
}

function shown(value: ColumnValue | null): string {
  const text = value === null ? 'no value' : JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
