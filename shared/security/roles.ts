import { z } from 'zod';
import { Problem } from '../problem.ts';
import { jsonColumn } from '../storage/json-column.ts';
import { checkIfMatch } from '../storage/preconditions.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row, StoredRow } from '../storage/table.ts';
import { updateRow } from '../storage/update-row.ts';
import { DEPTHS, type Depth, EVERY_TABLE, type Grant, grantSchema, PRIVILEGE_ACTIONS } from './privileges.ts';

/** An HQ role: a name and what it lets its users do. */
export interface Role {
  readonly name: string;
  readonly privileges: readonly Grant[];
  readonly builtIn: boolean;
  /** 1 when made, one more with each change. */
  readonly version: number;
  /** Who wrote this version, and when (ISO 8601, UTC); absent for built-in roles. */
  readonly modifiedBy?: string;
  readonly modifiedOn?: string;
}

/** Schema of a role's JSON. */
export const roleSchema = z.strictObject({
  name: z.string(),
  privileges: z.array(grantSchema),
  builtIn: z.boolean().describe('Whether it is part of Spillway and can not be changed.'),
  version: z.number().int(),
  modifiedBy: z.string().optional().describe('Absent for built-in roles, as is modifiedOn.'),
  modifiedOn: z.iso.datetime().optional(),
});

/** Reading of stored roles, for privilege checks. */
export interface RoleReader {
  /** The role, built-in or stored; undefined when there is none of this name. */
  findRole(name: string): Promise<Role | undefined>;
}

/** The stored roles. */
export interface Roles extends RoleReader {
  /** All roles: built-in ones first, then by name. Roles are counted in dozens. */
  listRoles(): Promise<Role[]>;
  /**
   * Makes or replaces a role. Throws Problem conflict for a built-in one, version-required or stale-version for an
   * existing one whose version isn't named rightly.
   */
  putRole(change: {
    readonly name: string;
    readonly privileges: readonly Grant[];
    readonly by: string;
    readonly ifMatch: number | undefined;
  }): Promise<{ readonly role: Role; readonly created: boolean }>;
}

/** Every privilege on all records. */
export const ADMINISTRATOR_ROLE = 'Administrator';

/** Every privilege on own records. */
const USER_ROLE = 'User';

const BUILT_IN_ROLES = [ADMINISTRATOR_ROLE, USER_ROLE];

interface RoleRow extends Row {
  version: number;
  modifiedBy: string;
  modifiedOn: string;
}

const PRIVILEGES = jsonColumn(
  'privileges',
  z.array(z.object({ table: z.string(), action: z.enum(PRIVILEGE_ACTIONS), depth: z.enum(DEPTHS) })).readonly(),
);

/** The built-in role of this name. Built-in roles live in the code, so that no write can take them away. */
export function builtInRole(name: string): Role | undefined {
  if (name === ADMINISTRATOR_ROLE) return everything(name, 'Organization');
  return name === USER_ROLE ? everything(name, 'User') : undefined;
}

function everything(name: string, depth: Depth): Role {
  const privileges = PRIVILEGE_ACTIONS.map((action): Grant => ({ table: EVERY_TABLE, action, depth }));
  return { name, privileges, builtIn: true, version: 1 };
}

/** Opens the roles in table `roles`: one row each. */
export function openRoles(storage: Storage, now: () => number = Date.now): Roles {
  const table = storage.table('roles');
  const keyOf = (name: string) => ({ partitionKey: 'roles', rowKey: name });
  return {
    async findRole(name) {
      const builtIn = builtInRole(name);
      if (builtIn) return builtIn;
      const row = await table.get<RoleRow>('roles', name);
      return row && toRole(row);
    },
    async listRoles() {
      const stored: Role[] = [];
      for await (const row of table.rows<RoleRow>({ partitionKey: 'roles' })) stored.push(toRole(row));
      return [...BUILT_IN_ROLES.flatMap((name) => builtInRole(name) ?? []), ...stored];
    },
    async putRole({ name, privileges, by, ifMatch }) {
      if (builtInRole(name)) {
        throw new Problem('role-built-in', { name });
      }
      const { row, before } = await updateRow<RoleRow>(table, keyOf(name), (stored) => {
        checkIfMatch({ ifMatch, version: stored?.version, required: true, what: `role ${name}` });
        return {
          ...keyOf(name),
          ...PRIVILEGES.write(privileges),
          version: (stored?.version ?? 0) + 1,
          modifiedBy: by,
          modifiedOn: new Date(now()).toISOString(),
        };
      });
      return { role: toRole(row), created: !before };
    },
  };
}

function toRole(row: RoleRow | StoredRow<RoleRow>): Role {
  const { version, modifiedBy, modifiedOn } = row;
  const privileges = PRIVILEGES.read(row) ?? [];
  return { name: row.rowKey, privileges, builtIn: false, version, modifiedBy, modifiedOn };
}
