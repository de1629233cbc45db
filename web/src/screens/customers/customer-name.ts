import type { z } from 'zod';
import type { operationBodySchema } from '../../../../functions/headquarters/operation-body.ts';

type Named = Pick<
  z.infer<typeof operationBodySchema>,
  'operation' | 'attributes' | 'accountNumber' | 'customerAsyncId'
>;

/** What an operation calls its customer: the name that it gives it, else the number, else the whole GUID. */
export function customerName({ operation, attributes, accountNumber, customerAsyncId }: Named): string {
  // Of other operations `name` is something else's, such as an attribute's.
  const isOfCustomer = operation === 'createCustomer' || operation === 'editCustomer';
  const newOf = (wanted: string) => attributes.find(({ name }) => name === wanted)?.new;
  const parts = [newOf('firstName'), newOf('lastName')].filter(Boolean).join(' ');
  const name = isOfCustomer ? newOf('name') || parts : '';
  return typeof name === 'string' && name !== '' ? name : (accountNumber ?? customerAsyncId);
}
