import { z } from 'zod';
import { operationViewSchema } from '../../shared/customers/channel/operation-body.ts';
import type { HqOperation } from '../../shared/customers/ports.ts';

/** The JSON of an operation: its key's parts stand beside the rest. */
export function operationBody({
  key,
  sequence: _sequence,
  version,
  id,
  ...rest
}: HqOperation): Record<string, unknown> {
  return { id, ...key, ...rest, version };
}

/** Schema of an operation's JSON at headquarters, which has it from its upload on. */
export const operationBodySchema = operationViewSchema.extend({
  status: z.enum(['Uploaded', 'Completed', 'Failed', 'Held']),
  version: z.number().int(),
});

/** The columns of the list as CSV. */
export const OPERATION_COLUMNS = [
  ...['id', 'channel', 'stagingTable', 'replicationCounter', 'operationCode', 'operation', 'accountNumber'],
  ...['customerAsyncId', 'status', 'onlineOperationCompleted', 'lastError', 'description', 'attributes'],
  ...['createdOn', 'appliedOn', 'editedBy', 'editedOn', 'original', 'version'],
] as const;
