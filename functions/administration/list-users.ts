import { z } from 'zod';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery, type Page } from '../../shared/http/lists.ts';
import { matchesSearch, wordsIn } from '../../shared/records/search-words.ts';
import { type User, type Users, userSchema } from '../../shared/security/users.ts';

/** The last user of the page before. */
const placeSchema = z.strictObject({ createdOn: z.string(), id: z.string() });

const querySchema = z.strictObject({
  ...listQuery,
  search: z.string().max(200).optional().describe('Beginnings of words in id or name.'),
});

/** What a user may know of the others: enough to name one as the new owner. */
const personSchema = userSchema.pick({ id: true, name: true });

/**
 * GET /users: users that are not removed, newest first. Who isn't an administrator gets those that are enabled, with id and
 * name alone.
 */
export function listUsers({ users }: { readonly users: Pick<Users, 'listUsers'> }): Endpoint {
  return endpoint({
    name: 'listUsers',
    summary: 'List the users; for a User those that are enabled, with id and name alone.',
    method: 'GET',
    route: 'users',
    roles: ['Administrator', 'User'],
    query: querySchema,
    answers: { 200: pageOf(z.union([userSchema, personSchema])) },
    problems: [],
    async handle({ query: { pageSize, continuationToken, search = '' }, caller }) {
      const place = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, placeSchema);
      const seesAll = caller.role === 'Administrator';
      const fitting = (await users.listUsers()).filter(
        (user) => (seesAll || user.enabled) && matchesSearch(wordsIn(user.id, user.name), search),
      );
      const rest = place ? fitting.filter((user) => comesAfter(user, place)) : fitting;
      const items = rest.slice(0, pageSize);
      const last = items.at(-1);
      const more = rest.length > items.length && last;
      const page: Page<Pick<User, 'id' | 'name'>> = {
        items: seesAll ? items : items.map(({ id, name }) => ({ id, name })),
        ...(more && { continuationToken: encodeContinuation({ createdOn: last.createdOn, id: last.id }) }),
      };
      return { status: 200, body: page };
    },
  });
}

function comesAfter(user: User, place: z.infer<typeof placeSchema>): boolean {
  return user.createdOn === place.createdOn ? user.id > place.id : user.createdOn < place.createdOn;
}
