import type { RecordTables } from '../record-tables.ts';
import { owed } from './inheritance.ts';
import { type Heir, ParentReader } from './parent-reader.ts';
import type { ShareSet } from './share-set.ts';

/**
 * What each of these new records inherits of its parents; those that inherit nothing are left out. Reads the shares of each
 * parent once, and more only where there are some. To be read after the hints from the parents were put.
 */
export async function findHeritage<C extends { readonly value: Heir }>(
  tables: RecordTables,
  children: readonly C[],
): Promise<Map<C, ShareSet>> {
  const parents = await new ParentReader(tables).parentsOf(children.map(({ value }) => value));
  const heritage = new Map<C, ShareSet>();
  for (const child of children) {
    const set = owed(child.value.id, parents.get(child.value.id) ?? []);
    if (set.size > 0) heritage.set(child, set);
  }
  return heritage;
}
