import type { TableName } from '../../catalogue/tables.ts';
import type { FoundRecord } from '../identify/found-records.ts';
import type { CascadePlan, PlanAction } from '../plans.ts';
import type { ActionRule, CurrentRecord, DecideAt, Decision, PlanOf } from './action-rule.ts';
import { assignRule } from './assign.ts';
import { deleteRule } from './delete.ts';
import { mergeRule } from './merge.ts';
import { reparentRule } from './reparent.ts';
import { reconcileRule, revokeRule, settleOnly } from './revoke.ts';
import { shareRule, unshareRule } from './share.ts';
import { undoDeleteRule, undoRule, undoSharesRule } from './undo.ts';

/** The rule of every action. */
const RULES: { readonly [A in PlanAction]: ActionRule<PlanOf<A>> } = {
  assign: assignRule,
  delete: deleteRule,
  merge: mergeRule,
  share: shareRule,
  unshare: unshareRule,
  reparent: reparentRule,
  revokeInheritedAccess: revokeRule,
  reconcileAccess: reconcileRule,
  undo: undoRule,
};

/** The rules of undoing, by what is undone. */
const UNDO_RULES: { readonly [A in PlanOf<'undo'>['undoneAction']]: typeof undoRule } = {
  assign: undoRule,
  delete: undoDeleteRule,
  merge: undoSharesRule,
  share: undoSharesRule,
  unshare: undoSharesRule,
  reparent: undoSharesRule,
  revokeInheritedAccess: undoSharesRule,
  reconcileAccess: undoSharesRule,
};

/** The rule of a plan's action. */
export function ruleOf(plan: CascadePlan): ActionRule {
  // Each rule is only ever asked about plans of its own action.
  return (plan.action === 'undo'
    ? UNDO_RULES[plan.undoneAction]
    : RULES[plan.action]) as ActionRule<never> as ActionRule;
}

/** What is to become of a record: as the rule says, or, of one that is only settled, what becomes of its inherited rights. Pure. */
export function decideOn(
  plan: CascadePlan,
  found: FoundRecord,
  current: CurrentRecord | undefined,
  at: DecideAt,
): Decision {
  const rule = ruleOf(plan);
  if (found.effect !== 'settle') return rule.decide(plan, found, current, at);
  return settleOnly(current, at.table, rule.settle?.(plan, at.table));
}

const CURRENT_PROPERTIES = ['ownerId', 'version', 'deletedOn', 'lockKind', 'lockJob'] as const;

/** The properties of rows that `toCurrent` and a rule need. */
export function currentProperties(plan: CascadePlan, table: TableName): string[] {
  return [...new Set([...CURRENT_PROPERTIES, ...ruleOf(plan).reads(plan, table)])];
}
