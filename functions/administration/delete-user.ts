import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { pathId } from '../../shared/security/ids.ts';
import type { Users } from '../../shared/security/users.ts';

/** DELETE /users/{user}: removes a user; its name is kept for messages, and PUT makes it again. 409 for `admin`. */
export function deleteUser({ users }: { readonly users: Users }): Endpoint {
  return endpoint({
    name: 'deleteUser',
    method: 'DELETE',
    route: 'users/{user}',
    roles: ['Administrator'],
    answers: { 204: null },
    problems: ['conflict'],
    ifMatch: 'heeded',
    async handle({ params, caller, ifMatch }) {
      await users.removeUser({ id: pathId(params, 'user'), by: caller.id, ifMatch });
      return { status: 204 };
    },
  });
}
