/** What a channel asks for, in one form for a request of its own and for a line of a list. Pure. */

import { fingerprintOf } from '../../http/claims.ts';
import { parse } from '../../http/request-parts.ts';
import { Problem } from '../../problem.ts';
import { guidSchema } from '../../records/record-ids.ts';
import { idSchema } from '../../security/ids.ts';
import type { OperationBody } from '../customer-operation.ts';
import { MAX_OPERATIONS_PER_REQUEST } from '../staging/staging-format.ts';
import { checkClientId, normalizeReference } from './customer-identity.ts';
import {
  attributeNameSchema,
  type CreateAddressBody,
  type CreateCustomerBody,
  type SetAttributeBody,
  type SetContactBody,
} from './operation-schemas.ts';

/** An address or contact that a change makes. */
export interface NewPart {
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
      readonly addresses: readonly NewPart[];
      readonly contacts: readonly NewPart[];
      readonly affiliations: readonly string[];
    }
  | { readonly operation: 'editCustomer'; readonly customer: string; readonly body: OperationBody }
  | { readonly operation: 'createAddress'; readonly customer: string; readonly address: NewPart }
  | {
      readonly operation: 'editAddress';
      readonly customer: string;
      readonly addressId: string;
      readonly body: OperationBody;
    }
  | { readonly operation: 'deactivateAddress'; readonly customer: string; readonly addressId: string }
  | {
      readonly operation: 'setContact';
      readonly customer: string;
      readonly contactId: string;
      readonly body: OperationBody;
    }
  | { readonly operation: 'removeContact'; readonly customer: string; readonly contactId: string }
  /** `name`: the affiliation's id, or the attribute's name. */
  | {
      readonly operation: 'setAffiliation' | 'setAttribute' | 'removeAffiliation' | 'removeAttribute';
      readonly customer: string;
      readonly name: string;
      readonly body: OperationBody;
    };

/** Throws Problem rule-broken (ids), invalid-request (more than one request stages). */
export function createCustomerChange(body: CreateCustomerBody): CustomerChange {
  const { customerAsyncId, addresses = [], affiliations = [], contacts = [], ...columns } = body;
  const parts = addresses.length + affiliations.length + contacts.length;
  if (parts >= MAX_OPERATIONS_PER_REQUEST) {
    throw new Problem(
      'invalid-request',
      `A new customer comes with at most ${MAX_OPERATIONS_PER_REQUEST - 1} addresses, contacts and affiliations; these are ${parts}. Send the others after it.`,
    );
  }
  checkClientId('customerAsyncId', customerAsyncId);
  const newParts = (list: readonly { id?: string | undefined }[], name: string) =>
    list.map(({ id, ...part }, at) => newPart(part, id, `${name}.${at}.id`));
  const given = {
    addresses: newParts(addresses, 'addresses'),
    contacts: newParts(
      contacts.map((contact) => ({ ...NO_CONSENT, ...contact })),
      'contacts',
    ),
  };
  for (const [name, list] of Object.entries(given)) {
    const supplied = list.flatMap(({ id }) => (id === undefined ? [] : [id]));
    if (new Set(supplied).size === supplied.length) continue;
    throw new Problem('rule-broken', `${name}: two of them have the same id. Each needs one of its own, or none.`);
  }
  const names = affiliations.map((each) => (typeof each === 'string' ? each : each.affiliationId));
  const common = { operation: 'createCustomer', customerAsyncId, body: valuesOf(columns), ...given } as const;
  return { ...common, affiliations: [...new Set(names)] };
}

/** The change that PATCH of a customer asks for. */
export function editCustomerChange(customer: string, body: Readonly<Record<string, unknown>>): CustomerChange {
  return { operation: 'editCustomer', customer: normalizeReference(customer), body: valuesOf(body) };
}

/** Throws Problem rule-broken for an id that a client can't have drawn. */
export function createAddressChange(customer: string, { id, ...columns }: CreateAddressBody): CustomerChange {
  return {
    operation: 'createAddress',
    customer: normalizeReference(customer),
    address: newPart(columns, id, 'id'),
  };
}

/** The change that PATCH of an address asks for. */
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

/** The change that DELETE of an address asks for. */
export function deactivateAddressChange(customer: string, addressId: string): CustomerChange {
  return {
    operation: 'deactivateAddress',
    customer: normalizeReference(customer),
    addressId: normalizeReference(addressId),
  };
}

/** What a contact is when it doesn't say. */
const NO_CONSENT = { isPrimary: false, marketingConsent: false };

/** Throws Problem invalid-request for what is no GUID. */
export function setContactChange(customer: string, contactId: string, body: SetContactBody): CustomerChange {
  const given = { ...NO_CONSENT, ...valuesOf(body) };
  return {
    operation: 'setContact',
    customer: normalizeReference(customer),
    contactId: contactIdOf(contactId),
    body: given,
  };
}

/** The change that DELETE of a contact asks for. */
export function removeContactChange(customer: string, contactId: string): CustomerChange {
  return { operation: 'removeContact', customer: normalizeReference(customer), contactId: contactIdOf(contactId) };
}

/** Throws Problem invalid-request for what can't be an affiliation's id. */
export function affiliationChange(
  operation: 'setAffiliation' | 'removeAffiliation',
  customer: string,
  affiliationId: string,
): CustomerChange {
  const name = parse(idSchema, affiliationId, 'affiliationId');
  return { operation, customer: normalizeReference(customer), name, body: { affiliationId: name } };
}

/** Throws Problem invalid-request for what can't be an attribute's name. */
export function setAttributeChange(customer: string, attribute: string, body: SetAttributeBody): CustomerChange {
  const name = parse(attributeNameSchema, attribute, 'name');
  const { dataType, value } = body;
  const given = { name, dataType, value: value ?? null };
  return { operation: 'setAttribute', customer: normalizeReference(customer), name, body: given };
}

/** Throws Problem invalid-request for what can't be an attribute's name. */
export function removeAttributeChange(customer: string, attribute: string): CustomerChange {
  const name = parse(attributeNameSchema, attribute, 'name');
  return { operation: 'removeAttribute', customer: normalizeReference(customer), name, body: { name } };
}

function contactIdOf(text: string): string {
  return parse(guidSchema, text, 'contactId');
}

/**
 * Whose an Idempotency-Key is, and what it stands for: keys belong to the channel, whoever sends them and however, so that
 * a line of a list that is sent again as a request of its own (or the other way round) is known again.
 */
export function claimOf(channelId: string, change: CustomerChange): { scope: string; fingerprint: string } {
  return { scope: `channel:${channelId}`, fingerprint: fingerprintOf(change) };
}

function newPart(columns: Readonly<Record<string, unknown>>, id: string | undefined, name: string): NewPart {
  checkClientId(name, id);
  return { id, body: valuesOf(columns) };
}

/** The columns that say something; schemas have checked their types. */
function valuesOf(columns: Readonly<Record<string, unknown>>): OperationBody {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined)) as OperationBody;
}
