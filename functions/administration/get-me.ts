import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import type { Access } from '../../shared/security/access.ts';
import { TOKEN_ROLES } from '../../shared/security/caller.ts';
import { effectivePrivileges, grantSchema } from '../../shared/security/privileges.ts';

/** Schema of the caller as the host sees it. */
const meSchema = z.strictObject({
  id: z.string().describe("The user's id; for a channel `channel:` and its id. Changes are recorded under it."),
  role: z.enum(TOKEN_ROLES),
  channel: z.string().optional().describe('The channel of a Channel token.'),
  privileges: z.array(grantSchema).describe('What the caller may do with records, without doubles.'),
});

/** GET /me: who the caller is and what they may do, as it holds now. A channel holds no privileges: it sees its own addresses alone. */
export function getMe({ access }: { readonly access: Pick<Access, 'principalOf'> }): Endpoint {
  return endpoint({
    name: 'getMe',
    summary: 'Tell who the caller is and what they may do.',
    method: 'GET',
    route: 'me',
    roles: TOKEN_ROLES,
    answers: { 200: meSchema },
    problems: [],
    async handle({ caller }) {
      const privileges = effectivePrivileges(await access.principalOf(caller));
      const { id, role, channel } = caller;
      return { status: 200, body: { id, role, ...(channel !== undefined && { channel }), privileges } };
    },
  });
}
