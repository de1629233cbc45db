/**
 * Whether the user that a job runs as may still do what the job does. Asked before each batch, from storage, so that a
 * privilege that was taken away, or a user that was disabled, stops the job at the next batch.
 */

import type { TableName } from '../../catalogue/tables.ts';
import type { Access } from '../../security/access.ts';
import type { TokenRole } from '../../security/caller.ts';
import { type MissingPrivilege, missingPrivileges, type Need, privilegeName } from '../../security/privileges.ts';
import type { CascadePlan } from '../plans.ts';
import type { CheckPrivileges } from '../ports.ts';
import { ACTION_NEEDS } from './action-needs.ts';

type PrincipalOfUser = Awaited<ReturnType<Access['principalOfUser']>>;
type Refusal = NonNullable<Awaited<ReturnType<CheckPrivileges>>>;

/** Who and what the check is about. */
export interface PermissionSubject {
  readonly action: keyof typeof ACTION_NEEDS;
  readonly by: string;
  readonly table: TableName;
  /** Who becomes owner. */
  readonly ownerId?: string | undefined;
  /** Table of the record that others are put under. */
  readonly targetTable?: TableName | undefined;
}

/**
 * The check for a job: its user needs what `ACTION_NEEDS` says on the root's table, on the tables at hand and on that of
 * the target; a new owner needs its part on the tables at hand.
 */
export function createPermissionCheck(
  access: Pick<Access, 'principalOfUser'>,
  subject: PermissionSubject,
  tokenRole: TokenRole,
): CheckPrivileges {
  const { action, by, ownerId } = subject;
  return async (tables, ownTables) => {
    const user = await access.principalOfUser(by, tokenRole);
    const refused = refusalOf(by, user, needsOf(subject, tables, ownTables));
    if (refused || ownerId === undefined) return refused;
    const ownerNeeds = [...new Set(tables)].flatMap((table) =>
      ACTION_NEEDS[action].newOwner.map((need): Need => ({ table, action: need })),
    );
    return refusalOf(ownerId, await access.principalOfUser(ownerId), ownerNeeds, 'new owner');
  };
}

/**
 * What a job's check is about. To undo takes what the action itself took, and of a Delete what Restore takes; nobody
 * becomes owner who wasn't before. To put inherited access right takes what Unshare does.
 */
export function permissionSubject(plan: CascadePlan): PermissionSubject {
  if (plan.action !== 'undo' && !mendsAccess(plan.action)) return { ...plan, action: plan.action };
  const { by, table } = plan;
  if (plan.action === 'undo' && plan.undoneAction === 'delete') return { action: 'undoDelete', by, table };
  const action = plan.action === 'undo' ? plan.undoneAction : plan.action;
  return { action: mendsAccess(action) ? 'unshare' : action, by, table };
}

function mendsAccess(action: CascadePlan['action']): action is 'revokeInheritedAccess' | 'reconcileAccess' {
  return action === 'revokeInheritedAccess' || action === 'reconcileAccess';
}

/** Root and target may have other owners or rights by now through the job itself, so their owner says nothing: there any depth will do. */
function needsOf(
  { action, table: rootTable, targetTable }: PermissionSubject,
  tables: readonly TableName[],
  ownTables: ReadonlySet<TableName>,
): Need[] {
  const { each, target } = ACTION_NEEDS[action];
  const affected = tables.map((table) => ({ table, own: ownTables.has(table) }));
  const needs = [{ table: rootTable, own: true }, ...affected].flatMap(({ table, own }) =>
    each.map((need): Need => ({ table, action: need, own })),
  );
  if (targetTable === undefined) return needs;
  return [...needs, ...target.map((need): Need => ({ table: targetTable, action: need, own: true }))];
}

/** How a job goes on once its cause is removed, and what else can be done. */
const GO_ON = {
  user: 'resume the job, or rerun it if it has ended; or let an administrator hand it over.',
  'new owner': 'resume the job, or rerun it if it has ended; or cancel it.',
} as const;

function refusalOf(
  userId: string,
  found: PrincipalOfUser,
  needs: readonly Need[],
  role: keyof typeof GO_ON = 'user',
): Refusal | undefined {
  if (found.state !== 'enabled') {
    const name = found.state === 'never' || found.name === userId ? '' : ` (${found.name})`;
    const code = found.state === 'disabled' ? 'user-disabled' : 'user-removed';
    const [what, remedy] = found.state === 'disabled' ? ['is disabled', 'Enable'] : ['was removed', 'Make'];
    const text = `The ${role} ${userId}${name} ${what}. ${remedy} the user again and ${GO_ON[role]}`;
    return { kind: 'security', code, text, user: userId, missing: [] };
  }
  const missing = missingPrivileges(found.principal, needs);
  if (missing.length === 0) return undefined;
  const text = `The ${role} ${userId} lacks ${missing.map((each) => nameOf(each, needs)).join(', ')}. Grant that and ${GO_ON[role]}`;
  return { kind: 'security', code: 'missing-privilege', text, user: userId, missing };
}

/** With the depth that will do: where all records are the user's own, any does. */
function nameOf({ privilege, table }: MissingPrivilege, needs: readonly Need[]): string {
  const isForOthers = needs.some((need) => need.action === privilege && need.table === table && need.own === false);
  const depth = isForOthers ? 'Organization' : 'User or Organization';
  return `${privilegeName(privilege, table)} (${privilege} on table ${table}, depth ${depth})`;
}
