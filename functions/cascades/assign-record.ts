import { z } from 'zod';
import type { TableName } from '../../shared/catalogue/tables.ts';
import { Problem } from '../../shared/problem.ts';
import { idSchema } from '../../shared/security/ids.ts';
import { depthOf } from '../../shared/security/privileges.ts';
import type { CascadePorts } from './cascade-ports.ts';
import { type CascadeEndpoint, cascadeEndpoint, modeSchema } from './start-cascade.ts';

const bodySchema = z.strictObject({ ownerId: idSchema, mode: modeSchema });

/** POST /tables/{table}/{id}/assign: gives a record, and what belongs to it, to another user. 202 with the job that does it. */
export function assignRecord(ports: CascadePorts): CascadeEndpoint {
  return cascadeEndpoint<z.infer<typeof bodySchema>>(ports, {
    name: 'assignRecord',
    summary: 'Give a record, and what belongs to it, to another user.',
    method: 'POST',
    route: 'tables/{table}/{id}/assign',
    body: bodySchema,
    action: 'assign',
    behavior: 'Assign',
    modeOf: ({ body }) => body.mode,
    async planOf(common, { table, body: { ownerId } }) {
      await requireNewOwner(ports, table, ownerId);
      return { ...common, action: 'assign', ownerId };
    },
  });
}

/** An owner must be able to read what it owns. One refusal for all who can't, so that nobody learns which users there are. */
async function requireNewOwner({ access }: CascadePorts, table: TableName, ownerId: string): Promise<void> {
  const owner = await access.principalOfUser(ownerId);
  if (owner.state === 'enabled' && depthOf(owner.principal, table, 'Read') !== undefined) return;
  throw new Problem('assign-owner-unfit', { userId: ownerId, table });
}
