import { z } from 'zod';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { type Roles, roleSchema } from '../../shared/security/roles.ts';

/** GET /roles: the roles with their privileges: built-in ones first, then by name. */
export function listRoles({ roles }: { readonly roles: Pick<Roles, 'listRoles'> }): Endpoint {
  return endpoint({
    name: 'listRoles',
    summary: 'List the roles: built-in ones first, then by name.',
    method: 'GET',
    route: 'roles',
    roles: ['Administrator'],
    query: z.strictObject(listQuery),
    answers: { 200: pageOf(roleSchema) },
    problems: [],
    async handle({ query: { pageSize, continuationToken } }) {
      const after = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, z.string());
      const all = await roles.listRoles();
      const start = all.findIndex(({ name }) => name === after) + 1;
      const items = all.slice(start, start + pageSize);
      const last = items.at(-1);
      const more = last && start + pageSize < all.length && { continuationToken: encodeContinuation(last.name) };
      return { status: 200, body: { items, ...more } };
    },
  });
}
