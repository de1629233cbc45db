import { describe, expect, it } from 'vitest';
import {
  createAddressSchema,
  createCustomerSchema,
  editAddressSchema,
  editCustomerSchema,
} from '../../../shared/customers/channel/operation-schemas.ts';

const GUID = '3F2504E0-4F89-41D3-9A0C-0305E82C3301';
const EMPTY = '00000000-0000-0000-0000-000000000000';
const ALL_ONES = 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF';

function problemsOf(schema: { safeParse(value: unknown): { error?: { issues: { path: PropertyKey[] }[] } } }) {
  return (value: unknown) => (schema.safeParse(value).error?.issues ?? []).map(({ path }) => path.join('.'));
}

describe('A4 the form of a new customer', () => {
  const problems = problemsOf(createCustomerSchema);

  it('takes every column that a channel may set, and nested addresses, with ids in lower case', () => {
    const body = {
      ...{ name: 'Zoë Łukasz 山田', type: 'Person', title: 'Dr', email: 'a@b.de', phone: '1', group: '10' },
      ...{ currency: 'EUR', language: 'de', receiptPreference: 'Email', customerAsyncId: GUID },
      addresses: [{ id: GUID, street: 'Ring 1', city: 'Wien', isPrimary: true }],
    };
    expect(createCustomerSchema.parse(body)).toEqual({
      ...body,
      customerAsyncId: GUID.toLowerCase(),
      addresses: [{ id: GUID.toLowerCase(), street: 'Ring 1', city: 'Wien', isPrimary: true }],
    });
  });

  it('leaves meaning to headquarters: currency, language and e-mail are texts here', () => {
    expect(problems({ name: 'A', currency: 'XXX1', language: '??', email: 'no mail' })).toEqual([]);
  });

  it.each([
    ['no name', {}, ['name']],
    ['a blank name', { name: ' \t' }, ['name']],
    ['a name of another type', { name: 7 }, ['name']],
    ['a column of another table', { name: 'A', city: 'x' }, ['']],
    ['an overlong phone', { name: 'A', phone: 'x'.repeat(1001) }, ['phone']],
    ['a word that is none of the choice', { name: 'A', type: 'Robot' }, ['type']],
    ['columns of the system', { name: 'A', accountNumber: '1' }, ['']],
    ['the master', { name: 'A', masterId: GUID }, ['']],
    ['an id that is no GUID', { name: 'A', customerAsyncId: '17' }, ['customerAsyncId']],
    ['the empty GUID', { name: 'A', customerAsyncId: EMPTY }, ['customerAsyncId']],
    ['the GUID of all ones', { name: 'A', customerAsyncId: ALL_ONES }, ['customerAsyncId']],
    [
      'either as an address',
      {
        name: 'A',
        addresses: [
          { street: 'A', id: EMPTY },
          { street: 'B', id: ALL_ONES },
        ],
      },
      ['addresses.0.id', 'addresses.1.id'],
    ],
    ['either as a contact', { name: 'A', contacts: [{ id: EMPTY, kind: 'Phone', value: '1' }] }, ['contacts.0.id']],
    ['a bad address', { name: 'A', addresses: [{ street: 'B' }, { city: 'C' }] }, ['addresses.1.street']],
    ['too many addresses', { name: 'A', addresses: Array(98).fill({ street: 'B' }) }, ['addresses']],
  ])('refuses %s', (_what, body, where) => {
    expect(problems(body)).toEqual(where);
  });

  it('takes the longest text and the most addresses', () => {
    expect(problems({ name: 'x'.repeat(1000), addresses: Array(97).fill({ street: 'B' }) })).toEqual([]);
  });
});

describe('A4 the form of an edit', () => {
  it.each([
    ['clears with null', editCustomerSchema, { email: null, phone: '2' }, []],
    ['clears no required column', editCustomerSchema, { name: null }, ['name']],
    ['blanks no required column', editCustomerSchema, { name: '' }, ['name']],
    ['names something', editCustomerSchema, {}, ['']],
    ['knows its columns', editCustomerSchema, { name: 'B', street: 'A' }, ['']],
    ['brings no addresses', editCustomerSchema, { name: 'A', addresses: [] }, ['']],
    ['of an address clears too', editAddressSchema, { city: null, isPrimary: false }, []],
    ['of an address keeps its street', editAddressSchema, { street: null }, ['street']],
    ['of an address brings no id', editAddressSchema, { id: GUID, city: 'A' }, ['']],
    ['of an address names something', editAddressSchema, {}, ['']],
  ])('%s', (_what, schema, body, where) => {
    expect(problemsOf(schema)(body)).toEqual(where);
  });

  it('of an address has the types of the address', () => {
    expect(problemsOf(createAddressSchema)({ street: 'A', isPrimary: 'yes' })).toEqual(['isPrimary']);
  });
});
