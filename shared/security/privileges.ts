/**
 * What a principal may do: the pure part, without storage. A privilege is an action on a table, to a depth: `User` reaches
 * records that the principal owns or that are shared with it, `Organization` all. Of several grants the deepest counts;
 * nothing takes a grant away.
 */
import { z } from 'zod';

/** What a privilege can be for. */
export const PRIVILEGE_ACTIONS = [
  'Create',
  'Read',
  'Write',
  'Delete',
  'Assign',
  'Share',
  'Append',
  'AppendTo',
  'Merge',
] as const;
export type PrivilegeAction = (typeof PRIVILEGE_ACTIONS)[number];

/** How far a privilege can reach. */
export const DEPTHS = ['User', 'Organization'] as const;
export type Depth = (typeof DEPTHS)[number];

/** Stands for every table in a grant. */
export const EVERY_TABLE = '*';

/** Schema of one line of a role. */
export const grantSchema = z.strictObject({
  table: z.string().min(1).max(64).describe('A table, or * for all.'),
  action: z.enum(PRIVILEGE_ACTIONS),
  depth: z.enum(DEPTHS),
});

/** One line of a role. */
export interface Grant {
  /** A table's name, or `*` for all. */
  readonly table: string;
  readonly action: PrivilegeAction;
  readonly depth: Depth;
}

/** A user as the subject of privilege checks, with the grants of all its roles. */
export interface Principal {
  readonly userId: string;
  readonly grants: readonly Grant[];
}

/** One thing that is about to be done, in terms of privileges. */
export interface Need {
  readonly table: string;
  readonly action: PrivilegeAction;
  /**
   * Whether every record concerned is the principal's own (or shared with it for this). Where it is false, only depth
   * Organization will do; where it is left out, any depth does.
   */
  readonly own?: boolean;
}

/** A privilege that is missing, as answers and messages name it. */
export interface MissingPrivilege {
  readonly privilege: PrivilegeAction;
  readonly table: string;
}

/** The deepest depth to which the principal may take this action on this table; undefined when not at all. */
export function depthOf({ grants }: Principal, table: string, action: PrivilegeAction): Depth | undefined {
  const fitting = grants.filter((grant) => grant.action === action && [table, EVERY_TABLE].includes(grant.table));
  if (fitting.some(({ depth }) => depth === 'Organization')) return 'Organization';
  return fitting.length > 0 ? 'User' : undefined;
}

/** The grants that count, without doubles and without those that a deeper one or `*` covers; sorted by table and action. */
export function effectivePrivileges(principal: Principal): Grant[] {
  const tables = [...new Set(principal.grants.map(({ table }) => table))].sort();
  return tables.flatMap((table) =>
    PRIVILEGE_ACTIONS.flatMap((action): Grant[] => {
      const depth = depthOf(principal, table, action);
      const covered = table !== EVERY_TABLE && depthOf(principal, EVERY_TABLE, action) === depth;
      return depth === undefined || covered ? [] : [{ table, action, depth }];
    }),
  );
}

/** What the principal lacks of the needs, each (action, table) once, in the order of the needs. */
export function missingPrivileges(principal: Principal, needs: readonly Need[]): MissingPrivilege[] {
  const missing = new Map<string, MissingPrivilege>();
  for (const { table, action, own } of needs) {
    const depth = depthOf(principal, table, action);
    if (depth === 'Organization' || (depth === 'User' && own !== false)) continue;
    missing.set(`${action} ${table}`, { privilege: action, table });
  }
  return [...missing.values()];
}

/** The name by which people know a privilege: `prvAssignAccount`. */
export function privilegeName(action: PrivilegeAction, table: string): string {
  return `prv${action}${table.charAt(0).toUpperCase()}${table.slice(1)}`;
}
