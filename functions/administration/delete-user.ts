import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { pathId } from '../../shared/security/ids.ts';
import type { Users } from '../../shared/security/users.ts';

/** Who is removed, and what a later PUT of that id means. */
const removedSchema = z.strictObject({ id: z.string(), detail: z.string() });

/**
 * DELETE /users/{user}: removes a user; its name is kept for messages. 200, and says that PUT makes the
 * same user again, with its records and shares: a job that it made can only then be resumed. 409 for `admin`.
 */
export function deleteUser({ users }: { readonly users: Users }): Endpoint {
  return endpoint({
    name: 'deleteUser',
    summary: 'Remove a user.',
    method: 'DELETE',
    route: 'users/{user}',
    roles: ['Administrator'],
    answers: { 200: removedSchema },
    problems: ['conflict'],
    ifMatch: 'heeded',
    async handle({ params, caller, ifMatch }) {
      const id = pathId(params, 'user');
      await users.removeUser({ id, by: caller.id, ifMatch });
      const detail = `User ${id} is removed, and may do nothing any more. PUT /api/users/${id} makes the same user again, with the records that it owns and all that is shared with it; give a new person another id.`;
      return { status: 200, body: { id, detail } };
    },
  });
}
