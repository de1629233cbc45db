import { z } from 'zod';
import { Problem } from '../../shared/problem.ts';
import { RIGHTS } from '../../shared/records/shares/rights.ts';
import { idSchema } from '../../shared/security/ids.ts';
import { noEnabledUser } from '../../shared/security/no-enabled-user.ts';
import { depthOf } from '../../shared/security/privileges.ts';
import type { CascadePorts } from './cascade-ports.ts';
import { type CascadeEndpoint, type CascadeRequest, cascadeEndpoint, modeSchema } from './start-cascade.ts';

const bodySchema = z.strictObject({
  principal: idSchema,
  rights: z.array(z.enum(RIGHTS)).min(1),
  mode: modeSchema,
});
type Request = CascadeRequest<z.infer<typeof bodySchema>, unknown>;

/** POST /tables/{table}/{id}/share: gives a user rights on a record and what belongs to it. */
export function shareRecord(ports: CascadePorts): CascadeEndpoint {
  return cascadeEndpoint(ports, {
    name: 'shareRecord',
    summary: 'Give a user rights on a record and what belongs to it.',
    method: 'POST',
    route: 'tables/{table}/{id}/share',
    body: bodySchema,
    action: 'share',
    behavior: 'Share',
    modeOf: ({ body }) => body.mode,
    async planOf(common, request) {
      const { principal, rights } = request.body;
      await requireReceiver(ports, request);
      // Nobody gives more than it has: each right is asked for as if it were used.
      await ports.recordAccess.requireOn(request.principal, rights, request.root);
      return { ...common, action: 'share', principal, rights: RIGHTS.filter((right) => rights.includes(right)) };
    },
  });
}

/** A share is of use only to a user who may read records of the table at all. */
async function requireReceiver({ access }: CascadePorts, { body: { principal }, table }: Request): Promise<void> {
  const receiver = await access.principalOfUser(principal);
  if (receiver.state !== 'enabled') {
    throw noEnabledUser('principal', principal);
  }
  if (depthOf(receiver.principal, table, 'Read') === undefined) {
    throw new Problem('share-user-may-not-read', { userId: principal, table });
  }
}
