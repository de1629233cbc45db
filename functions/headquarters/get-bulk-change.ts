import { z } from 'zod';
import type { BulkStore } from '../../shared/customers/bulk/bulk-store.ts';
import { problemSchema } from '../../shared/http/answers.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';
import { durableInstances } from '../../shared/runs/instances.ts';
import { BULK_ORCHESTRATION } from './create-bulk-change.ts';

/** Schema of a bulk change. */
export const bulkSchema = z.strictObject({
  bulkId: z.guid(),
  status: z.enum(['Queued', 'Running', 'Completed', 'Failed']),
  dryRun: z.boolean(),
  synchronize: z.boolean(),
  createdBy: z.string(),
  createdOn: z.iso.datetime(),
  completedOn: z.iso.datetime().nullable(),
  matched: z.number().int(),
  changed: z.number().int(),
  refused: z.array(z.strictObject({ id: z.string(), problem: problemSchema })).describe('The first 1,000.'),
  refusedTotal: z.number().int(),
  error: z.string().optional(),
});

/** GET /customer-sync/operations/bulk/{id}: how far a bulk change is, and what it was refused; starts one that a crash kept from it. */
export function getBulkChange({ bulk }: { readonly bulk: BulkStore }): Endpoint {
  return durableEndpoint({
    name: 'getBulkChange',
    summary: 'Read how far a bulk change is and what it was refused.',
    method: 'GET',
    route: 'customer-sync/operations/bulk/{id}',
    roles: ['Administrator'],
    answers: { 200: bulkSchema },
    problems: [],
    async handle({ params: { id = '' }, durable }) {
      const found = /^[0-9a-f-]{36}$/.test(id) ? await bulk.find(id) : undefined;
      if (!found) throw new Problem('bulk-change-unknown', { id });
      const { request, state } = found;
      const { status, matched, changed, createdOn, completedOn, error } = state;
      const instances = durableInstances(durable);
      const isWaiting = status === 'Queued' || status === 'Running';
      if (isWaiting && (await instances.state(id)) === 'none') await instances.start(BULK_ORCHESTRATION, id);
      const refused = await bulk.refusals(id);
      const counts = { matched, changed, refused, refusedTotal: state.refused };
      const { dryRun, synchronize, by } = request;
      const common = { bulkId: id, status, dryRun, synchronize, createdBy: by, createdOn, completedOn };
      return { status: 200, body: { ...common, ...counts, ...(error !== null && { error }) } };
    },
  });
}
