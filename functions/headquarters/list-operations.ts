import { z } from 'zod';
import { operationFilter } from '../../shared/customers/headquarters/operation-filter.ts';
import type { HqOperationReader } from '../../shared/customers/headquarters/operations.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { placeSchema } from '../../shared/storage/newest-first.ts';
import { OPERATION_COLUMNS, operationBody, operationBodySchema } from './operation-body.ts';

/** Pending ones wait in their channels: headquarters has none of them. */
const status = operationFilter.status.or(z.literal('Pending'));
const query = z.strictObject({ ...listQuery, ...operationFilter, status });

/** GET /customer-sync/operations: the page "Customer synchronization status": every operation from its upload on, newest first. */
export function listOperations({ operations }: { readonly operations: HqOperationReader }): Endpoint {
  return endpoint({
    name: 'listOperations',
    summary: 'List the uploaded customer operations.',
    method: 'GET',
    route: 'customer-sync/operations',
    roles: ['Administrator'],
    query,
    answers: { 200: pageOf(operationBodySchema) },
    problems: [],
    csv: { columns: OPERATION_COLUMNS },
    async handle({ query: { pageSize, continuationToken, status, ...rest } }) {
      if (status === 'Pending') return { status: 200, body: { items: [] } };
      const filter = { ...rest, status };
      const from = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, placeSchema);
      const { items, after } = await operations.list(filter, pageSize, from);
      const more = after && { continuationToken: encodeContinuation(after) };
      return { status: 200, body: { items: items.map(operationBody), ...more } };
    },
  });
}
