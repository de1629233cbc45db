/**
 * What a channel sees of a customer: the copy that was downloaded last, overlaid, in order, with the channel's own
 * operations that the copy doesn't include yet. Pure.
 */
import type { ColumnValue } from '../../catalogue/columns.ts';
import type { OperationStatus, StagedOperation } from '../customer-operation.ts';
import type { CustomerSnapshot } from '../ports.ts';

/** What the status of an own operation says here; operations that headquarters doesn't know yet are Pending. */
export interface OperationProgress {
  readonly status: OperationStatus;
  /** HQ's upload sequence; empty while Pending. */
  readonly sequence: string;
}

export const PENDING: OperationProgress = { status: 'Pending', sequence: '' };

export interface OwnOperation {
  readonly operation: StagedOperation;
  readonly progress: OperationProgress;
}

export interface AddressState {
  readonly id: string;
  readonly columns: Readonly<Record<string, ColumnValue>>;
}

export interface CustomerState {
  readonly columns: Readonly<Record<string, ColumnValue>>;
  readonly addresses: readonly AddressState[];
}

export type SyncStatus = 'Pending' | 'Uploaded' | 'Synchronized' | 'Failed' | 'Held';

/** What stands in the place of the account number until it was downloaded. */
export const PENDING_NUMBER = 'Pending sync';

/** Whether a downloaded copy already shows what an operation did. One that failed or waits is in no copy. */
export function isIncluded(snapshot: CustomerSnapshot | undefined, { status, sequence }: OperationProgress): boolean {
  return snapshot !== undefined && status === 'Completed' && sequence <= snapshot.appliedThrough;
}

/** The copy with the operations that it doesn't include on top, in the order of their counters. */
export function overlay(snapshot: CustomerSnapshot | undefined, own: readonly OwnOperation[]): CustomerState {
  const base: CustomerState = { columns: snapshot?.columns ?? {}, addresses: snapshot?.addresses ?? [] };
  return own
    .filter(({ progress }) => !isIncluded(snapshot, progress))
    .map(({ operation }) => operation)
    .sort((a, b) => a.replicationCounter - b.replicationCounter)
    .reduce(apply, base);
}

function apply(state: CustomerState, { operation, targetId, body }: StagedOperation): CustomerState {
  const { columns, addresses } = state;
  switch (operation) {
    case 'createCustomer':
    case 'editCustomer':
      return { columns: patch(columns, body), addresses };
    case 'createAddress': {
      const made = { id: targetId, columns: patch({}, body) };
      return { columns, addresses: [...addresses.filter(({ id }) => id !== targetId), made] };
    }
    case 'editAddress': {
      const edit = (each: AddressState) =>
        each.id === targetId ? { id: each.id, columns: patch(each.columns, body) } : each;
      return { columns, addresses: addresses.map(edit) };
    }
    case 'deactivateAddress':
      return { columns, addresses: addresses.filter(({ id }) => id !== targetId) };
  }
}

/** Lays values over columns; null takes a column away. */
function patch(
  columns: Readonly<Record<string, ColumnValue>>,
  body: StagedOperation['body'],
): Readonly<Record<string, ColumnValue>> {
  const after = new Map(Object.entries(columns));
  for (const [name, value] of Object.entries(body)) {
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  return Object.fromEntries(after);
}

/** The worst that can be said of the own operations that the copy doesn't include. */
export function syncStatusOf(snapshot: CustomerSnapshot | undefined, own: readonly OwnOperation[]): SyncStatus {
  const statuses = new Set(
    own.filter(({ progress }) => !isIncluded(snapshot, progress)).map(({ progress }) => progress.status),
  );
  const order = ['Failed', 'Held', 'Pending', 'Uploaded'] as const;
  return order.find((status) => statuses.has(status)) ?? 'Synchronized';
}

/** A customer as a channel is shown it: the account's columns stand beside these. */
export interface CustomerView {
  readonly id: string;
  readonly customerId: string;
  readonly customerAsyncId: string;
  /** The number once downloaded, else "Pending sync". */
  readonly accountNumber: string;
  readonly syncStatus: SyncStatus;
  readonly createdOn: string;
  readonly addresses: readonly Readonly<Record<string, ColumnValue>>[];
  readonly affiliations: readonly string[];
  /** Version of the channel's settings that this was made with. */
  readonly configurationVersion: number;
  readonly [column: string]: unknown;
}

/** What a channel has of one customer. */
export interface KnownCustomer {
  readonly customerAsyncId: string;
  /** When the channel came to know it, ISO 8601 UTC. */
  readonly createdOn: string;
  readonly snapshot: CustomerSnapshot | undefined;
  readonly own: readonly OwnOperation[];
}

/** The view of a customer; undefined when the copy says that it was deleted. */
export function viewOf(customer: KnownCustomer, configurationVersion: number): CustomerView | undefined {
  const { customerAsyncId, createdOn, snapshot, own } = customer;
  if (snapshot?.exists === false) return undefined;
  const { columns, addresses } = overlay(snapshot, own);
  return {
    id: customerAsyncId,
    customerId: customerAsyncId,
    customerAsyncId,
    accountNumber: snapshot?.accountNumber ?? PENDING_NUMBER,
    syncStatus: syncStatusOf(snapshot, own),
    createdOn,
    ...columns,
    addresses: addresses.map(({ id, columns: ofAddress }) => ({ id, ...ofAddress })),
    affiliations: snapshot?.affiliations ?? [],
    configurationVersion,
  };
}
