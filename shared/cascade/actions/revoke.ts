/**
 * Revoke Inherited Access takes away rights that came down over a relationship, once Share doesn't cascade over it any more.
 *
 *  V1  A right names the record that it came from, not the way. So the ways are looked for anew: what comes from a record
 *      goes if the relationship lies on a way from there, and no way is left on which Share reaches today.
 *  V2  What has no such way stays: it came by other means (a merge, a parent of former times), and so do direct rights.
 *  V3  Done again, it finds nothing more to do.
 */
import { findRelationship, lookupsOf, relationshipsUnder } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { lookupProperty } from '../../records/record-row.ts';
import { NO_ROW } from '../../records/shares/share-rows.ts';
import { revoke } from '../../records/shares/share-set.ts';
import { type ActionRule, DELETED_MEANWHILE, type Decision, type PlanOf, waitForTransaction } from './action-rule.ts';
import { readRevokeContext } from './revoke-context.ts';
import { writeShares } from './write-shares.ts';

/** The rule of Revoke Inherited Access. */
export const revokeRule: ActionRule<PlanOf<'revokeInheritedAccess'>> = {
  order: 'rootFirst',
  fences: false,
  decidesAsFound: false,
  readsShares: () => true,
  reads: (_plan, table) => ['createdOn', 'state', ...lookupsOf(table).map(({ name }) => lookupProperty(name))],
  effectOf: () => 'none',
  scans: ({ recordId }) => tablesBelow(recordId),
  readContext: readRevokeContext,
  decide(_plan, _found, current, { table, context }): Decision {
    if (!current || current.isDeleted) return { kind: 'skip', text: DELETED_MEANWHILE };
    const wait = waitForTransaction(table, current);
    if (wait) return wait;
    // Only whether it may change is asked: that is told by what lies above it.
    if (!context) return { kind: 'write', set: {}, bumpsVersion: false, changes: [] };
    const before = current.shares ?? NO_ROW;
    let set = before.set;
    for (const from of context.lostSources?.get(current.id) ?? []) {
      for (const principal of before.set.keys()) set = revoke(set, principal, { kind: 'inherited', from });
    }
    const shares = writeShares(current.id, before, set);
    return shares ? { kind: 'write', set: {}, bumpsVersion: false, ...shares } : { kind: 'keep' };
  },
};

/** The table of a relationship's children, and all that can lie under these. */
function tablesBelow(relationship: string): TableName[] {
  const child = findRelationship(relationship)?.child;
  const tables = new Set<TableName>(child ? [child] : []);
  for (const table of tables) for (const { child: next } of relationshipsUnder(table)) tables.add(next);
  return [...tables];
}
