/**
 * Share gives a user rights on a record and what belongs to it, Unshare takes them away.
 *
 *  S1  On the root the rights are direct; below it they are inherited, with the root as their source. So taking them away
 *      leaves what a record was given directly, and what came from other records.
 *  S2  The record itself isn't changed: its version and modification stay.
 */

import { isReached } from '../../records/reach.ts';
import { maskOf } from '../../records/shares/rights.ts';
import { NO_ROW } from '../../records/shares/share-rows.ts';
import { DIRECT, grant, revoke, type ShareSet, type ShareSource } from '../../records/shares/share-set.ts';
import { type ActionRule, DELETED_MEANWHILE, type Decision, type PlanOf, waitForTransaction } from './action-rule.ts';
import { writeShares } from './write-shares.ts';

type SharingPlan = PlanOf<'share'> | PlanOf<'unshare'>;

/** Share and Unshare, which differ in what becomes of the rights from one source. */
function sharingRule<P extends SharingPlan>(
  change: (plan: P, set: ShareSet, source: ShareSource) => ShareSet,
): ActionRule<P> {
  return {
    order: 'rootFirst',
    fences: false,
    decidesAsFound: false,
    readsShares: () => true,
    reads: () => ['createdOn'],
    effectOf: ({ formerOwnerId }, behavior, child) => (isReached(behavior, child, formerOwnerId) ? 'change' : 'none'),
    decide(plan, _found, current, { table }): Decision {
      if (!current || current.isDeleted) return { kind: 'skip', text: DELETED_MEANWHILE };
      const wait = waitForTransaction(table, current);
      if (wait) return wait;
      const isRoot = current.id === plan.recordId && table === plan.table;
      const source: ShareSource = isRoot ? DIRECT : { kind: 'inherited', from: plan.recordId };
      const before = current.shares ?? NO_ROW;
      const shares = writeShares(current.id, before, change(plan, before.set, source));
      return shares ? { kind: 'write', set: {}, bumpsVersion: false, ...shares } : { kind: 'keep' };
    },
  };
}

/** The rule of Share. */
export const shareRule = sharingRule<PlanOf<'share'>>(({ principal, rights }, set, source) =>
  grant(set, principal, source, maskOf(rights)),
);

/** The rule of Unshare. */
export const unshareRule = sharingRule<PlanOf<'unshare'>>(({ principal }, set, source) =>
  revoke(set, principal, source),
);
