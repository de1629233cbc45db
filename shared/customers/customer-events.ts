import type { EventContent } from '../events/event.ts';
import { operationId } from './customer-operation.ts';
import type { LeasedHead } from './headquarters/customer-head.ts';
import { type StoredOperation, stampOf } from './headquarters/stored-operation.ts';

const MAX_NAMED_OPERATIONS = 100;

/** How applying a customer's operations went. */
export interface CustomerOutcome {
  /** Operations that are applied now and weren't when the head was last written, oldest first. */
  readonly appliedIds: readonly string[];
  /** The failed operation that holds back the rest. */
  readonly blocker: StoredOperation | undefined;
}

/**
 * What others are to be told when the lease of a customer ends, and the failure that they will have been told of: each
 * attempt at a failed operation once. Pure.
 */
export function customerEvents(
  leased: Pick<LeasedHead, 'customerAsyncId' | 'accountNumber' | 'toldFailure'>,
  { appliedIds, blocker }: CustomerOutcome,
): { readonly contents: EventContent[]; readonly toldFailure: string } {
  const customer = { customerId: leased.customerAsyncId, accountNumber: leased.accountNumber || null };
  const contents: EventContent[] = [];
  if (appliedIds.length > 0) {
    const data = { ...customer, operationIds: appliedIds.slice(0, MAX_NAMED_OPERATIONS) };
    contents.push({ type: 'customerSynchronized', data });
  }
  if (!blocker || stampOf(blocker) === leased.toldFailure) return { contents, toldFailure: leased.toldFailure };
  const { operation, channel, lastError: error } = blocker;
  const data = { ...customer, operationId: operationId(blocker), operation, channel, error };
  contents.push({ type: 'customerSyncFailed', data });
  return { contents, toldFailure: stampOf(blocker) };
}
