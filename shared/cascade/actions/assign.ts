import { isReached } from '../../records/reach.ts';
import { type ActionRule, DELETED_MEANWHILE, type PlanOf, waitForTransaction } from './action-rule.ts';

/** Assign gives records to another user, whoever owns them meanwhile (C6). */
export const assignRule: ActionRule<PlanOf<'assign'>> = {
  order: 'rootFirst',
  fences: false,
  decidesAsFound: true,
  readsShares: () => false,
  writesShares: () => false,
  reads: () => [],
  effectOf: ({ formerOwnerId }, behavior, child) => (isReached(behavior, child, formerOwnerId) ? 'change' : 'none'),
  decide({ ownerId }, _found, current, { table }) {
    if (!current || current.isDeleted) return { kind: 'skip', text: DELETED_MEANWHILE };
    const wait = waitForTransaction(table, current);
    if (wait) return wait;
    if (current.ownerId === ownerId) return { kind: 'keep' };
    const changes = [{ name: 'ownerId', old: current.ownerId, new: ownerId }];
    return { kind: 'write', set: { ownerId }, bumpsVersion: true, changes };
  },
};
