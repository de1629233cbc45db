import { Problem } from '../problem.ts';
import type { Caller, TokenRole } from './caller.ts';
import { depthOf, type Grant, type Principal, type PrivilegeAction, privilegeName } from './privileges.ts';
import { ADMINISTRATOR_ROLE, type RoleReader } from './roles.ts';
import type { UserReader } from './users.ts';

/** The record that an action is about, as far as privileges care. */
interface GuardedRecord {
  readonly ownerId: string;
  /** Named in the refusal. */
  readonly id?: string;
  /** Rights that shares, direct and inherited, give the principal on this record. */
  readonly sharedRights?: readonly PrivilegeAction[];
}

/** A user that something runs as. Anything but `enabled` is for the caller to act on: a job pauses and says so. */
type PrincipalOfUser =
  | { readonly state: 'enabled'; readonly principal: Principal }
  | { readonly state: 'disabled' | 'removed'; readonly name: string }
  | { readonly state: 'never' };

/** Who may do what. Everything is read from storage at each call: a privilege that was taken away is gone at once. */
export interface Access {
  /** The principal of an authenticated call. Throws Problem unauthenticated when its user went away since. Channels hold no privileges. */
  principalOf(caller: Caller): Promise<Principal>;
  /**
   * The principal by user id, for work that runs as the user who started it. `tokenRole` is the role that the user's token
   * had then: an Administrator keeps every privilege as long as the user is enabled.
   */
  principalOfUser(userId: string, tokenRole?: TokenRole): Promise<PrincipalOfUser>;
  /**
   * Refuses what the principal may not do. Ask without a record before anything is read (is there the privilege at all?),
   * and with the record after: one that the principal may not read is a Problem not-found, as if it weren't there; any
   * other refusal a Problem forbidden that names the privilege. With action Create the record is the one to be made.
   */
  requirePrivilege(principal: Principal, action: PrivilegeAction, table: string, record?: GuardedRecord): void;
}

/** Builds the access checks over the stored users and roles. */
export function createAccess({ users, roles }: { users: UserReader; roles: RoleReader }): Access {
  async function principalOfUser(userId: string, tokenRole?: TokenRole): Promise<PrincipalOfUser> {
    const found = await users.findUser(userId);
    if (found.state === 'never') return found;
    const { user } = found;
    if (found.state === 'removed' || found.state === 'disabled') return { state: found.state, name: user.name };
    const names = tokenRole === 'Administrator' ? [ADMINISTRATOR_ROLE] : user.roles;
    return { state: 'enabled', principal: { userId, grants: await grantsOf(names) } };
  }

  async function grantsOf(names: readonly string[]): Promise<Grant[]> {
    const found = await Promise.all(names.map((name) => roles.findRole(name)));
    return found.flatMap((role) => role?.privileges ?? []);
  }

  return {
    principalOfUser,
    requirePrivilege,
    async principalOf(caller) {
      if (caller.role === 'Channel') return { userId: caller.id, grants: [] };
      const found = await principalOfUser(caller.id, caller.role);
      if (found.state === 'enabled') return found.principal;
      throw new Problem('user-no-longer-enabled', { userId: caller.id });
    },
  };
}

function requirePrivilege(principal: Principal, action: PrivilegeAction, table: string, record?: GuardedRecord): void {
  if (record && action !== 'Create' && !reaches(principal, 'Read', table, record)) {
    // Without any Read on the table this says nothing about the record; with it, the record must look absent.
    if (depthOf(principal, table, 'Read') === undefined) throw forbidden('Read', table);
    if (record.id === undefined) throw new Problem('such-record-unreadable', { table });
    throw new Problem('record-unreadable', { id: record.id, table });
  }
  if (reaches(principal, action, table, record)) return;
  throw forbidden(action, table, record);
}

function reaches(principal: Principal, action: PrivilegeAction, table: string, record?: GuardedRecord): boolean {
  const depth = depthOf(principal, table, action);
  if (depth === undefined || depth === 'Organization' || !record) return depth !== undefined;
  return record.ownerId === principal.userId || (record.sharedRights ?? []).includes(action);
}

/** The refusal that names the privilege which is missing; with a record, to the depth that would reach it. */
export function forbidden(action: PrivilegeAction, table: string, record?: GuardedRecord): Problem {
  return new Problem(
    record ? 'privilege-missing-on-record' : 'privilege-missing',
    { privilege: privilegeName(action, table), action, table },
    { extra: { privilege: action, table } },
  );
}
