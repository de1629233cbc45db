/**
 * Merge moves what belongs to the subordinate to the target, one level deep, then deactivates the subordinate, then gives
 * the target what the subordinate had and it lacks. Inherited rights follow all levels down.
 *
 *  MERGE-1  The target goes last: it takes values and shares of the subordinate as they are when nobody works on that any more.
 *      So do records that came under the subordinate after the set was identified: they move along when the target's turn
 *      comes, uncounted, as the total is final.
 *  MERGE-2  A column's value comes from the request's content, else from the target, else from the subordinate. Unique values
 *      stay where they are, since nothing finds two records by one value.
 *  MERGE-3  A related record that is gone is passed over (C8), unless records under it live and the request asks to mind that:
 *      it breaks the job then, as it might have been their way to the target (C9).
 *  MERGE-4  Each step leaves alone what is as it is wanted already, so a merge that was broken off may be run again.
 *  MERGE-5  What comes under the target inherits what that will hold once it has taken over the subordinate's shares, and hands
 *      it on to what lies below; rights that came from the subordinate go. So the target's users see what they are to see
 *      before the target's own turn comes, and nobody who didn't see it before does.
 */
import { lookupsOf } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { columnProperty, lookupProperty, recordProperties } from '../../records/record-row.ts';
import { maskOf } from '../../records/shares/rights.ts';
import {
  DIRECT,
  directOnly,
  grant,
  inheritsAny,
  NO_SHARES,
  type ShareSet,
  unionOf,
} from '../../records/shares/share-set.ts';
import {
  type ActionRule,
  type CurrentRecord,
  DELETED_MEANWHILE,
  type Decision,
  type PlanOf,
  type RuleContext,
  waitForTransaction,
} from './action-rule.ts';
import { heirProperties } from './heirs.ts';
import { mergeColumns } from './merge-columns.ts';
import { readMergeContext } from './merge-context.ts';
import { sweepMerge } from './sweep-merge.ts';

type MergePlan = PlanOf<'merge'>;

/** What the subordinate's owner may do with the target: all but what decides whose it is. */
const OWNER_RIGHTS = maskOf(['Read', 'Write', 'Append', 'AppendTo']);

/** The subordinate is walked down from, and stands below all that is found there; the target below that. */
const WALK_LEVEL = 0;
const SUBORDINATE_LEVEL = 9000;
const TARGET_LEVEL = 9001;

/** The rule of Merge. */
export const mergeRule: ActionRule<MergePlan> = {
  order: 'topDown',
  fences: false,
  decidesAsFound: false,
  readsShares: () => false,
  writesShares: ({ handsDown }) => handsDown !== undefined,
  lastLevel: WALK_LEVEL,
  begin: ({ recordId, subordinateId }) => [
    { id: recordId, level: TARGET_LEVEL },
    { id: subordinateId, level: SUBORDINATE_LEVEL },
    { id: subordinateId, level: WALK_LEVEL },
  ],
  reads: (plan, table) => (table === plan.table ? recordProperties(table) : heirProperties(table)),
  follow: ({ handsDown }) => handsDown && { holds: inheritsAny, behaviors: handsDown.behaviors, from: 'change' },
  settle: (_plan, table) => ({ owing: lookupsOf(table).map(({ name }) => name), follows: true }),
  async meant({ table, recordId, subordinateId }, parents) {
    const [{ set }, subordinate] = [
      await parents.sharesOf(table, recordId),
      await parents.sharesOf(table, subordinateId),
    ];
    if (subordinate.set.size > 0) parents.mean(table, recordId, unionOf(set, directOnly(subordinate.set)));
    return set.size > 0 || subordinate.set.size > 0;
  },
  effectOf: (_plan, behavior) => (behavior === 'All' ? 'change' : 'none'),
  keepsDeleted: ({ performParentingChecks, createdOn }, deletedOn) => performParentingChecks && deletedOn >= createdOn,
  readContext: readMergeContext,
  prepare: async (services, plan, { table, ids }, on) =>
    table === plan.table && ids.includes(plan.recordId) ? sweepMerge(services, plan, on) : undefined,
  decide(plan, { id }, current, { table, context }): Decision {
    if (table === plan.table && id === plan.recordId) return decideTarget(plan, current, context);
    if (table === plan.table && id === plan.subordinateId) return decideSubordinate(plan, current, context);
    return decideRelated(plan, id, current, table, context);
  },
};

