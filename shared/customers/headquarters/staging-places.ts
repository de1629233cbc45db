/** Which of the five staging tables hold something of a customer, so that nobody looks into the others. Pure. */
import { OPERATIONS, type OperationName, STAGING_TABLES, type StagingTable } from '../customer-operation.ts';

/** All tables, as `tablesOf` writes them: a digit for each, its place among the five. A storage format (docs/adr/0002). */
export const ALL_TABLES = STAGING_TABLES.map((_, at) => at).join('');

/** The tables of some operations. */
export function tablesOf(operations: readonly { readonly operation: OperationName }[]): string {
  const places = operations.map(({ operation }) => STAGING_TABLES.indexOf(OPERATIONS[operation].stagingTable));
  return withTables('', places.join(''));
}

/** The tables that either names, each once. */
export function withTables(some: string, others: string): string {
  return [...new Set(some + others)].sort().join('');
}

/** The names of tables. */
export function tableNames(tables: string): StagingTable[] {
  return STAGING_TABLES.filter((_, at) => tables.includes(String(at)));
}
