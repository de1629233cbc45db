import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import { pathId } from '../../shared/security/ids.ts';
import { EVERY_TABLE, grantSchema } from '../../shared/security/privileges.ts';
import { type Roles, roleSchema } from '../../shared/security/roles.ts';

const bodySchema = z.strictObject({ privileges: z.array(grantSchema).max(1000) });

/** PUT /roles/{role}: makes (201) or, with If-Match, replaces (200) a role. 409 for built-in ones, 422 for unknown tables. */
export function putRole(ports: {
  readonly roles: Roles;
  /** Whether the catalogue has a table of this name. */
  readonly knowsTable: (table: string) => boolean;
}): Endpoint {
  const { roles, knowsTable } = ports;
  return endpoint({
    name: 'putRole',
    summary: 'Make or replace a role.',
    method: 'PUT',
    route: 'roles/{role}',
    roles: ['Administrator'],
    body: bodySchema,
    answers: { 200: roleSchema, 201: roleSchema },
    problems: ['conflict', 'rule-broken'],
    ifMatch: 'required',
    async handle({ params, body: { privileges }, caller, ifMatch }) {
      const name = pathId(params, 'role');
      const tables = [...new Set(privileges.map(({ table }) => table))];
      const unknownTables = tables.filter((table) => table !== EVERY_TABLE && !knowsTable(table));
      if (unknownTables.length > 0) {
        throw new Problem('role-tables-unknown', { tables: unknownTables }, { extra: { unknownTables } });
      }
      const { role, created } = await roles.putRole({ name, privileges, by: caller.id, ifMatch });
      return { status: created ? 201 : 200, body: role, headers: etagHeader(role.version) };
    },
  });
}
