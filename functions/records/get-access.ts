import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { explainAccess, explainedAccessSchema } from '../../shared/records/shares/explain-access.ts';
import { findShares } from '../../shared/records/shares/shares.ts';
import { idSchema } from '../../shared/security/ids.ts';
import { RECORD_ROLES, type RecordPorts, recordOf } from './record-ports.ts';

/**
 * GET /tables/{table}/{id}/access?user=: the rights that a user (the caller unless said otherwise) has on the record, and
 * why. A user who is disabled, removed or not there has none.
 */
export function getAccess(ports: RecordPorts): Endpoint {
  const { recordStore, access } = ports;
  return endpoint({
    name: 'getAccess',
    summary: 'Explain the rights that a user has on a record.',
    method: 'GET',
    route: 'tables/{table}/{id}/access',
    roles: RECORD_ROLES,
    query: z.strictObject({ user: idSchema.optional() }),
    answers: { 200: explainedAccessSchema },
    problems: [],
    async handle({ caller, params, query: { user } }) {
      const { principal, record } = await recordOf(ports, { caller, params }, ['Read']);
      const { value } = record;
      const { set } = await findShares(recordStore.tables, value.table, value.id);
      if (user === undefined || user === principal.userId)
        return { status: 200, body: explainAccess(principal, value, set) };
      const found = await access.principalOfUser(user);
      const body = found.state === 'enabled' ? explainAccess(found.principal, value, set) : { rights: [], because: [] };
      return { status: 200, body };
    },
  });
}
