/** One operation as a channel is shown it, in the form that headquarters' status page has. Pure. */

import { z } from 'zod';
import {
  codeOf,
  HQ_STATUSES,
  OPERATION_NAMES,
  OPERATIONS,
  operationId,
  STAGING_TABLES,
  type StagedOperation,
  targetTableOf,
} from '../customer-operation.ts';
import type { HqOperation } from '../ports.ts';
import type { CustomerState } from './channel-view.ts';

/** An operation as channels are shown it. */
export interface OperationBodyView extends Omit<HqOperation, 'key' | 'sequence' | 'version' | 'status'> {
  readonly channel: string;
  readonly replicationCounter: number;
  readonly customerAsyncId: string;
  readonly status: HqOperation['status'] | 'Pending';
}

/** An operation that headquarters has. */
export function uploadedBody(operation: HqOperation): OperationBodyView {
  const { key, sequence: _sequence, version: _version, ...rest } = operation;
  const { channel, replicationCounter, customerAsyncId } = key;
  return { ...rest, channel, replicationCounter, customerAsyncId };
}

/** An operation that waits in the channel for its upload; `before` is what it changes, as far as the channel knows. */
export function pendingBody(
  operation: StagedOperation,
  before: CustomerState,
  accountNumber: string | null,
): OperationBodyView {
  const { channel, replicationCounter, customerAsyncId, body, createdOn } = operation;
  const { stagingTable } = OPERATIONS[operation.operation];
  const columns = columnsBefore(operation, before);
  return {
    id: operationId(operation),
    channel,
    stagingTable,
    replicationCounter,
    operationCode: codeOf(operation),
    operation: operation.operation,
    accountNumber,
    customerAsyncId,
    status: 'Pending',
    onlineOperationCompleted: 0,
    lastError: null,
    description: `Waits in channel ${channel} for job P-0001 to upload it.`,
    attributes: Object.entries(body).map(([name, value]) => ({ name, old: columns[name] ?? null, new: value })),
    createdOn,
    appliedOn: null,
    editedBy: null,
    editedOn: null,
    discardedBy: null,
    discardedOn: null,
    discardReason: null,
    original: null,
  };
}

/** What the channel has of the thing that an operation changes. */
function columnsBefore(
  { operation, targetId, body }: StagedOperation,
  before: CustomerState,
): CustomerState['columns'] {
  switch (targetTableOf(operation)) {
    case 'account':
      return before.columns;
    case 'address':
      return before.addresses.find(({ id }) => id === targetId)?.columns ?? {};
    case 'contactInfo':
      return before.contacts.find(({ id }) => id === targetId)?.columns ?? {};
    case 'affiliation': {
      const affiliationId = before.affiliations.find((each) => each === body.affiliationId);
      return affiliationId === undefined ? {} : { affiliationId };
    }
    case 'attribute':
      return before.attributes.find(({ name }) => name === body.name) ?? {};
  }
}

const valueSchema = z.union([z.string(), z.number(), z.boolean()]).nullable();

/** Schema of an operation as channels are shown it. */
export const operationViewSchema = z.strictObject({
  id: z.string(),
  channel: z.string(),
  replicationCounter: z.number().int(),
  customerAsyncId: z.guid(),
  stagingTable: z.enum(STAGING_TABLES),
  operation: z.enum(OPERATION_NAMES),
  operationCode: z.union([z.literal(1), z.literal(2), z.literal(3)]).describe('1 makes, 2 edits, 3 removes.'),
  accountNumber: z.string().nullable(),
  status: z.enum(['Pending', ...HQ_STATUSES]),
  onlineOperationCompleted: z.union([z.literal(0), z.literal(1)]),
  lastError: z.string().nullable(),
  description: z.string(),
  attributes: z.array(z.strictObject({ name: z.string(), old: valueSchema, new: valueSchema })),
  createdOn: z.iso.datetime(),
  appliedOn: z.iso.datetime().nullable(),
  editedBy: z.string().nullable(),
  editedOn: z.iso.datetime().nullable(),
  discardedBy: z.string().nullable().describe('Who decided that it is never applied.'),
  discardedOn: z.iso.datetime().nullable(),
  discardReason: z.string().nullable(),
  original: z
    .array(z.strictObject({ name: z.string(), value: valueSchema }))
    .nullable()
    .describe('The values as the channel sent them, once the operation was edited.'),
});
