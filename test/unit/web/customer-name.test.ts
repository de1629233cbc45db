import { describe, expect, it } from 'vitest';
import { customerName } from '../../../web/src/screens/customers/customer-name.ts';

const GUID = '3f1c0000-0000-4000-8000-000000000001';
type Named = Parameters<typeof customerName>[0];
const operation = (part: Partial<Named>): Named => ({
  operation: 'createCustomer',
  attributes: [],
  accountNumber: null,
  customerAsyncId: GUID,
  ...part,
});
const values = (given: Readonly<Record<string, string>>) =>
  Object.entries(given).map(([name, value]) => ({ name, old: null, new: value }));

describe('A8 the customer in the list of operations is called', () => {
  it.each([
    ['its name', { attributes: values({ name: 'Ada Lovelace' }), accountNumber: 'C-1' }, 'Ada Lovelace'],
    ['first and last name', { attributes: values({ firstName: 'Ada', lastName: 'Lovelace' }) }, 'Ada Lovelace'],
    ['its number', { accountNumber: 'C-1' }, 'C-1'],
    ['its whole GUID', {}, GUID],
    ['not as its attribute is', { operation: 'setAttribute', attributes: values({ name: 'shoeSize' }) }, GUID],
  ] satisfies [string, Partial<Named>, string][])('%s', (_what, part, name) => {
    expect(customerName(operation(part))).toBe(name);
  });
});
