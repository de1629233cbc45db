import type { HqOperationReader } from '../../shared/customers/headquarters/operations.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import { operationBody, operationBodySchema } from './operation-body.ts';

/** GET /customer-sync/operations/{id}: one operation, from its upload on. */
export function getOperation({ operations }: { readonly operations: HqOperationReader }): Endpoint {
  return endpoint({
    name: 'getOperation',
    summary: 'Read an uploaded customer operation.',
    method: 'GET',
    route: 'customer-sync/operations/{id}',
    roles: ['Administrator'],
    answers: { 200: operationBodySchema },
    problems: [],
    async handle({ params: { id = '' } }) {
      const operation = await operations.findById(id);
      if (!operation) {
        throw new Problem('operation-unknown', { id });
      }
      return { status: 200, body: operationBody(operation), headers: etagHeader(operation.version) };
    },
  });
}
