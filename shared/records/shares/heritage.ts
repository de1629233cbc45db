/** The rights that a new record inherits: those that its parents have, where Reparent cascades over the relationship. */

import { type Behavior, lookupsOf } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { groupBy, mapParallel } from '../../storage/parallel.ts';
import { isReached } from '../reach.ts';
import type { RecordValue } from '../record.ts';
import { MAX_PARALLEL, type RecordTables } from '../record-tables.ts';
import { handedDown, type ShareSet, unionOf } from './share-set.ts';
import { findShares } from './shares.ts';

type Child = Pick<RecordValue, 'table' | 'id' | 'ownerId' | 'state' | 'lookups'>;

/**
 * What each of these records inherits; those that inherit nothing are left out. Reads the shares of each parent once, and
 * more only where there are some. To be read after the hints from the parents were put.
 */
export async function findHeritage<C extends { readonly value: Child }>(
  tables: RecordTables,
  children: readonly C[],
): Promise<Map<C, ShareSet>> {
  const links = children.flatMap((child) =>
    lookupsOf(child.value.table).flatMap(({ name, parent }) => {
      const parentId = child.value.lookups[name];
      return parentId === undefined ? [] : [{ child, name, parent, parentId }];
    }),
  );
  const families = groupBy(links, ({ parent, parentId }) => `${parent}|${parentId}`);
  const shared = await mapParallel(families, MAX_PARALLEL, async (family) => {
    const [first] = family;
    const set = first && (await findShares(tables, first.parent, first.parentId)).set;
    return set && set.size > 0 ? [{ family, down: handedDown(set, first.parentId) }] : [];
  });
  const heritage = new Map<C, ShareSet>();
  if (shared.flat().length === 0) return heritage;
  const behaviors = await tables.relationships.behaviorsOf('Reparent');
  for (const { family, down } of shared.flat()) {
    for (const { child, name, parent, parentId } of family) {
      const reached = await isHeir(tables, behaviors[name] ?? 'None', child.value, { table: parent, id: parentId });
      if (reached) heritage.set(child, unionOf(heritage.get(child) ?? new Map(), down));
    }
  }
  return heritage;
}

async function isHeir(
  tables: RecordTables,
  behavior: Behavior,
  child: Child,
  parent: { readonly table: TableName; readonly id: string },
): Promise<boolean> {
  if (behavior !== 'UserOwned') return isReached(behavior, child, '');
  return isReached(behavior, child, (await tables.find(parent.table, parent.id))?.value.ownerId ?? '');
}
