import type { TableName } from '../../catalogue/tables.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { Row, StoredRow } from '../../storage/table.ts';
import { bucketOf } from '../record-ids.ts';
import type { RecordTables } from '../record-tables.ts';
import { fromShareRow, NO_ROW, recordOfShareRow, type StoredShares, shareRowKey } from './share-rows.ts';

/** The shares of a record, `NO_ROW` when it never was shared. */
export async function findShares(tables: RecordTables, table: TableName, id: string): Promise<StoredShares> {
  const rows = tables.rows(table);
  const stored = await rows.get<Row>(bucketOf(id), shareRowKey(id));
  const [row] = stored ? await tables.locks.releaseFinished(rows, [stored]) : [];
  return row ? fromShareRow(row) : NO_ROW;
}

/** The shares of many records, by id; those that never were shared are left out. Neighbours are read together. */
export async function findManyShares(
  tables: RecordTables,
  table: TableName,
  ids: readonly string[],
): Promise<Map<string, StoredShares>> {
  const found = new Map<string, StoredShares>();
  await mapParallel(groupBy([...new Set(ids)], bucketOf), MAX_PARALLEL, async (group) => {
    const [first, ...others] = group.sort();
    if (first === undefined) return;
    const last = others.at(-1);
    if (last === undefined) {
      const shares = await findShares(tables, table, first);
      if (shares !== NO_ROW) found.set(first, shares);
      return;
    }
    const wanted = new Set(group);
    const range = { partitionKey: bucketOf(first), from: shareRowKey(first), to: `${shareRowKey(last)}~` };
    const rows = tables.rows(table);
    const stored: StoredRow[] = [];
    for await (const row of rows.rows<Row>(range)) if (wanted.has(recordOfShareRow(row))) stored.push(row);
    for (const row of await tables.locks.releaseFinished(rows, stored)) {
      found.set(recordOfShareRow(row), fromShareRow(row));
    }
  });
  return found;
}
