import { z } from 'zod';
import type { OperationChanges } from '../../shared/customers/headquarters/operation-changes.ts';
import type { HqOperationReader } from '../../shared/customers/headquarters/operations.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { changedOperation, operationBodySchema } from './operation-body.ts';

const body = z.strictObject({
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/**
 * PATCH /customer-sync/operations/{id}: Save. Needs If-Match. What was sent is kept beside the new values; 409 once the
 * operation was applied. A failed operation stays Failed until it is synchronized.
 */
export function patchOperation({
  changes,
  operations,
}: {
  readonly changes: OperationChanges;
  readonly operations: HqOperationReader;
}): Endpoint {
  return endpoint({
    name: 'patchOperation',
    summary: 'Save other values in an operation.',
    method: 'PATCH',
    route: 'customer-sync/operations/{id}',
    roles: ['Administrator'],
    body,
    answers: { 200: operationBodySchema },
    problems: ['already-applied', 'conflict', 'rule-broken'],
    ifMatch: 'required',
    async handle({ params: { id = '' }, body: { attributes }, caller, ifMatch }) {
      return changedOperation({ operations }, await changes.save({ id, attributes, by: caller.id, ifMatch }));
    },
  });
}
