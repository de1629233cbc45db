import { z } from 'zod';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery, type Page } from '../../shared/http/lists.ts';
import { type User, type Users, userSchema } from '../../shared/security/users.ts';

/** The last user of the page before. */
const placeSchema = z.strictObject({ createdOn: z.string(), id: z.string() });

/** GET /users: users that are not removed, newest first. */
export function listUsers({ users }: { readonly users: Users }): Endpoint {
  return endpoint({
    name: 'listUsers',
    summary: 'List the users that are not removed.',
    method: 'GET',
    route: 'users',
    roles: ['Administrator'],
    query: z.strictObject(listQuery),
    answers: { 200: pageOf(userSchema) },
    problems: [],
    async handle({ query: { pageSize, continuationToken } }) {
      const place = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, placeSchema);
      const all = await users.listUsers();
      const rest = place ? all.filter((user) => comesAfter(user, place)) : all;
      const items = rest.slice(0, pageSize);
      const last = items.at(-1);
      const more = rest.length > items.length && last;
      const page: Page<User> = {
        items,
        ...(more && { continuationToken: encodeContinuation({ createdOn: last.createdOn, id: last.id }) }),
      };
      return { status: 200, body: page };
    },
  });
}

function comesAfter(user: User, place: z.infer<typeof placeSchema>): boolean {
  return user.createdOn === place.createdOn ? user.id > place.id : user.createdOn < place.createdOn;
}
