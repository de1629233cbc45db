import type { Endpoint } from '../../shared/http/endpoint.ts';
import type { Access } from '../../shared/security/access.ts';
import type { Roles } from '../../shared/security/roles.ts';
import type { Users } from '../../shared/security/users.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';
import { deleteUser } from './delete-user.ts';
import { getHealthDetails, type HealthDetailsPorts } from './get-health-details.ts';
import { getMe } from './get-me.ts';
import { getRole } from './get-role.ts';
import { getSettings } from './get-settings.ts';
import { getUser } from './get-user.ts';
import { health } from './health.ts';
import { listRoles } from './list-roles.ts';
import { listUsers } from './list-users.ts';
import { type PatchSettingsPorts, patchSettings } from './patch-settings.ts';
import { putRole } from './put-role.ts';
import { putUser } from './put-user.ts';

/** What administration works on. */
export interface AdministrationPorts extends PatchSettingsPorts, HealthDetailsPorts {
  readonly settings: SettingsStore;
  readonly access: Pick<Access, 'principalOf'>;
  readonly users: Users;
  readonly roles: Roles;
  /** Whether the catalogue has a table of this name; roles may only speak of tables that exist. */
  readonly knowsTable: (table: string) => boolean;
}

/** The endpoints of users, roles, settings, health and of who calls, for the table of routes. */
export function administrationEndpoints(ports: AdministrationPorts): Endpoint[] {
  return [
    health(ports),
    getHealthDetails(ports),
    getMe(ports),
    listUsers(ports),
    getUser(ports),
    putUser(ports),
    deleteUser(ports),
    listRoles(ports),
    getRole(ports),
    putRole(ports),
    getSettings(ports),
    patchSettings(ports),
  ];
}
