/** What the page "Customer synchronization status" asks of the API. */
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import type { bulkSchema } from '../../../../functions/headquarters/get-bulk-change.ts';
import type { operationBodySchema } from '../../../../functions/headquarters/operation-body.ts';
import type { explanationSchema } from '../../../../shared/customers/pipeline/explain.ts';
import { call } from '../../api/call.ts';
import { type Filters, pick } from '../../parts/filters.ts';

export type Operation = z.infer<typeof operationBodySchema>;
export type BulkChange = z.infer<typeof bulkSchema>;
export type Explanation = z.infer<typeof explanationSchema>;

export const OPERATIONS_PATH = '/customer-sync/operations';
export const BULK_PATH = `${OPERATIONS_PATH}/bulk`;

/** States that an operation can be in at headquarters. */
export const STATUSES = [
  'Failed',
  'Held',
  'Uploaded',
  'Completed',
  'Discarded',
] as const satisfies readonly Operation['status'][];
/** What channels can do. */
export const OPERATIONS = [
  'createCustomer',
  'editCustomer',
  'createAddress',
  'editAddress',
  'deactivateAddress',
  'setContact',
  'removeContact',
  'setAffiliation',
  'removeAffiliation',
  'setAttribute',
  'removeAttribute',
] as const satisfies readonly Operation['operation'][];

const FILTERS = ['status', 'channel', 'operation', 'customer', 'asyncCustomer', 'error', 'from', 'to'];

/** The filters of operations in an address; those that are empty are left out. */
export function operationFilters(filters: Filters): Record<string, string> {
  const set = Object.entries(pick(filters, FILTERS)).filter((entry): entry is [string, string] => !!entry[1]);
  return Object.fromEntries(set);
}

/** What a bulk change is for: these operations, or all that fit. */
export type BulkTarget = { readonly ids: readonly string[] } | { readonly filter: Record<string, string> };

export const operationPath = (id: string) => `${OPERATIONS_PATH}/${encodeURIComponent(id)}`;

export const operationQuery = (id: string) =>
  queryOptions({
    queryKey: ['operation', id],
    queryFn: ({ signal }) => call<Operation>(operationPath(id), { signal }),
  });

/** Why a customer isn't visible in a channel. */
export const explanationQuery = (channel: string, customer: string) =>
  queryOptions({
    queryKey: ['explain', channel, customer],
    queryFn: ({ signal }) => call<Explanation>('/customer-sync/explain', { query: { channel, customer }, signal }),
  });
