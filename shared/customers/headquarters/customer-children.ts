import type { TableName } from '../../catalogue/tables.ts';
import type { StoredRecord } from '../../records/record.ts';
import type { RecordStore } from '../../records/record-store.ts';

/** The live records under a parent in one relationship, inactive ones too, in the order of their making. */
export async function allChildrenOf(
  records: RecordStore,
  table: TableName,
  relationship: string,
  parentId: string,
): Promise<StoredRecord[]> {
  const ids: string[] = [];
  for await (const { childId } of records.hints(relationship).of(parentId)) ids.push(childId);
  const found = await records.findMany(table, ids);
  return found
    .filter((child) => child !== undefined)
    .filter(({ value, tombstone }) => !tombstone && value.lookups[relationship] === parentId)
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The active ones of `allChildrenOf`. */
export async function childrenOf(
  records: RecordStore,
  table: TableName,
  relationship: string,
  parentId: string,
): Promise<StoredRecord[]> {
  const all = await allChildrenOf(records, table, relationship, parentId);
  return all.filter(({ value }) => value.state === 'Active');
}

function key({ value }: StoredRecord): string {
  return `${value.createdOn}|${value.id}`;
}