function decideRelated(
  plan: MergePlan,
  id: string,
  current: CurrentRecord | undefined,
  table: TableName,
  context: RuleContext | undefined,
): Decision {
  if (!current || current.isDeleted) {
    const relationship = context?.withOrphans.get(id);
    if (relationship === undefined) return { kind: 'skip', text: DELETED_MEANWHILE };
    const text = `The ${table} ${id} was deleted during the merge, while records under it live (${relationship}). Restore it and run the merge again, or merge with performParentingChecks false.`;
    return { kind: 'broken', text };
  }
  const wait = waitForTransaction(table, current) ?? targetProblem(plan, context);
  if (wait) return wait;
  const { recordId, subordinateId, behaviors } = plan;
  const links = lookupsOf(table).filter(({ name, parent }) => parent === plan.table && behaviors[name] === 'All');
  const moving = links.filter(({ name }) => current.cells[lookupProperty(name)] === subordinateId);
  if (moving.length === 0) {
    const isThere = links.some(({ name }) => current.cells[lookupProperty(name)] === recordId);
    return isThere ? { kind: 'keep' } : { kind: 'skip', text: 'It was moved away before its turn came.' };
  }
  const changes = moving.map(({ name }) => ({ name: `lookups.${name}`, old: subordinateId, new: recordId }));
  return {
    kind: 'write',
    set: Object.fromEntries(moving.map(({ name }) => [lookupProperty(name), recordId])),
    bumpsVersion: true,
    relinks: moving.map(({ name }) => ({ relationship: name, from: subordinateId, to: recordId })),
    changes,
    access: { owing: moving.map(({ name }) => name), follows: true },
  };
}

function decideSubordinate(
  plan: MergePlan,
  current: CurrentRecord | undefined,
  context: RuleContext | undefined,
): Decision {
  const { table, recordId, subordinateId } = plan;
  if (!current || current.isDeleted) return gone(table, subordinateId);
  const wait = waitForTransaction(table, current) ?? targetProblem(plan, context);
  if (wait) return wait;
  const masterProperty = columnProperty('masterId');
  if (isMerged(plan, current)) return { kind: 'keep' };
  if (current.cells.state !== 'Active') return inactive(table, subordinateId);
  const formerMaster = current.cells[masterProperty];
  return {
    kind: 'write',
    set: { state: 'Inactive', [masterProperty]: recordId },
    bumpsVersion: true,
    changes: [
      { name: 'state', old: 'Active', new: 'Inactive' },
      { name: 'masterId', old: typeof formerMaster === 'string' ? formerMaster : null, new: recordId },
    ],
  };
}

function decideTarget(plan: MergePlan, current: CurrentRecord | undefined, context: RuleContext | undefined): Decision {
  const { table, recordId, subordinateId, content } = plan;
  if (!current || current.isDeleted) return gone(table, recordId);
  const wait = waitForTransaction(table, current);
  if (wait) return wait;
  if (current.cells.state !== 'Active') return inactive(table, recordId);
  // Only whether it changes is asked: that is told by more than the record itself.
  if (!context) return { kind: 'write', set: {}, bumpsVersion: true, changes: [] };
  const subordinate = context.records.get(subordinateId);
  if (!subordinate || subordinate.isDeleted) return gone(table, subordinateId);
  const { set, changes } = mergeColumns(table, { content, target: current.cells, subordinate: subordinate.cells });
  const taken = directOnly(subordinate.shares?.set ?? NO_SHARES);
  const propose = (shares: ShareSet) => {
    const both = unionOf(shares, taken);
    return subordinate.ownerId === current.ownerId ? both : grant(both, subordinate.ownerId, DIRECT, OWNER_RIGHTS);
  };
  const access = { propose, owing: [], follows: false };
  if (changes.length === 0) return { kind: 'keep', access };
  return { kind: 'write', set, bumpsVersion: true, changes, access };
}

/** Why nothing may be put under the target any more; undefined while it may. */
function targetProblem({ table, recordId }: MergePlan, context: RuleContext | undefined): Decision | undefined {
  if (!context) return undefined;
  const target = context.records.get(recordId);
  if (!target || target.isDeleted) return gone(table, recordId);
  return target.cells.state === 'Active' ? waitForTransaction(table, target) : inactive(table, recordId);
}

function isMerged({ recordId }: MergePlan, { cells }: CurrentRecord): boolean {
  return cells.state === 'Inactive' && cells[columnProperty('masterId')] === recordId;
}

function gone(table: TableName, id: string): Decision {
  return { kind: 'broken', text: `The ${table} ${id}, one of the two to be merged, was deleted meanwhile.` };
}

function inactive(table: TableName, id: string): Decision {
  return { kind: 'broken', text: `The ${table} ${id}, one of the two to be merged, isn't active any more.` };
}
