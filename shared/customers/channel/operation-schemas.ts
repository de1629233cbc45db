/**
 * The form of what channels send: names, types, lengths. Whether a currency exists or a text is an e-mail address is
 * judged by headquarters when it applies the operation, so that a channel that was offline isn't refused what it has
 * already promised; what is wrong then shows as a failed operation that can be mended.
 */
import { z } from 'zod';
import type { Column } from '../../catalogue/columns.ts';
import { columnsOf, type TableName } from '../../catalogue/tables.ts';
import { MAX_OPERATIONS_PER_REQUEST } from '../staging/staging-format.ts';
import { guidSchema } from './customer-identity.ts';

/** Longest text of a column in an operation, in UTF-16 units. */
const MAX_OPERATION_TEXT_LENGTH = 1_000;

const text = z.string().max(MAX_OPERATION_TEXT_LENGTH);
const filledText = text.refine((value) => value.trim() !== '', 'must not be blank');

/** Columns of the account that a channel can't set: the number is allocated, the master comes from a merge. */
const NOT_FROM_CHANNELS = new Set(['accountNumber', 'masterId']);

const customerColumns = channelColumns('account');
const addressColumns = channelColumns('address');

const newAddress = z.strictObject({ ...newValues(addressColumns), id: guidSchema.optional() });

/** Lists that come with a later version: empty ones say nothing, and pass. */
const laterList = z.array(z.unknown()).max(100).optional();

/** Body of createCustomer. `affiliations` and `contacts` are named so that they can be told to be not yet available. */
export const createCustomerSchema = z.strictObject({
  ...newValues(customerColumns),
  customerAsyncId: guidSchema.optional(),
  addresses: z
    .array(newAddress)
    .max(MAX_OPERATIONS_PER_REQUEST - 1)
    .optional(),
  affiliations: laterList,
  contacts: laterList,
});
export type CreateCustomerBody = z.infer<typeof createCustomerSchema>;

/** Body of editCustomer, a merge-patch. */
export const editCustomerSchema = patchOf(customerColumns);

/** Body of createAddress. */
export const createAddressSchema = newAddress;
export type CreateAddressBody = z.infer<typeof createAddressSchema>;

/** Body of editAddress, a merge-patch. */
export const editAddressSchema = patchOf(addressColumns);

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
