/** Why a user has access to a record: the pure part. */
import { z } from 'zod';
import { depthOf, type Principal } from '../../security/privileges.ts';
import { cappedMask, maskOf, RIGHTS, type Right, rightsOf } from './rights.ts';
import type { ShareSet } from './share-set.ts';

/** One reason, and the rights that it gives. `from` is the record that inherited rights came from. */
export interface AccessReason {
  readonly kind: 'owner' | 'role' | 'share' | 'inherited';
  readonly from?: string;
  readonly rights: readonly Right[];
}

/** A user's rights on a record, and where each comes from. */
export interface ExplainedAccess {
  readonly rights: readonly Right[];
  readonly because: readonly AccessReason[];
}

/**
 * The rights of a principal on a record, and each reason for them: it owns the record, its roles reach all records of the
 * table, or shares. Of owning and shares only that counts which its roles have on the table to some depth.
 */
export function explainAccess(
  principal: Principal,
  { table, ownerId }: { readonly table: string; readonly ownerId: string },
  shares: ShareSet,
): ExplainedAccess {
  const all = RIGHTS.filter((right) => depthOf(principal, table, right) === 'Organization');
  const own = ownerId === principal.userId ? maskOf(RIGHTS) : 0;
  const { direct, inherited } = shares.get(principal.userId) ?? { direct: 0, inherited: new Map<string, number>() };
  const capped = (mask: number) => rightsOf(cappedMask(mask, principal, table));
  const because: AccessReason[] = [
    { kind: 'owner' as const, rights: capped(own) },
    { kind: 'role' as const, rights: all },
    { kind: 'share' as const, rights: capped(direct) },
    ...[...inherited]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([from, mask]) => ({ kind: 'inherited' as const, from, rights: capped(mask) })),
  ].filter(({ rights }) => rights.length > 0);
  return { rights: rightsOf(maskOf(because.flatMap(({ rights }) => rights))), because };
}

/** Schema of `ExplainedAccess`. */
export const explainedAccessSchema = z.strictObject({
  rights: z.array(z.enum(RIGHTS)),
  because: z.array(
    z.strictObject({
      kind: z.enum(['owner', 'role', 'share', 'inherited']),
      from: z.string().optional().describe('The record that inherited rights came from.'),
      rights: z.array(z.enum(RIGHTS)),
    }),
  ),
});
