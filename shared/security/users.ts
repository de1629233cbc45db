import { z } from 'zod';
import { Problem } from '../problem.ts';
import { parseStored } from '../storage/json-column.ts';
import { checkIfMatch } from '../storage/preconditions.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';
import { updateRow } from '../storage/update-row.ts';
import { ADMINISTRATOR_ROLE } from './roles.ts';

/** A headquarters user. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Names of HQ roles. */
  readonly roles: readonly string[];
  /** 1 when made, one more with each change, removal and revival included. */
  readonly version: number;
  /** When the user was made, or made again after a removal (ISO 8601, UTC). */
  readonly createdOn: string;
  readonly modifiedOn: string;
  readonly modifiedBy: string;
}

/** What is known of a user id. A removed user keeps its name, so that messages can say who it was. */
export type FoundUser =
  | { readonly state: 'present' | 'disabled' | 'removed'; readonly user: User }
  | { readonly state: 'never' };

/** Reading of users, for authentication and privilege checks; always from storage. */
export interface UserReader {
  /** The user and whether it may act: `present` alone may. */
  findUser(id: string): Promise<FoundUser>;
}

/** What a user is to be. */
export interface UserChange {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Undefined: none, and for `admin` what it always has. */
  readonly roles: readonly string[] | undefined;
  readonly by: string;
  readonly ifMatch: number | undefined;
}

/** The stored users. */
export interface Users extends UserReader {
  /** Users that are not removed, newest first. Users are counted in hundreds, so the list is sorted as a whole. */
  listUsers(): Promise<User[]>;
  /** Makes, replaces or revives a user. Throws Problem conflict for what `admin` can't lose, stale-version. */
  putUser(change: UserChange): Promise<{ readonly user: User; readonly created: boolean }>;
  /** Removes a user and leaves its tombstone. Throws Problem conflict for `admin`, not-found, stale-version. */
  removeUser(removal: {
    readonly id: string;
    readonly by: string;
    readonly ifMatch: number | undefined;
  }): Promise<void>;
}

/** The user that is always there and enabled, so that somebody can always mend the others. */
const BUILT_IN_USER = 'admin';

const PARTITION = 'users';

interface UserRow extends Row {
  name: string;
  enabled: boolean;
  /** JSON array of names. */
  roles: string;
  removed: boolean;
  version: number;
  createdOn: string;
  modifiedOn: string;
  modifiedBy: string;
}

/** `admin` as long as nobody has changed it. */
const UNTOUCHED_ADMIN: User = {
  id: BUILT_IN_USER,
  name: 'Administrator',
  enabled: true,
  roles: [ADMINISTRATOR_ROLE],
  version: 1,
  createdOn: new Date(0).toISOString(),
  modifiedOn: new Date(0).toISOString(),
  modifiedBy: BUILT_IN_USER,
};

/** Opens the users in table `users`: one row each, tombstones among them. */
export function openUsers(storage: Storage, now: () => number = Date.now): Users {
  const table = storage.table('users');
  const stamp = (by: string) => ({ modifiedOn: new Date(now()).toISOString(), modifiedBy: by });
  return {
    async findUser(id) {
      const row = await table.get<UserRow>(PARTITION, id);
      if (!row) return id === BUILT_IN_USER ? { state: 'present', user: UNTOUCHED_ADMIN } : { state: 'never' };
      if (row.removed) return { state: 'removed', user: toUser(row) };
      return { state: row.enabled ? 'present' : 'disabled', user: toUser(row) };
    },

    async listUsers() {
      const users: User[] = [];
      let admin: User[] = [UNTOUCHED_ADMIN];
      for await (const row of table.rows<UserRow>({ partitionKey: PARTITION })) {
        if (row.rowKey === BUILT_IN_USER) admin = [];
        if (!row.removed) users.push(toUser(row));
      }
      return [...users, ...admin].sort(newestFirst);
    },

    async putUser({ id, name, enabled, roles, by, ifMatch }) {
      if (id === BUILT_IN_USER) refuseToWeaken({ enabled, roles });
      const given = roles ?? (id === BUILT_IN_USER ? [ADMINISTRATOR_ROLE] : []);
      const { row, before } = await updateRow<UserRow>(table, { partitionKey: PARTITION, rowKey: id }, (stored) => {
        const current = currentOf(id, stored);
        checkIfMatch({ ifMatch, version: current?.version, required: false, what: `user ${id}` });
        const modified = stamp(by);
        return {
          partitionKey: PARTITION,
          rowKey: id,
          name,
          enabled,
          roles: JSON.stringify([...new Set(given)]),
          removed: false,
          version: (current ?? stored ?? { version: 0 }).version + 1,
          createdOn: current?.createdOn ?? modified.modifiedOn,
          ...modified,
        };
      });
      return { user: toUser(row), created: currentOf(id, before) === undefined };
    },

    async removeUser({ id, by, ifMatch }) {
      if (id === BUILT_IN_USER) throw new Problem('built-in-user-not-removable', { userId: id });
      await updateRow<UserRow>(table, { partitionKey: PARTITION, rowKey: id }, (stored) => {
        if (!stored || stored.removed) throw new Problem('user-unknown', { userId: id });
        checkIfMatch({ ifMatch, version: stored.version, required: false, what: `user ${id}` });
        const { name, roles, createdOn, version } = stored;
        const key = { partitionKey: PARTITION, rowKey: id };
        return { ...key, name, roles, createdOn, enabled: false, removed: true, version: version + 1, ...stamp(by) };
      });
    },
  };
}

/** The user as it stands, `admin` included while untouched; undefined for a removed one. */
function currentOf(id: string, stored: UserRow | undefined): User | undefined {
  if (!stored) return id === BUILT_IN_USER ? UNTOUCHED_ADMIN : undefined;
  return stored.removed ? undefined : toUser(stored);
}

function toUser(row: UserRow): User {
  const { rowKey: id, name, enabled, version, createdOn, modifiedOn, modifiedBy } = row;
  const roles = parseStored('roles', z.array(z.string()), row.roles);
  return { id, name, enabled, roles, version, createdOn, modifiedOn, modifiedBy };
}

function newestFirst(a: User, b: User): number {
  if (a.createdOn !== b.createdOn) return a.createdOn < b.createdOn ? 1 : -1;
  return a.id < b.id ? -1 : 1;
}

function refuseToWeaken({ enabled, roles }: Pick<UserChange, 'enabled' | 'roles'>): void {
  const userId = BUILT_IN_USER;
  if (!enabled) throw new Problem('built-in-user-not-disabled', { userId });
  if (roles && !roles.includes(ADMINISTRATOR_ROLE)) {
    throw new Problem('built-in-user-keeps-role', { userId, role: ADMINISTRATOR_ROLE });
  }
}

/** Schema of a user's JSON. */
export const userSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  roles: z.array(z.string()),
  version: z.number().int(),
  createdOn: z.iso.datetime(),
  modifiedOn: z.iso.datetime(),
  modifiedBy: z.string(),
});
