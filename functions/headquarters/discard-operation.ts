import { z } from 'zod';
import type { OperationChanges } from '../../shared/customers/headquarters/operation-changes.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { discardReason } from './discard-reason.ts';
import { type ChangedPorts, changedOperation, operationBodySchema } from './operation-body.ts';

const body = z.strictObject({ reason: discardReason, withLater: z.boolean().default(false) });

/**
 * POST /customer-sync/operations/{id}/discard: the operation is never applied and holds nothing back any more. 409 once it
 * was applied, and for a creation that later operations need, unless they are discarded with it (`withLater`).
 */
export function discardOperation(ports: ChangedPorts & { readonly changes: OperationChanges }): Endpoint {
  return endpoint({
    name: 'discardOperation',
    summary: 'Discard an operation that is not applied.',
    method: 'POST',
    route: 'customer-sync/operations/{id}/discard',
    roles: ['Administrator'],
    body,
    answers: { 200: operationBodySchema },
    problems: ['already-applied', 'conflict', 'stale-version'],
    idempotent: true,
    async handle({ params: { id = '' }, body: { reason, withLater }, caller }) {
      return changedOperation(ports, await ports.changes.discard({ id, reason, withLater, by: caller.id }));
    },
  });
}
