/**
 * Share gives a user rights on a record and what belongs to it, Unshare takes them away.
 *
 *  SHARE-1  On the root the rights are direct; below it they are inherited, with the root as their source. So taking them away
 *      leaves what a record was given directly, and what came from other records.
 *  SHARE-2  The record itself isn't changed: its version and modification stay.
 *  SHARE-3  Share reaches what the behaviours reach. Unshare follows the rows that name its source, whatever the records' state or
 *      owner is today, and whatever its own behaviours are.
 */

import { isReached } from '../../records/reach.ts';
import { maskOf } from '../../records/shares/rights.ts';
import { NO_ROW } from '../../records/shares/share-rows.ts';
import { DIRECT, grant, maskFrom, revoke, type ShareSet, type ShareSource } from '../../records/shares/share-set.ts';
import { type ActionRule, DELETED_MEANWHILE, type Decision, type PlanOf, waitForTransaction } from './action-rule.ts';
import { heirProperties } from './heirs.ts';

type SharingPlan = PlanOf<'share'> | PlanOf<'unshare'>;

/** Share and Unshare, which differ in what becomes of the rights from one source. */
function sharingRule<P extends SharingPlan>(
  change: (plan: P, set: ShareSet, source: ShareSource) => ShareSet,
  reaches: Pick<ActionRule<P>, 'effectOf' | 'follow'>,
): ActionRule<P> {
  return {
    ...reaches,
    order: 'topDown',
    fences: false,
    decidesAsFound: false,
    readsShares: () => true,
    writesShares: () => true,
    reads: (_plan, table) => heirProperties(table),
    decide(plan, _found, current, { table }): Decision {
      if (!current || current.isDeleted) return { kind: 'skip', text: DELETED_MEANWHILE };
      const wait = waitForTransaction(table, current);
      if (wait) return wait;
      const isRoot = current.id === plan.recordId && table === plan.table;
      const source: ShareSource = isRoot ? DIRECT : { kind: 'inherited', from: plan.recordId };
      const { set } = current.shares ?? NO_ROW;
      const propose = (shares: ShareSet) => change(plan, shares, source);
      if (propose(set) === set) return { kind: 'keep' };
      return {
        kind: 'write',
        set: {},
        bumpsVersion: false,
        changes: [],
        access: { propose, owing: [], follows: false },
      };
    },
  };
}

/** The rule of Share. */
export const shareRule = sharingRule<PlanOf<'share'>>(
  ({ principal, rights }, set, source) => grant(set, principal, source, maskOf(rights)),
  {
    effectOf: ({ formerOwnerId }, behavior, child) => (isReached(behavior, child, formerOwnerId) ? 'change' : 'none'),
  },
);

/** The rule of Unshare. */
export const unshareRule = sharingRule<PlanOf<'unshare'>>(
  ({ principal }, set, source) => revoke(set, principal, source),
  {
    effectOf: () => 'none',
    follow: ({ principal, recordId: from }) => ({
      holds: (set) => maskFrom(set, principal, { kind: 'inherited', from }) !== 0,
      behaviors: {},
      from: 'none',
    }),
  },
);
