import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import { idSchema, pathId } from '../../shared/security/ids.ts';
import type { RoleReader } from '../../shared/security/roles.ts';
import { type Users, userSchema } from '../../shared/security/users.ts';

const bodySchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  enabled: z.boolean().default(true),
  roles: z.array(idSchema).max(50).optional(),
});

/** PUT /users/{user}: makes (201), replaces (200) or revives (201) a user. 422 for roles that don't exist. */
export function putUser(ports: { readonly users: Users; readonly roles: RoleReader }): Endpoint {
  const { users, roles } = ports;
  return endpoint({
    name: 'putUser',
    summary: 'Make, replace or revive a user.',
    method: 'PUT',
    route: 'users/{user}',
    roles: ['Administrator'],
    body: bodySchema,
    answers: { 200: userSchema, 201: userSchema },
    problems: ['conflict', 'rule-broken'],
    ifMatch: 'heeded',
    async handle({ params, body, caller, ifMatch }) {
      const id = pathId(params, 'user');
      await refuseUnknownRoles(roles, body.roles ?? []);
      const change = { id, name: body.name, enabled: body.enabled, roles: body.roles, by: caller.id, ifMatch };
      const { user, created } = await users.putUser(change);
      return { status: created ? 201 : 200, body: user, headers: etagHeader(user.version) };
    },
  });
}

async function refuseUnknownRoles(roles: RoleReader, names: readonly string[]): Promise<void> {
  const found = await Promise.all(names.map((name) => roles.findRole(name)));
  const unknownRoles = names.filter((_name, at) => !found[at]);
  if (unknownRoles.length === 0) return;
  throw new Problem(
    'user-roles-unknown',
    { roles: unknownRoles, address: '/roles/{name}' },
    { extra: { unknownRoles } },
  );
}
