import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { BulkStore } from '../../shared/customers/bulk/bulk-store.ts';
import { operationFilter } from '../../shared/customers/headquarters/operation-filter.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { durableInstances } from '../../shared/runs/instances.ts';
import { discardReason } from './discard-reason.ts';

/** The orchestration of bulk changes. */
export const BULK_ORCHESTRATION = 'bulkChange';

const MAX_IDS = 1_000;

const attributes = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

const body = z
  .strictObject({
    ids: z.array(z.string().min(1).max(400)).min(1).max(MAX_IDS).optional(),
    filter: z.strictObject(operationFilter).optional(),
    /** New values by attribute; also in the form that Save takes. */
    changes: z.union([z.strictObject({ attributes }).transform((save) => save.attributes), attributes]).optional(),
    /** Why the operations are to be discarded. */
    discard: discardReason.optional(),
    withLater: z.boolean().optional(),
    synchronize: z.boolean().default(false),
    dryRun: z.boolean().default(false),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), 'needs either ids or a filter')
  .refine(
    ({ changes, discard, synchronize }) =>
      synchronize || discard !== undefined || Object.keys(changes ?? {}).length > 0,
    'names nothing to do: give changes, discard (a reason), or synchronize',
  )
  .refine(
    ({ changes, discard }) => discard === undefined || changes === undefined,
    'both changes and discards: give one of them',
  );

/**
 * POST /customer-sync/operations/bulk: Save, Synchronize or both, or Discard, for many operations, by id or by filter; with `dryRun` it
 * only tells what would come of it. 202 with the bulk change's id.
 */
export function createBulkChange({ bulk, now }: { readonly bulk: BulkStore; readonly now: () => number }): Endpoint {
  return durableEndpoint({
    name: 'createBulkChange',
    summary: 'Save or synchronize many operations, or try that out.',
    method: 'POST',
    route: 'customer-sync/operations/bulk',
    roles: ['Administrator'],
    body,
    answers: { 202: z.strictObject({ bulkId: z.guid() }) },
    problems: [],
    idempotent: true,
    reserve: () => ({ bulkId: randomUUID() }),
    async handle({ body: { changes, ...rest }, caller, reserved: { bulkId }, durable }) {
      const isEdit = Object.keys(changes ?? {}).length > 0;
      const request = { ...rest, ...(isEdit && { changes }), by: caller.id };
      await bulk.create(bulkId, request, new Date(now()).toISOString());
      await durableInstances(durable).start(BULK_ORCHESTRATION, bulkId);
      return { status: 202, body: { bulkId }, headers: { Location: `/api/customer-sync/operations/bulk/${bulkId}` } };
    },
  });
}
