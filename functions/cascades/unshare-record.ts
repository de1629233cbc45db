import { z } from 'zod';
import { Problem } from '../../shared/problem.ts';
import { idSchema } from '../../shared/security/ids.ts';
import type { CascadePorts } from './cascade-ports.ts';
import { type CascadeEndpoint, cascadeEndpoint, modeSchema } from './start-cascade.ts';

const bodySchema = z.strictObject({ principal: idSchema, mode: modeSchema });

/**
 * POST /tables/{table}/{id}/unshare: takes from a user the rights that it was given on a record, and what came from there
 * on the records below. The user may be disabled or removed.
 */
export function unshareRecord(ports: CascadePorts): CascadeEndpoint {
  return cascadeEndpoint(ports, {
    name: 'unshareRecord',
    summary: 'Take from a user the rights that a share gave it.',
    method: 'POST',
    route: 'tables/{table}/{id}/unshare',
    body: bodySchema,
    action: 'unshare',
    behavior: 'Unshare',
    modeOf: ({ body }) => body.mode,
    async planOf(common, { body: { principal } }) {
      if ((await ports.access.principalOfUser(principal)).state === 'never') {
        throw new Problem('unshare-user-unknown', { userId: principal });
      }
      return { ...common, action: 'unshare', principal };
    },
  });
}
