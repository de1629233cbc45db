import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import { pathId } from '../../shared/security/ids.ts';
import { type RoleReader, roleSchema } from '../../shared/security/roles.ts';

/** GET /roles/{role}: one HQ role with its privileges, built-in ones too. */
export function getRole({ roles }: { readonly roles: RoleReader }): Endpoint {
  return endpoint({
    name: 'getRole',
    summary: 'Read a role with its privileges.',
    method: 'GET',
    route: 'roles/{role}',
    roles: ['Administrator'],
    answers: { 200: roleSchema },
    problems: [],
    async handle({ params }) {
      const name = pathId(params, 'role');
      const role = await roles.findRole(name);
      if (!role) throw new Problem('role-unknown', { name });
      return { status: 200, body: role, headers: etagHeader(role.version) };
    },
  });
}
