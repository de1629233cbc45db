import type { OperationChanges } from '../../shared/customers/headquarters/operation-changes.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { type ChangedPorts, changedOperation, operationBodySchema } from './operation-body.ts';

/**
 * POST /customer-sync/operations/{id}/reinstate: puts a discarded operation back where it stood, for the next run of the sync
 * job to decide anew; a creation with what was discarded with it. 409 once a later operation of its customer was applied.
 */
export function reinstateOperation(ports: ChangedPorts & { readonly changes: OperationChanges }): Endpoint {
  return endpoint({
    name: 'reinstateOperation',
    summary: 'Put a discarded operation back where it stood.',
    method: 'POST',
    route: 'customer-sync/operations/{id}/reinstate',
    roles: ['Administrator'],
    answers: { 200: operationBodySchema },
    problems: ['conflict', 'stale-version'],
    idempotent: true,
    async handle({ params: { id = '' } }) {
      return changedOperation(ports, await ports.changes.reinstate(id));
    },
  });
}
