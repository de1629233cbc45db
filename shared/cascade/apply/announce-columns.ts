import type { TableName } from '../../catalogue/tables.ts';
import { isUnderCustomer } from '../../records/customers-of.ts';
import { columnProperty, fromRow, type RecordRow } from '../../records/record-row.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { searchWords } from '../../records/search-words.ts';
import { indexWrite } from '../../storage/newest-first.ts';
import type { CellValue, StoredRow } from '../../storage/table.ts';
import type { AnnounceServices, CurrentRecord, Relink } from '../actions/action-rule.ts';
import type { Decided } from './write-part.ts';

const ANY_COLUMN = columnProperty('');

/**
 * Tells, before a write, of what it changes in columns and parents: lists find a record by its old and new words from then
 * on, and customers that are about to change are downloaded. Takes all properties among what the rule reads of such records.
 */
export async function announceColumns(
  { recordStore }: AnnounceServices,
  table: TableName,
  decided: readonly Decided[],
): Promise<void> {
  const customers = new Set<string>();
  for (const { id, current, decision } of decided) {
    if (decision.kind !== 'write' || !current) continue;
    for (const customerId of accountsOf(decision.relinks ?? [])) customers.add(customerId);
    if (!Object.keys(decision.set).some((property) => property.startsWith(ANY_COLUMN))) continue;
    if (table === 'account') customers.add(id);
    await listWords(recordStore, table, current, decision.set);
  }
  await recordStore.tables.noteCustomersChanged([...customers]);
}

/** Accounts that something comes to or goes from. */
function accountsOf(relinks: readonly Relink[]): string[] {
  return relinks
    .filter(({ relationship }) => isUnderCustomer(relationship))
    .flatMap(({ from, to }) => [from, to].filter((id) => id !== undefined));
}

async function listWords(
  { tables }: RecordStore,
  table: TableName,
  { id, cells }: CurrentRecord,
  set: Readonly<Record<string, CellValue>>,
): Promise<void> {
  const row = cells as unknown as StoredRow<RecordRow>;
  const before = fromRow(table, row).value;
  const after = fromRow(table, { ...row, ...set } as typeof row).value;
  if (searchWords(before) === searchWords(after)) return;
  const words = searchWords(after, before);
  await tables.listIndex(table).write([indexWrite('all', before.createdOn, id, { words })]);
}
