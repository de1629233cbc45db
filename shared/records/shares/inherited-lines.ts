import { type Behavior, lookupsOf, type Relationship } from '../../catalogue/relationships.ts';
import { isReached } from '../reach.ts';
import type { RecordValue } from '../record.ts';
import type { RecordTables } from '../record-tables.ts';
import { handedDown, NO_SHARES, type ShareSet, unionOf, without } from './share-set.ts';
import { findShares } from './shares.ts';

/**
 * The inherited rights that a record loses with its old parent, and gets with a new one, as things stand. What its other
 * parents hand down as well isn't lost. Relationships over which Share doesn't reach the record hand nothing down.
 */
export async function inheritedLines(
  tables: RecordTables,
  move: {
    readonly root: RecordValue;
    readonly relationship: Relationship;
    readonly parentId: string | null;
    /** Behaviour of Share by relationship. */
    readonly behaviors: Readonly<Record<string, Behavior>>;
  },
): Promise<{ readonly loses: ShareSet; readonly gains: ShareSet }> {
  const { root, relationship, parentId, behaviors } = move;

  const lineOf = async ({ name, parent: table }: Relationship, id: string | null | undefined): Promise<ShareSet> => {
    if (!id) return NO_SHARES;
    const [parent, shares] = await Promise.all([tables.find(table, id), findShares(tables, table, id)]);
    const reached = parent && !parent.tombstone && isReached(behaviors[name] ?? 'None', root, parent.value.ownerId);
    return reached ? handedDown(shares.set, id) : NO_SHARES;
  };

  const formerId = root.lookups[relationship.name];
  const others = lookupsOf(root.table).filter(({ name }) => name !== relationship.name);
  const [gains, former, ...kept] = await Promise.all([
    lineOf(relationship, parentId),
    // What came down once goes, whether or not it would still come today.
    formerId === undefined ? undefined : findShares(tables, relationship.parent, formerId),
    ...others.map((other) => lineOf(other, root.lookups[other.name])),
  ]);
  const line = former && formerId !== undefined ? handedDown(former.set, formerId) : NO_SHARES;
  return { loses: without(line, kept.reduce(unionOf, NO_SHARES)), gains };
}
