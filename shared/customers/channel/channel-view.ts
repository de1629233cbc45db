/**
 * What a channel sees of a customer: the copy that was downloaded last, overlaid, in order, with the channel's own
 * operations that the copy doesn't include yet. Pure.
 */
import { z } from 'zod';
import type { ColumnValue } from '../../catalogue/columns.ts';
import { columnsOf, type TableName } from '../../catalogue/tables.ts';
import { type OperationStatus, operationId, type StagedOperation } from '../customer-operation.ts';
import type { CustomerSnapshot } from '../ports.ts';

/** What the status of an own operation says here; operations that headquarters doesn't know yet are Pending. */
export interface OperationProgress {
  readonly status: OperationStatus;
  /** HQ's upload sequence; empty while Pending. */
  readonly sequence: string;
}

/** The progress of an operation that isn't uploaded. */
export const PENDING: OperationProgress = { status: 'Pending', sequence: '' };

/** An operation of the channel's own, and how far it is. */
export interface OwnOperation {
  readonly operation: StagedOperation;
  readonly progress: OperationProgress;
}

type Columns = Readonly<Record<string, ColumnValue>>;

/** An address or contact. */
export interface PartState {
  readonly id: string;
  readonly columns: Columns;
}

/** What the channel shows of a customer. */
export interface CustomerState {
  readonly columns: Columns;
  readonly addresses: readonly PartState[];
  readonly contacts: readonly PartState[];
  readonly affiliations: readonly string[];
  /** By their name. */
  readonly attributes: readonly Columns[];
}

/** How far a customer's operations are, as the channel is told. */
export type SyncStatus = 'Pending' | 'Uploaded' | 'Synchronized' | 'Failed' | 'Held';

/** What stands in the place of the account number until it was downloaded. */
export const PENDING_NUMBER = 'Pending sync';

/**
 * Whether an operation is no longer laid over the channel's copy: the copy shows what it did, or it was discarded. One that
 * failed or waits is in no copy.
 */
export function isIncluded(snapshot: CustomerSnapshot | undefined, { status, sequence }: OperationProgress): boolean {
  if (status === 'Discarded') return true;
  return snapshot !== undefined && status === 'Completed' && sequence <= snapshot.appliedThrough;
}

/**
 * Whether the copy is of another customer than the channel's own: the channel has made one under the same id that
 * headquarters hasn't taken for the copy's. It is shown nothing of that one.
 */
export function isOthers(snapshot: CustomerSnapshot | undefined, own: readonly OwnOperation[]): boolean {
  const { origin } = snapshot ?? {};
  if (origin === undefined) return false;
  return own.some(
    ({ operation, progress: { status } }) =>
      operation.operation === 'createCustomer' &&
      operationId(operation) !== origin &&
      status !== 'Completed' &&
      status !== 'Discarded',
  );
}

/** The copy with the operations that it doesn't include on top, in the order of their counters. */
export function overlay(snapshot: CustomerSnapshot | undefined, own: readonly OwnOperation[]): CustomerState {
  const { columns = {}, addresses = [], contacts = [], affiliations = [], attributes = [] } = snapshot ?? {};
  const base: CustomerState = { columns, addresses, contacts, affiliations, attributes };
  return own
    .filter(({ progress }) => !isIncluded(snapshot, progress))
    .map(({ operation }) => operation)
    .sort((a, b) => a.replicationCounter - b.replicationCounter)
    .reduce(apply, base);
}

