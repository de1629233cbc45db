/** What a channel asks for, in one form for a request of its own and for a line of a list. Pure. */
import { fingerprintOf } from '../../idempotency/claims.ts';
import { Problem } from '../../problem.ts';
import type { OperationBody } from '../customer-operation.ts';
import type { NewOperation } from '../staging/staging-writer.ts';
import { addressIdFor, checkBroughtId, normalizeReference, type Reservation } from './customer-identity.ts';
import type { CreateAddressBody, CreateCustomerBody } from './operation-schemas.ts';

export interface NewAddress {
  /** Undefined: drawn here. */
  readonly id: string | undefined;
  readonly body: OperationBody;
}

/** A change whose form has been checked. `customer` is a GUID in lower case or an account number. */
export type CustomerChange =
  | {
      readonly operation: 'createCustomer';
      readonly customerAsyncId: string | undefined;
      readonly body: OperationBody;
      readonly addresses: readonly NewAddress[];
    }
  | { readonly operation: 'editCustomer'; readonly customer: string; readonly body: OperationBody }
  | { readonly operation: 'createAddress'; readonly customer: string; readonly address: NewAddress }
  | {
      readonly operation: 'editAddress';
      readonly customer: string;
      readonly addressId: string;
      readonly body: OperationBody;
    }
  | { readonly operation: 'deactivateAddress'; readonly customer: string; readonly addressId: string };

/** Throws Problem rule-broken (ids), not-yet-available (affiliations, contacts). */
export function createCustomerChange(body: CreateCustomerBody): CustomerChange {
  const { customerAsyncId, addresses = [], affiliations = [], contacts = [], ...columns } = body;
  for (const [name, list] of Object.entries({ affiliations, contacts })) {
    if (list.length === 0) continue;
    throw new Problem(
      'not-yet-available',
      `${name} of a new customer come with a later version. Leave them out for now.`,
    );
  }
  checkBroughtId('customerAsyncId', customerAsyncId);
  const news = addresses.map(({ id, ...address }, at) => newAddress(address, id, `addresses.${at}.id`));
  const brought = news.flatMap(({ id }) => (id === undefined ? [] : [id]));
  if (new Set(brought).size < brought.length) {
    throw new Problem('rule-broken', 'addresses: two of them bring the same id. Each needs one of its own, or none.');
  }
  return { operation: 'createCustomer', customerAsyncId, body: valuesOf(columns), addresses: news };
}

export function editCustomerChange(customer: string, body: Readonly<Record<string, unknown>>): CustomerChange {
  return { operation: 'editCustomer', customer: normalizeReference(customer), body: valuesOf(body) };
}

/** Throws Problem rule-broken for an id that a client can't have drawn. */
export function createAddressChange(customer: string, { id, ...columns }: CreateAddressBody): CustomerChange {
  return {
    operation: 'createAddress',
    customer: normalizeReference(customer),
    address: newAddress(columns, id, 'id'),
  };
}

export function editAddressChange(
  customer: string,
  addressId: string,
  body: Readonly<Record<string, unknown>>,
): CustomerChange {
  return {
    operation: 'editAddress',
    customer: normalizeReference(customer),
    addressId: normalizeReference(addressId),
    body: valuesOf(body),
  };
}

export function deactivateAddressChange(customer: string, addressId: string): CustomerChange {
  return {
    operation: 'deactivateAddress',
    customer: normalizeReference(customer),
    addressId: normalizeReference(addressId),
  };
}

/**
 * Whose an Idempotency-Key is, and what it stands for: keys belong to the channel, whoever sends them and however, so that
 * a line of a list that is sent again as a request of its own (or the other way round) is known again.
 */
export function claimOf(channelId: string, change: CustomerChange): { scope: string; fingerprint: string } {
  return { scope: `channel:${channelId}`, fingerprint: fingerprintOf(change) };
}

/** The operations of a change, in order. The same for every attempt of a request. */
export function operationsOf(
  change: CustomerChange,
  { customerId, reservation, by }: { customerId: string; reservation: Reservation; by: string },
): NewOperation[] {
  const common = { customerAsyncId: customerId, createdOn: reservation.createdOn, createdBy: by };
  const makeAddress = ({ id, body }: NewAddress, index: number): NewOperation => ({
    ...common,
    operation: 'createAddress',
    targetId: id ?? addressIdFor(customerId, reservation.requestId, index),
    body,
  });
  switch (change.operation) {
    case 'createCustomer': {
      const { operation, body, addresses } = change;
      return [{ ...common, operation, targetId: customerId, body }, ...addresses.map(makeAddress)];
    }
    case 'editCustomer':
      return [{ ...common, operation: change.operation, targetId: customerId, body: change.body }];
    case 'createAddress':
      return [makeAddress(change.address, 0)];
    case 'editAddress':
      return [{ ...common, operation: change.operation, targetId: change.addressId, body: change.body }];
    case 'deactivateAddress':
      return [{ ...common, operation: change.operation, targetId: change.addressId, body: {} }];
  }
}

function newAddress(columns: Readonly<Record<string, unknown>>, id: string | undefined, name: string): NewAddress {
  checkBroughtId(name, id);
  return { id, body: valuesOf(columns) };
}

/** The columns that say something; schemas have checked their types. */
function valuesOf(columns: Readonly<Record<string, unknown>>): OperationBody {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined)) as OperationBody;
}
