import { type AppliedStamp, withStamp } from '../../records/applied-stamps.ts';
import type { NewRecord } from '../../records/create-records.ts';
import { operationId, targetTableOf } from '../customer-operation.ts';
import { laneOf, type StoredOperation, stampOf } from '../headquarters/stored-operation.ts';

/** Who owns the accounts that come from channels: the user that is always there. What is under an account has its owner. */
export const RECORD_OWNER = 'admin';

/** A record that an operation makes; its times are the operation's, so that it has the same place in lists each time. */
export function newRecord(
  operation: StoredOperation,
  id: string,
  ownerId: string,
  columns: NewRecord['value']['columns'],
  lookups: Readonly<Record<string, string>>,
): NewRecord {
  const { createdOn, createdBy } = operation;
  const table = targetTableOf(operation.operation);
  const value = { id, table, ownerId, state: 'Active' as const, createdOn, createdBy, columns, lookups };
  return { value, origin: operationId(operation), appliedSequence: withStamp('', appliedBy(operation)) };
}

/** What a record carries once an attempt at an operation has changed it. */
export function appliedBy(operation: StoredOperation): AppliedStamp {
  return { customer: laneOf(operation), stamp: stampOf(operation) };
}