function apply(state: CustomerState, { operation, targetId, body }: StagedOperation): CustomerState {
  const { columns, addresses, contacts, affiliations, attributes } = state;
  switch (operation) {
    case 'createCustomer':
    case 'editCustomer':
      return { ...state, columns: patch(columns, body) };
    case 'createAddress':
      return {
        ...state,
        addresses: withOnePrimary([...without(addresses, targetId), newPart(targetId, body)], targetId),
      };
    case 'editAddress': {
      const edit = (each: PartState) =>
        each.id === targetId ? { id: each.id, columns: patch(each.columns, body) } : each;
      return { ...state, addresses: withOnePrimary(addresses.map(edit), targetId) };
    }
    case 'deactivateAddress':
      return { ...state, addresses: without(addresses, targetId) };
    case 'setContact':
      return {
        ...state,
        contacts: withOnePrimary([...without(contacts, targetId), newPart(targetId, body)], targetId),
      };
    case 'removeContact':
      return { ...state, contacts: without(contacts, targetId) };
    case 'setAffiliation':
    case 'removeAffiliation': {
      const { affiliationId } = body;
      const others = affiliations.filter((each) => each !== affiliationId);
      return { ...state, affiliations: operation === 'setAffiliation' ? [...others, String(affiliationId)] : others };
    }
    case 'setAttribute':
    case 'removeAttribute': {
      const others = attributes.filter(({ name }) => name !== body.name);
      return { ...state, attributes: operation === 'setAttribute' ? [...others, patch({}, body)] : others };
    }
  }
}

function without(parts: readonly PartState[], id: string): PartState[] {
  return parts.filter((each) => each.id !== id);
}

function newPart(id: string, body: StagedOperation['body']): PartState {
  return { id, columns: patch({}, body) };
}

/** Where the part that was changed is primary, the others of its kind no longer are: as headquarters does it. */
function withOnePrimary(parts: readonly PartState[], changedId: string): PartState[] {
  const changed = parts.find(({ id }) => id === changedId);
  if (changed?.columns.isPrimary !== true) return [...parts];
  return parts.map((each) =>
    each.id !== changedId && each.columns.isPrimary === true && each.columns.kind === changed.columns.kind
      ? { ...each, columns: { ...each.columns, isPrimary: false } }
      : each,
  );
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
  readonly addresses: readonly Columns[];
  readonly contacts: readonly Columns[];
  readonly affiliations: readonly string[];
  readonly attributes: readonly Columns[];
  /** Version of the channel's configuration that this was served from. */
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

/** The view of a customer; undefined when the copy says that it was deleted, or when nothing of it is served yet. */
export function viewOf(customer: KnownCustomer, configurationVersion: number): CustomerView | undefined {
  const { customerAsyncId, createdOn, snapshot, own } = customer;
  const isShown = snapshot ? snapshot.exists : own.some(({ progress }) => !isIncluded(undefined, progress));
  if (!isShown) return undefined;
  const { columns, addresses, contacts, affiliations, attributes } = overlay(snapshot, own);
  const toBody = ({ id, columns: ofPart }: PartState) => ({ id, ...ofPart });
  return {
    id: customerAsyncId,
    customerId: customerAsyncId,
    customerAsyncId,
    accountNumber: snapshot?.accountNumber ?? PENDING_NUMBER,
    syncStatus: syncStatusOf(snapshot, own),
    createdOn,
    ...columns,
    ...(snapshot?.masterId !== undefined && { masterId: snapshot.masterId }),
    addresses: addresses.map(toBody),
    contacts: contacts.map(toBody),
    affiliations,
    attributes,
    configurationVersion,
  };
}

const valueSchema = z.union([z.string(), z.number(), z.boolean()]);

/** A table's columns as a channel shows them: what it sent itself is checked by headquarters only later. */
function shownColumns(table: TableName): Record<string, z.ZodType> {
  return Object.fromEntries(Object.keys(columnsOf(table)).map((name) => [name, valueSchema.optional()]));
}

const partOf = (table: TableName) => z.strictObject({ ...shownColumns(table), id: z.guid() });

/** Schema of a customer as a channel is shown it. */
export const customerViewSchema = z.strictObject({
  ...shownColumns('account'),
  id: z.guid(),
  customerId: z.guid(),
  customerAsyncId: z.guid(),
  accountNumber: z.string().describe(`"${PENDING_NUMBER}" until it was downloaded.`),
  syncStatus: z.enum(['Pending', 'Uploaded', 'Synchronized', 'Failed', 'Held']),
  createdOn: z.iso.datetime(),
  addresses: z.array(partOf('address')),
  contacts: z.array(partOf('contactInfo')),
  affiliations: z.array(z.string()),
  attributes: z.array(z.strictObject(shownColumns('attribute'))),
  configurationVersion: z.number().int(),
});
