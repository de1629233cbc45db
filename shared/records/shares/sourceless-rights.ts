import type { TableName } from '../../catalogue/tables.ts';
import type { RecordTables } from '../record-tables.ts';
import { bound } from './inheritance.ts';
import { ParentReader } from './parent-reader.ts';
import { type Right, rightsOf } from './rights.ts';
import { fromShareRow, recordOfShareRow } from './share-rows.ts';
import { maskFrom } from './share-set.ts';
import { readSharedPage, type SharedPlace } from './shared-pages.ts';

/** An inherited right that no line bears out up to its source. */
export interface SourcelessRight {
  readonly table: TableName;
  readonly recordId: string;
  readonly principal: string;
  /** The record that it once came from. */
  readonly from: string;
  readonly rights: readonly Right[];
}

/** Shared records that are looked at for one page, and those that are looked at together. */
const MAX_EXAMINED = 2000;
const EXAMINED_TOGETHER = 200;

/**
 * A page of the inherited rights on records of a table that have no source: about `pageSize` of them, as all those of a record
 * come together; none where many records were looked at and all is well. `after` is absent on the last page.
 */
export async function listSourceless(
  tables: RecordTables,
  table: TableName,
  { pageSize, after }: { readonly pageSize: number; readonly after: SharedPlace | undefined },
): Promise<{ readonly items: SourcelessRight[]; readonly after: SharedPlace | undefined }> {
  const items: SourcelessRight[] = [];
  const reader = new ParentReader(tables, { deep: true });
  let place = after;
  for (let examined = 0; examined < MAX_EXAMINED && items.length < pageSize; examined += EXAMINED_TOGETHER) {
    const page = await readSharedPage(tables.rows(table), place, EXAMINED_TOGETHER);
    const rows = await tables.locks.releaseFinished(tables.rows(table), page.rows);
    items.push(...(await sourcelessOf(tables, table, reader, rows)));
    place = page.place;
    if (!place) return { items, after: undefined };
  }
  return { items, after: place };
}

async function sourcelessOf(
  tables: RecordTables,
  table: TableName,
  reader: ParentReader,
  rows: readonly Parameters<typeof fromShareRow>[0][],
): Promise<SourcelessRight[]> {
  const sets = new Map(rows.map((row) => [recordOfShareRow(row), fromShareRow(row).set]));
  const records = await tables.findMany(table, [...sets.keys()]);
  const living = records.flatMap((record) => (record && !record.tombstone ? [record.value] : []));
  const parents = await reader.parentsOf(living);
  return living.flatMap(({ id: recordId }) => {
    const set = sets.get(recordId) ?? new Map();
    const kept = bound(recordId, set, parents.get(recordId) ?? []);
    if (kept === set) return [];
    return [...set].flatMap(([principal, { inherited }]) =>
      [...inherited].flatMap(([from, mask]) => {
        const lost = mask & ~maskFrom(kept, principal, { kind: 'inherited', from });
        return lost === 0 ? [] : [{ table, recordId, principal, from, rights: rightsOf(lost) }];
      }),
    );
  });
}
