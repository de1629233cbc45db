/**
 * Revoke Inherited Access takes away rights that came down over a relationship, once Share doesn't cascade over it any more.
 *
 *  REVOKE-1  A right names the record that it came from, not the way. So parents are looked at up to the source, as if the
 *      relationship passed nothing on; what no way bears out goes.
 *  REVOKE-2  Direct rights stay.
 *  REVOKE-3  Done again, it finds nothing more to do.
 */
import { findRelationship, relationshipsUnder } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { inheritsAny } from '../../records/shares/share-set.ts';
import {
  type AccessChange,
  type ActionRule,
  type CurrentRecord,
  DELETED_MEANWHILE,
  type Decision,
  type PlanOf,
  waitForTransaction,
} from './action-rule.ts';
import { heirProperties } from './heirs.ts';

/** What both rules have, of which nothing but inherited rights may change. */
const RIGHTS_ALONE = {
  order: 'topDown',
  fences: false,
  decidesAsFound: false,
  readsShares: () => false,
  writesShares: () => true,
  reads: (_plan: unknown, table: TableName) => heirProperties(table),
  effectOf: (): 'none' => 'none',
} as const;

/** The rule of Revoke Inherited Access. */
export const revokeRule: ActionRule<PlanOf<'revokeInheritedAccess'>> = {
  ...RIGHTS_ALONE,
  scans: ({ recordId }) => tablesBelow(recordId),
  parents: ({ recordId }) => ({ deep: true, cut: recordId }),
  decide: (_plan, _found, current, { table }) => settleOnly(current, table),
};

/** The rule of Reconcile Access: what is owed at any time comes, what no line up to the source bears out goes. */
export const reconcileRule: ActionRule<PlanOf<'reconcileAccess'>> = {
  ...RIGHTS_ALONE,
  follow: ({ behaviors }) => ({ holds: inheritsAny, behaviors, from: 'none' }),
  settle: () => ({ owing: 'always', follows: false }),
  parents: () => ({ deep: true }),
  decide: (_plan, _found, current, { table }) => settleOnly(current, table, { owing: 'always', follows: false }),
};

/** The decision on a record of which nothing but the inherited rights may change. */
export function settleOnly(
  current: CurrentRecord | undefined,
  table: TableName,
  access: AccessChange = { owing: [], follows: false },
): Decision {
  if (!current || current.isDeleted) return { kind: 'skip', text: DELETED_MEANWHILE };
  return waitForTransaction(table, current) ?? { kind: 'keep', access };
}

/** The table of a relationship's children, and all that can lie under these, each after those that it can lie under. */
function tablesBelow(relationship: string): TableName[] {
  const child = findRelationship(relationship)?.child;
  let level: TableName[] = child ? [child] : [];
  const tables = new Set<TableName>();
  for (let steps = 0; level.length > 0 && steps < MAX_STEPS; steps++) {
    for (const table of level) {
      // What is reached by a longer way comes later.
      tables.delete(table);
      tables.add(table);
    }
    level = [...new Set(level.flatMap((table) => relationshipsUnder(table).map(({ child: next }) => next)))];
  }
  return [...tables];
}

/** Tables can lie under one another in a circle; no real way is longer. */
const MAX_STEPS = 20;
