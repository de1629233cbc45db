import { z } from 'zod';
import { operationViewSchema } from '../../shared/customers/channel/operation-body.ts';
import { HQ_STATUSES } from '../../shared/customers/customer-operation.ts';
import { type HqOperationReader, toHqOperation } from '../../shared/customers/headquarters/operations.ts';
import type { StoredOperation } from '../../shared/customers/headquarters/stored-operation.ts';
import type { HqOperation } from '../../shared/customers/ports.ts';
import { etagHeader } from '../../shared/http/responses.ts';

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
  status: z.enum(HQ_STATUSES),
  version: z.number().int(),
});

/** What answering with a changed operation works with. */
export interface ChangedPorts {
  readonly operations: Pick<HqOperationReader, 'findById'>;
}

/** The answer with an operation that was just changed. The number stands on the customer's head until the operation is applied. */
export async function changedOperation({ operations }: ChangedPorts, stored: StoredOperation) {
  const changed = toHqOperation(stored);
  const accountNumber = changed.accountNumber ?? (await operations.findById(changed.id))?.accountNumber ?? null;
  return { status: 200, body: operationBody({ ...changed, accountNumber }), headers: etagHeader(changed.version) };
}

/** The columns of the list as CSV. */
export const OPERATION_COLUMNS = [
  ...['id', 'channel', 'stagingTable', 'replicationCounter', 'operationCode', 'operation', 'accountNumber'],
  ...['customerAsyncId', 'status', 'onlineOperationCompleted', 'lastError', 'description', 'attributes'],
  ...['createdOn', 'appliedOn', 'editedBy', 'editedOn', 'original', 'version'],
  ...['discardedBy', 'discardedOn', 'discardReason'],
] as const;
