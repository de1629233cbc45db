/**
 * Whether the user that a job runs as may still do what the job does. Asked before each batch, from storage, so that a
 * privilege that was taken away, or a user that was disabled, stops the job at the next batch.
 */
import type { CascadePlan, CheckPrivileges } from '../cascade/ports.ts';
import type { TableName } from '../catalogue/tables.ts';
import type { Access } from '../security/access.ts';
import type { TokenRole } from '../security/caller.ts';
import { type MissingPrivilege, missingPrivileges, type Need, privilegeName } from '../security/privileges.ts';

type PrincipalOfUser = Awaited<ReturnType<Access['principalOfUser']>>;
type Refusal = NonNullable<Awaited<ReturnType<CheckPrivileges>>>;

/** What an Assign takes of the user who makes it, on each table. */
export const ASSIGN_NEEDS = ['Assign', 'Write', 'Read'] as const;

/** The check for a job: its user needs Assign, Write and Read on the tables and on the root's, the new owner Read. */
export function createPermissionCheck(
  access: Pick<Access, 'principalOfUser'>,
  plan: Pick<CascadePlan, 'by' | 'ownerId' | 'table'>,
  tokenRole: TokenRole,
): CheckPrivileges {
  return async (tables, ownTables) => {
    const user = await access.principalOfUser(plan.by, tokenRole);
    const refused = refusalOf(plan.by, user, needsOf(plan.table, tables, ownTables));
    if (refused) return refused;
    const owner = await access.principalOfUser(plan.ownerId);
    return refusalOf(
      plan.ownerId,
      owner,
      [...new Set(tables)].map((table): Need => ({ table, action: 'Read' })),
      'new owner',
    );
  };
}

/** The root may have gone over to the new owner already, so that its owner says nothing: there any depth will do. */
function needsOf(rootTable: TableName, tables: readonly TableName[], ownTables: ReadonlySet<TableName>): Need[] {
  const affected = tables.map((table) => ({ table, own: ownTables.has(table) }));
  return [{ table: rootTable, own: true }, ...affected].flatMap(({ table, own }) =>
    ASSIGN_NEEDS.map((action): Need => ({ table, action, own })),
  );
}

function refusalOf(
  userId: string,
  found: PrincipalOfUser,
  needs: readonly Need[],
  role: 'user' | 'new owner' = 'user',
): Refusal | undefined {
  if (found.state !== 'enabled') {
    const name = found.state === 'never' || found.name === userId ? '' : ` (${found.name})`;
    const code = found.state === 'disabled' ? 'user-disabled' : 'user-removed';
    const what = found.state === 'disabled' ? 'is disabled' : 'was removed';
    const text = `The ${role} ${userId}${name} ${what}. Undo that and resume the job, or have somebody else take it over.`;
    return { kind: 'security', code, text, user: userId, missing: [] };
  }
  const missing = missingPrivileges(found.principal, needs);
  if (missing.length === 0) return undefined;
  const text = `The ${role} ${userId} lacks ${missing.map(nameOf).join(', ')}. Grant that and resume the job, or have somebody else take it over.`;
  return { kind: 'security', code: 'missing-privilege', text, user: userId, missing };
}

function nameOf({ privilege, table }: MissingPrivilege): string {
  return `${privilegeName(privilege, table)} (${privilege} on table ${table})`;
}
