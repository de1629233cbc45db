/**
 * The form of what channels send: names, types, lengths. Whether a currency exists or a text is an e-mail address is
 * judged by headquarters when it applies the operation, so that a channel that was offline isn't refused what it has
 * already promised; what is wrong then shows as a failed operation that can be mended.
 */
import { z } from 'zod';
import { DATA_TYPES } from '../../catalogue/attributes.ts';
import type { Column } from '../../catalogue/columns.ts';
import { columnsOf, type TableName } from '../../catalogue/tables.ts';
import { guidSchema } from '../../records/record-ids.ts';
import { idSchema } from '../../security/ids.ts';
import { MAX_OPERATIONS_PER_REQUEST } from '../staging/staging-format.ts';

/** Longest text of a column in an operation, in UTF-16 units. */
const MAX_OPERATION_TEXT_LENGTH = 1_000;

const text = z.string().max(MAX_OPERATION_TEXT_LENGTH);
const filledText = z
  .string()
  .max(MAX_OPERATION_TEXT_LENGTH)
  .refine((value) => value.trim() !== '', 'must not be blank');

/** Columns of the account that a channel can't set: the number is allocated, the master comes from a merge. */
const NOT_FROM_CHANNELS = new Set(['accountNumber', 'masterId']);

/** Addresses, contacts and affiliations that a new customer can come with; also all of them together. */
const MAX_PARTS = MAX_OPERATIONS_PER_REQUEST - 1;

const customerColumns = channelColumns('account');
const addressColumns = channelColumns('address');

const newAddress = z.strictObject({ ...newValues(addressColumns), id: guidSchema.optional() });

const newContact = z.strictObject({ ...newValues(channelColumns('contactInfo')), id: guidSchema.optional() });
const affiliation = z.union([idSchema, z.strictObject({ affiliationId: idSchema })]);

/** Body of createCustomer. What is given beside the columns becomes operations of their own. */
export const createCustomerSchema = z.strictObject({
  ...newValues(customerColumns),
  customerAsyncId: guidSchema.optional(),
  addresses: z.array(newAddress).max(MAX_PARTS).optional(),
  affiliations: z.array(affiliation).max(MAX_PARTS).optional(),
  contacts: z.array(newContact).max(MAX_PARTS).optional(),
});
export type CreateCustomerBody = z.infer<typeof createCustomerSchema>;

/** Body of editCustomer, a merge-patch. */
export const editCustomerSchema = patchOf(customerColumns);

/** Body of createAddress. */
export const createAddressSchema = newAddress;
export type CreateAddressBody = z.infer<typeof createAddressSchema>;

/** Body of editAddress, a merge-patch. */
export const editAddressSchema = patchOf(addressColumns);

/** Body of setContact: the whole of it, so what isn't given is no. */
export const setContactSchema = z.strictObject(newValues(channelColumns('contactInfo')));
export type SetContactBody = z.infer<typeof setContactSchema>;

/** Body of setAffiliation: there is nothing to say beside its id. */
export const setAffiliationSchema = z.strictObject({}).optional();

/** Name of an attribute. */
export const attributeNameSchema = filledText.max(200);

/** An attribute's value: kept as text, in whichever JSON form it was sent; null for none. */
const attributeValue = z
  .union([text, z.number(), z.boolean()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? value : String(value)));

/** Body of setAttribute. */
export const setAttributeSchema = z.strictObject({ dataType: z.enum(DATA_TYPES), value: attributeValue });
export type SetAttributeBody = z.infer<typeof setAttributeSchema>;

/** What the status page may change of operations on contacts, affiliations and attributes. */
export const editContactSchema = patchOf(channelColumns('contactInfo'));
/** What can be edited of an operation on an affiliation. */
export const editAffiliationSchema = z.strictObject({ affiliationId: idSchema });
/** What can be edited of an operation that sets an attribute. */
export const editAttributeSchema = z.strictObject({
  name: attributeNameSchema.optional(),
  dataType: z.enum(DATA_TYPES).optional(),
  value: attributeValue,
});
/** What can be edited of an operation that removes an attribute. */
export const editAttributeNameSchema = z.strictObject({ name: attributeNameSchema });

function channelColumns(table: TableName): [string, Column][] {
  return Object.entries(columnsOf(table)).filter(([name]) => !NOT_FROM_CHANNELS.has(name));
}

function newValues(
  columns: readonly [string, Column][],
): Record<string, z.ZodType<string | number | boolean | undefined>> {
  return Object.fromEntries(
    columns.map(([name, column]) => [name, column.required ? formOf(column) : formOf(column).optional()]),
  );
}

function patchOf(columns: readonly [string, Column][]) {
  const patches = columns.map(([name, column]): [string, z.ZodType<string | number | boolean | null | undefined>] => [
    name,
    column.required ? formOf(column).optional() : formOf(column).nullish(),
  ]);
  return z
    .strictObject(Object.fromEntries(patches))
    .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'names nothing to change');
}

/** The form of a column's values: what isn't a number, yes or no, or one of a few words is text. */
function formOf({ schema, required }: Column): z.ZodType<string | number | boolean> {
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodBoolean || schema instanceof z.ZodNumber) return schema;
  return required ? filledText : text;
}
