import type { Happening } from '../events/event.ts';
import { operationId } from './customer-operation.ts';
import type { HeldHead } from './headquarters/customer-head.ts';
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
 * What others are to be told when the hold of a customer ends, and the failure that they will have been told of: each
 * attempt at a failed operation once. Pure.
 */
export function customerHappenings(
  held: Pick<HeldHead, 'customerAsyncId' | 'accountNumber' | 'toldFailure'>,
  { appliedIds, blocker }: CustomerOutcome,
): { readonly happenings: Happening[]; readonly toldFailure: string } {
  const customer = { customerId: held.customerAsyncId, accountNumber: held.accountNumber || null };
  const happenings: Happening[] = [];
  if (appliedIds.length > 0) {
    const data = { ...customer, operationIds: appliedIds.slice(0, MAX_NAMED_OPERATIONS) };
    happenings.push({ type: 'customerSynchronized', data });
  }
  if (!blocker || stampOf(blocker) === held.toldFailure) return { happenings, toldFailure: held.toldFailure };
  const { operation, channel, lastError: error } = blocker;
  const data = { ...customer, operationId: operationId(blocker), operation, channel, error };
  happenings.push({ type: 'customerSyncFailed', data });
  return { happenings, toldFailure: stampOf(blocker) };
}
