import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import { pathId } from '../../shared/security/ids.ts';
import { type UserReader, userSchema } from '../../shared/security/users.ts';

/** GET /users/{user}: one user, disabled ones too; a removed one is not found, and the answer says that it was removed. */
export function getUser({ users }: { readonly users: UserReader }): Endpoint {
  return endpoint({
    name: 'getUser',
    summary: 'Read one user.',
    method: 'GET',
    route: 'users/{user}',
    roles: ['Administrator'],
    answers: { 200: userSchema },
    problems: [],
    async handle({ params }) {
      const id = pathId(params, 'user');
      const found = await users.findUser(id);
      if (found.state === 'never') throw new Problem('user-unknown', { userId: id });
      const { user } = found;
      if (found.state === 'removed') throw new Problem('user-removed', { userId: id, name: user.name });
      return { status: 200, body: user, headers: etagHeader(user.version) };
    },
  });
}
