/**
 * Reparent moves the root under another parent; what it and its subtree inherit follows (apply/inherit-shares.ts): rights that
 * no parent bears out any more go, those that the new parent owes come. Direct rights, and what other parents hold, stay.
 */
import { lookupsOf } from '../../catalogue/relationships.ts';
import { isReached } from '../../records/reach.ts';
import { lookupProperty } from '../../records/record-row.ts';
import { inheritsAny } from '../../records/shares/share-set.ts';
import {
  type ActionRule,
  type CurrentRecord,
  DELETED_MEANWHILE,
  type Decision,
  type PlanOf,
  waitForTransaction,
} from './action-rule.ts';
import { heirProperties, textOf } from './heirs.ts';

type ReparentPlan = PlanOf<'reparent'>;

/** The rule of Reparent. */
export const reparentRule: ActionRule<ReparentPlan> = {
  order: 'topDown',
  fences: false,
  decidesAsFound: false,
  readsShares: () => false,
  writesShares: ({ hasShares = true }) => hasShares,
  reads: (_plan, table) => heirProperties(table),
  effectOf: ({ formerOwnerId }, behavior, child) => (isReached(behavior, child, formerOwnerId) ? 'change' : 'none'),
  follow: ({ hasShares = true }) => (hasShares ? { holds: inheritsAny, behaviors: {}, from: 'none' } : undefined),
  decide(plan, _found, current, { table }): Decision {
    if (!current || current.isDeleted) return { kind: 'skip', text: DELETED_MEANWHILE };
    const wait = waitForTransaction(table, current);
    if (wait) return wait;
    if (current.id === plan.recordId && table === plan.table) return moveRoot(plan, current);
    return { kind: 'keep', access: { owing: lookupsOf(table).map(({ name }) => name), follows: true } };
  },
};

function moveRoot({ relationship, parentId }: ReparentPlan, { cells }: CurrentRecord): Decision {
  const property = lookupProperty(relationship);
  const from = textOf(cells[property]);
  const to = parentId ?? undefined;
  if (from === to) return { kind: 'keep' };
  return {
    kind: 'write',
    set: { [property]: to ?? '' },
    bumpsVersion: true,
    relinks: [{ relationship, from, to }],
    changes: [{ name: `lookups.${relationship}`, old: from ?? null, new: parentId }],
    access: { owing: [relationship], follows: false },
  };
}
