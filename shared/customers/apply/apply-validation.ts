import { z } from 'zod';
import { attributeProblem, findAttribute } from '../../catalogue/attributes.ts';
import type { Column, ColumnValue } from '../../catalogue/columns.ts';
import { columnsOf } from '../../catalogue/tables.ts';
import { OPERATIONS, type OperationBody, type OperationName, targetTableOf } from '../customer-operation.ts';

const SHOWN_LENGTH = 80;
const EMAIL = z.email().max(320);

/** What headquarters refuses of an operation's values, as the sync job and a bulk change that is tried out see it. Pure. */
export function operationProblems(operation: OperationName, body: OperationBody): string[] {
  const { does } = OPERATIONS[operation];
  return valueProblems(operation, body, does === 'create' || does === 'set');
}

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
  const unfit = problems.length === 0 && creates ? unfitProblems(operation, body) : [];
  return [...problems, ...missing.map(([name]) => `${name}: is missing, and is required.`), ...unfit];
}

/** What is wrong with a value because of another one. */
function unfitProblems(operation: OperationName, { kind, name, dataType, value }: OperationBody): string[] {
  const says = (column: string, wrong: ColumnValue | null | undefined, problem: string) => [
    `${column}: ${shown(wrong ?? null)} ${problem}.`,
  ];
  if (operation === 'setContact' && kind === 'Email' && !EMAIL.safeParse(value).success) {
    return says('value', value, 'is not an e-mail address');
  }
  if (operation !== 'setAttribute') return [];
  const text = typeof value === 'string' ? value : undefined;
  const found = attributeProblem(String(dataType), text, findAttribute(String(name)));
  return found ? says(found.column, found.column === 'value' ? value : dataType, found.problem) : [];
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
