/** Rights on one record, as shares give them: the pure part. A mask has one bit for each right and is a storage format. */
import { depthOf, type Principal, type PrivilegeAction } from '../../security/privileges.ts';

/** The rights that a share can give, in the order of their bits. */
export const RIGHTS = [
  'Read',
  'Write',
  'Delete',
  'Assign',
  'Share',
  'Append',
  'AppendTo',
] as const satisfies readonly PrivilegeAction[];
export type Right = (typeof RIGHTS)[number];

/** The mask of some rights; what can't be shared (Create, Merge) has no bit. */
export function maskOf(rights: Iterable<PrivilegeAction>): number {
  let mask = 0;
  for (const right of rights) {
    const bit = RIGHTS.indexOf(right as Right);
    if (bit >= 0) mask |= 1 << bit;
  }
  return mask;
}

/** The rights of a mask, in the order of `RIGHTS`. */
export function rightsOf(mask: number): Right[] {
  return RIGHTS.filter((_, bit) => (mask & (1 << bit)) !== 0);
}

/** What the principal's roles leave of a mask: a right counts where a role has it on the table, to any depth. */
export function cappedMask(mask: number, principal: Principal, table: string): number {
  return maskOf(rightsOf(mask).filter((right) => depthOf(principal, table, right) !== undefined));
}
