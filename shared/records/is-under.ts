import { lookupsOf } from '../catalogue/relationships.ts';
import type { TableName } from '../catalogue/tables.ts';
import type { RecordValue } from './record.ts';
import type { RecordTables } from './record-tables.ts';

/** Whether a record is another one or lies under it, over whatever lookups. Deleted parents lead no further. */
export async function isUnder(
  tables: RecordTables,
  record: Pick<RecordValue, 'table' | 'id' | 'lookups'>,
  ancestor: Pick<RecordValue, 'table' | 'id'>,
): Promise<boolean> {
  const seen = new Set<string>();
  let level: Pick<RecordValue, 'table' | 'id' | 'lookups'>[] = [record];
  while (level.length > 0) {
    if (level.some(({ table, id }) => table === ancestor.table && id === ancestor.id)) return true;
    const parents = new Map<string, { table: TableName; id: string }>();
    for (const { table, lookups } of level) {
      for (const { name, parent } of lookupsOf(table)) {
        const id = lookups[name];
        const key = `${parent}|${id}`;
        if (id === undefined || seen.has(key)) continue;
        seen.add(key);
        parents.set(key, { table: parent, id });
      }
    }
    const found = await Promise.all([...parents.values()].map(({ table, id }) => tables.find(table, id)));
    level = found.flatMap((each) => (each && !each.tombstone ? [each.value] : []));
  }
  return false;
}
