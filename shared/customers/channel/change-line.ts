/** The form of one line of a list of changes; a message from an offline channel carries such a line too. Pure. */
import { z } from 'zod';
import { parse } from '../../http/request-parts.ts';
import { Problem } from '../../problem.ts';
import { isGuid } from '../../records/record-ids.ts';
import { OPERATION_NAMES, type OperationName } from '../customer-operation.ts';
import {
  affiliationChange,
  type CustomerChange,
  createAddressChange,
  createCustomerChange,
  deactivateAddressChange,
  editAddressChange,
  editCustomerChange,
  removeAttributeChange,
  removeContactChange,
  setAttributeChange,
  setContactChange,
} from './change.ts';
import { normalizeReference } from './customer-identity.ts';
import {
  createAddressSchema,
  createCustomerSchema,
  editAddressSchema,
  editCustomerSchema,
  setAffiliationSchema,
  setAttributeSchema,
  setContactSchema,
} from './operation-schemas.ts';

const reference = z.string().min(1).max(200);

const lineSchema = z.strictObject({
  operation: z.enum(OPERATION_NAMES),
  /** The line's Idempotency-Key. */
  key: z.string().min(1).max(256),
  customerAsyncId: reference.optional(),
  customerId: reference.optional(),
  addressId: reference.optional(),
  contactId: reference.optional(),
  affiliationId: reference.optional(),
  attributeName: reference.optional(),
  body: z.unknown().optional(),
});
type Line = z.infer<typeof lineSchema>;

/** A line whose form is right. */
export interface ParsedLine {
  readonly key: string;
  readonly change: CustomerChange;
  /** The other name that the line has for its customer, when one of them is an account number: both must be one customer's. */
  readonly otherName?: string;
}

/** Parses one line. Throws Problem invalid-request, rule-broken. */
export function parseLine(value: unknown): ParsedLine {
  const line = parse<Line>(lineSchema, value, 'line');
  const { operation, key } = line;
  const change = changeOf(operation, line);
  const otherName = otherNameOf(line);
  return { key, change, ...(otherName !== undefined && operation !== 'createCustomer' && { otherName }) };
}

/** The schema that a whole list has to fit; its lines are parsed one by one, so that a bad one fails alone. */
export const changeListSchema = z.strictObject({ changes: z.array(z.unknown()).min(1).max(100) });

/** What the changes of one customer have in common, so that they stay in the order given. */
export function customerOf({ key, change }: ParsedLine): string {
  if (change.operation !== 'createCustomer') return change.customer;
  return change.customerAsyncId ?? `new|${key}`;
}

function changeOf(operation: OperationName, line: Line): CustomerChange {
  const { body } = line;
  switch (operation) {
    case 'createCustomer': {
      const customerAsyncId = clientId(line);
      const given = isObject(body) && customerAsyncId !== undefined ? { customerAsyncId, ...body } : body;
      const parsed = parse(createCustomerSchema, given, 'body');
      if (customerAsyncId !== undefined && normalizeReference(customerAsyncId) !== parsed.customerAsyncId) {
        throw new Problem('rule-broken', 'The line and its body have different ids for the new customer. Send one.');
      }
      return createCustomerChange(parsed);
    }
    case 'editCustomer':
      return editCustomerChange(customerReference(line), parse(editCustomerSchema, body, 'body'));
    case 'createAddress': {
      const given = isObject(body) && line.addressId !== undefined ? { id: line.addressId, ...body } : body;
      const parsed = parse(createAddressSchema, given, 'body');
      if (line.addressId !== undefined && normalizeReference(line.addressId) !== parsed.id) {
        throw new Problem('rule-broken', 'The line and its body have different ids for the new address. Send one.');
      }
      return createAddressChange(customerReference(line), parsed);
    }
    case 'editAddress':
      return editAddressChange(
        customerReference(line),
        required(line, 'addressId'),
        parse(editAddressSchema, body, 'body'),
      );
    case 'deactivateAddress':
      return deactivateAddressChange(customerReference(line), required(line, 'addressId'));
    case 'setContact':
      return setContactChange(
        customerReference(line),
        required(line, 'contactId'),
        parse(setContactSchema, body, 'body'),
      );
    case 'removeContact':
      return removeContactChange(customerReference(line), required(line, 'contactId'));
    case 'setAffiliation':
      parse(setAffiliationSchema, body, 'body');
      return affiliationChange(operation, customerReference(line), required(line, 'affiliationId'));
    case 'removeAffiliation':
      return affiliationChange(operation, customerReference(line), required(line, 'affiliationId'));
    case 'setAttribute':
      return setAttributeChange(
        customerReference(line),
        required(line, 'attributeName'),
        parse(setAttributeSchema, body, 'body'),
      );
    case 'removeAttribute':
      return removeAttributeChange(customerReference(line), required(line, 'attributeName'));
  }
}

/** A new customer's id, under either name: they are one. */
function clientId({ customerAsyncId, customerId }: Line): string | undefined {
  if (customerAsyncId !== undefined && customerId !== undefined) checkSame(customerAsyncId, customerId);
  return customerAsyncId ?? customerId;
}

/** The customer that a line is for. With both ids, the first speaks; that the other is the same one's is checked. */
function customerReference(line: Line): string {
  const { customerAsyncId, customerId } = line;
  if (customerAsyncId === undefined) return required(line, 'customerId');
  if (customerId !== undefined && [customerAsyncId, customerId].every(isGuidText))
    checkSame(customerAsyncId, customerId);
  return customerAsyncId;
}

/** The second name of a line's customer, if the two can't be compared as texts. */
function otherNameOf({ customerAsyncId, customerId }: Line): string | undefined {
  if (customerAsyncId === undefined || customerId === undefined) return undefined;
  const other = normalizeReference(customerId);
  return normalizeReference(customerAsyncId) === other ? undefined : other;
}

function isGuidText(text: string): boolean {
  return isGuid(normalizeReference(text));
}

/** The refusal of a line that names two customers. */
export function differentCustomers(): Problem {
  return new Problem('rule-broken', 'customerAsyncId and customerId name different customers. Send one of them.');
}

function checkSame(customerAsyncId: string, customerId: string): void {
  if (normalizeReference(customerAsyncId) === normalizeReference(customerId)) return;
  throw differentCustomers();
}

function required(
  line: Line,
  name: 'customerId' | 'addressId' | 'contactId' | 'affiliationId' | 'attributeName',
): string {
  const value = line[name];
  if (value === undefined) throw new Problem('invalid-request', `line.${name}: ${line.operation} needs it.`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
