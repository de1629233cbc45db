import type { Grant } from './users.ts';

type Depth = Grant['depth'] | 'none';

/** How far grants of a role reach for an action on a table, by themselves. */
export function depthOf(grants: readonly Grant[], table: string, action: Grant['action']): Depth {
  const depths = grants.filter((each) => each.table === table && each.action === action).map(({ depth }) => depth);
  if (depths.includes('Organization')) return 'Organization';
  return depths[0] ?? 'none';
}

/** The grants once an action on a table reaches so far. */
export function withDepth(grants: readonly Grant[], table: string, action: Grant['action'], depth: Depth): Grant[] {
  const others = grants.filter((each) => each.table !== table || each.action !== action);
  return depth === 'none' ? others : [...others, { table, action, depth }];
}
