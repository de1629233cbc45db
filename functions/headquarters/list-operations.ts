import { z } from 'zod';
import { OPERATION_NAMES } from '../../shared/customers/customer-operation.ts';
import type { HqOperationReader } from '../../shared/customers/headquarters/operations.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { idSchema } from '../../shared/security/ids.ts';
import { placeSchema } from '../../shared/storage/newest-first.ts';
import { operationBody } from './operation-body.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** A time in a query, brought to the form that is stored. */
const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => new Date(text).toISOString());

/** The end of a stretch of time: a day's is the beginning of the next, so that the day belongs to it. */
const end = z.union([
  z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString()),
  z.iso.date().transform((text) => new Date(Date.parse(text) + DAY_MS).toISOString()),
]);

const query = z.strictObject({
  ...listQuery,
  status: z.enum(['Uploaded', 'Completed', 'Failed', 'Held']).optional(),
  channel: idSchema.optional(),
  customer: z.string().min(1).max(400).optional(),
  asyncCustomer: z.string().min(1).max(100).optional(),
  operation: z.enum(OPERATION_NAMES).optional(),
  from: moment.optional(),
  to: end.optional(),
  error: z.string().min(1).max(400).optional(),
});

/** GET /customer-sync/operations: the page "Customer synchronization status": every operation from its upload on, newest first. */
export function listOperations({ operations }: { readonly operations: HqOperationReader }): Endpoint {
  return endpoint({
    name: 'listOperations',
    method: 'GET',
    path: '/customer-sync/operations',
    roles: ['Administrator'],
    query,
    async handle({ query: { pageSize, continuationToken, ...filter } }) {
      const from = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, placeSchema);
      const { items, after } = await operations.list(filter, pageSize, from);
      const more = after && { continuationToken: encodeContinuation(after) };
      return { status: 200, body: { items: items.map(operationBody), ...more } };
    },
  });
}
