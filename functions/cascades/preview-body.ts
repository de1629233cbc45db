/** What previews answer with, whatever they are of. */
import { z } from 'zod';
import { createPermissionCheck, permissionSubject } from '../../shared/cascade/jobs/permission-check.ts';
import type { CascadePlan } from '../../shared/cascade/plans.ts';
import type { Survey } from '../../shared/cascade/ports.ts';
import { TABLE_NAMES, type TableName } from '../../shared/catalogue/tables.ts';
import type { Access } from '../../shared/security/access.ts';
import type { Caller } from '../../shared/security/caller.ts';
import { type MissingPrivilege, PRIVILEGE_ACTIONS } from '../../shared/security/privileges.ts';

/** Parents and hints that a preview looks at; what there is beyond isn't counted, and the answer says so. */
export const MAX_ROWS = 250_000;

export const previewSchema = z.strictObject({
  mode: z.enum(['sync', 'async']),
  complete: z.boolean().describe('False: there is more, and the counts are of what was looked at.'),
  total: z.number().int().describe('Records, the root included.'),
  byTable: z.partialRecord(z.enum(TABLE_NAMES), z.number().int()),
  byRelationship: z.record(z.string(), z.number().int()),
  blockers: z.array(
    z.strictObject({ relationship: z.string(), count: z.number().int(), examples: z.array(z.string()) }),
  ),
  inactive: z.number().int(),
  winners: z
    .array(
      z.strictObject({
        column: z.string(),
        value: z.union([z.string(), z.number(), z.boolean()]).nullable(),
        from: z.enum(['content', 'target', 'subordinate']),
      }),
    )
    .optional()
    .describe('Of a merge: the value that wins in each column of the target.'),
  missingPrivileges: z.array(
    z.strictObject({
      privilege: z.enum(PRIVILEGE_ACTIONS),
      table: z.string(),
      user: z.string().optional().describe('Who lacks it, where that is not the caller.'),
    }),
  ),
});

/** A privilege that is lacking; `user`: by whom, where that isn't the caller. */
export type Lacking = MissingPrivilege & { readonly user?: string };

/** What the caller, or else the new owner, lacks on the tables that are affected: what the job would pause for. */
export async function lackingOf(
  access: Access,
  plan: CascadePlan,
  caller: Caller,
  { byTable, ownTables }: Survey,
): Promise<readonly Lacking[]> {
  const check = createPermissionCheck(access, permissionSubject(plan), caller.role);
  const refused = await check(Object.keys(byTable) as TableName[], new Set(ownTables));
  // What the new owner lacks would otherwise look as if the caller lacked it.
  const of = refused?.user === undefined || refused.user === caller.id ? {} : { user: refused.user };
  return (refused?.missing ?? []).map((each) => ({ ...each, ...of }));
}

export function distinct(missing: readonly Lacking[]): Lacking[] {
  return [...new Map(missing.map((each) => [`${each.privilege} ${each.table} ${each.user ?? ''}`, each])).values()];
}
