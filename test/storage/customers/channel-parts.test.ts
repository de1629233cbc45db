import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Accepted,
  type ChannelApp,
  GUID,
  keyed,
  OTHER_GUID,
  openChannelApp,
  putChannels,
  snapshotOf,
} from './channel-app.ts';

const CUSTOMER = `/api/channels/pos/customers/${GUID}`;
const CONTACT = '11111111-1111-4111-8111-111111111111';
const OTHER_CONTACT = '22222222-2222-4222-8222-222222222222';

let app: ChannelApp;

beforeEach(async () => {
  app = openChannelApp();
  await putChannels(app);
});

const make = (body: object = {}) =>
  app.pos('POST', '/api/channels/pos/customers', { body: { name: 'Zoë', customerAsyncId: GUID, ...body } });
const view = async () => (await app.pos('GET', CUSTOMER)).body as Record<string, unknown>;
const staged = async () =>
  (await app.staging.readAfter('pos', 0, 100)).map(({ operation, code, body }) => ({ operation, code, body }));
const mail = (value: string, isPrimary = true) => ({ kind: 'Email', value, isPrimary, marketingConsent: true });

describe('A4 A14 contacts, affiliations and attributes of a channel', () => {
  it('come with a new customer, as operations of their own, and show at once', async () => {
    const { status, body } = await make({
      title: 'Dr',
      addresses: [{ street: 'A' }],
      contacts: [mail('a@contoso.com'), { kind: 'Phone', value: '1' }],
      affiliations: ['vip', 'club', 'vip'],
    });
    expect(status).toBe(202);
    const { operationIds, contactIds } = body as Accepted & { contactIds: string[] };
    expect(operationIds).toHaveLength(6);
    expect((await staged()).map(({ operation }) => operation)).toEqual([
      ...['createCustomer', 'createAddress', 'setContact', 'setContact', 'setAffiliation', 'setAffiliation'],
    ]);
    expect(await view()).toMatchObject({
      title: 'Dr',
      addresses: [{ street: 'A' }],
      contacts: [
        { id: contactIds[0], ...mail('a@contoso.com') },
        { id: contactIds[1], kind: 'Phone', value: '1', isPrimary: false, marketingConsent: false },
      ],
      affiliations: ['vip', 'club'],
      syncStatus: 'Pending',
    });
  });

  it('are set and removed one by one; a set tells whether it makes or replaces', async () => {
    await make();
    const put = async (path: string, body: object = {}) =>
      (await app.pos('PUT', `${CUSTOMER}/${path}`, { body })).status;
    const remove = async (path: string) => (await app.pos('DELETE', `${CUSTOMER}/${path}`)).status;
    expect(await put(`contacts/${CONTACT}`, mail('a@contoso.com'))).toBe(202);
    expect(await put(`contacts/${OTHER_CONTACT}`, mail('b@contoso.com'))).toBe(202);
    expect(await put(`contacts/${CONTACT}`, mail('c@contoso.com', false))).toBe(202);
    expect(await put('affiliations/vip')).toBe(202);
    expect(await put('attributes/shoeSize', { dataType: 'integer', value: 42 })).toBe(202);
    expect(await put('attributes/shoeSize', { dataType: 'integer', value: 43 })).toBe(202);
    expect(await view()).toMatchObject({
      contacts: [
        { id: OTHER_CONTACT, isPrimary: true },
        { id: CONTACT, value: 'c@contoso.com' },
      ],
      affiliations: ['vip'],
      attributes: [{ name: 'shoeSize', dataType: 'integer', value: '43' }],
    });
    for (const path of [`contacts/${CONTACT}`, 'affiliations/vip', 'attributes/shoeSize']) {
      expect(await remove(path)).toBe(202);
      expect(await remove(path)).toBe(404);
    }
    expect(await view()).toMatchObject({ contacts: [{ id: OTHER_CONTACT }], affiliations: [], attributes: [] });
    const codes = (await staged()).slice(1).map(({ operation, code }) => `${operation} ${code ?? ''}`.trim());
    expect(codes).toEqual([
      ...['setContact', 'setContact', 'setContact 2', 'setAffiliation', 'setAttribute', 'setAttribute 2'],
      ...['removeContact', 'removeAffiliation', 'removeAttribute'],
    ]);
  });

  it.each([
    ['the empty GUID', `contacts/00000000-0000-0000-0000-000000000000`, mail('a@contoso.com'), 400],
    ['the GUID of all ones', `contacts/ffffffff-ffff-ffff-ffff-ffffffffffff`, mail('a@contoso.com'), 400],
    ['an id that is no GUID', `contacts/mail`, mail('a@contoso.com'), 400],
    ['an id of ours that it does not know', `contacts/${CONTACT.replace('-4', '-8')}`, mail('a@contoso.com'), 422],
    ["the customer's own id", `contacts/${GUID}`, mail('a@contoso.com'), 422],
    ['another kind', `contacts/${CONTACT}`, { kind: 'Fax', value: '1' }, 400],
    ['a data type that is not taken', 'attributes/a', { dataType: 'datetime', value: '1' }, 400],
    ['an affiliation that is no id', 'affiliations/v%20p', {}, 400],
  ])('refuse %s', async (_name, path, body, status) => {
    await make();
    expect((await app.pos('PUT', `${CUSTOMER}/${path}`, { body })).status).toBe(status);
    expect(await staged()).toHaveLength(1);
  });

  it('refuse a contact id of another customer', async () => {
    await make();
    await app.pos('PUT', `${CUSTOMER}/contacts/${CONTACT}`, { body: mail('a@contoso.com') });
    await app.database.applyDownload('pos', [snapshotOf(OTHER_GUID)]);
    const path = `/api/channels/pos/customers/${OTHER_GUID}/contacts/${CONTACT}`;
    expect((await app.pos('PUT', path, { body: mail('b@contoso.com') })).status).toBe(409);
  });

  it('lie over what was downloaded, one primary contact at a time', async () => {
    const contacts = [{ id: CONTACT, columns: mail('a@contoso.com') }];
    const attributes = [{ name: 'shoeSize', dataType: 'integer', value: '42' }];
    await app.database.applyDownload('pos', [snapshotOf(GUID, { contacts, attributes, affiliations: ['vip'] })]);
    await app.pos('PUT', `${CUSTOMER}/contacts/${OTHER_CONTACT}`, { body: mail('b@contoso.com') });
    await app.pos('DELETE', `${CUSTOMER}/affiliations/vip`);
    expect(await view()).toMatchObject({
      contacts: [
        { id: CONTACT, isPrimary: false },
        { id: OTHER_CONTACT, isPrimary: true },
      ],
      affiliations: [],
      attributes,
    });
  });
});

describe('A11 contacts, affiliations and attributes in lists of changes', () => {
  it('do the same as requests, in order, and not twice', async () => {
    await make();
    const key = { customerId: GUID };
    const changes = [
      { operation: 'setContact', key: '1', ...key, contactId: CONTACT, body: mail('a@contoso.com') },
      { operation: 'setAffiliation', key: '2', ...key, affiliationId: 'vip' },
      { operation: 'setAttribute', key: '3', ...key, attributeName: 'size', body: { dataType: 'text', value: 'L' } },
      { operation: 'removeAttribute', key: '4', ...key, attributeName: 'size' },
      { operation: 'removeAffiliation', key: '5', ...key, affiliationId: 'none' },
      { operation: 'removeContact', key: '6', ...key },
    ];
    for (let round = 0; round < 2; round++) {
      const { body } = await app.pos('POST', '/api/channels/pos/changes', { body: { changes } });
      const { results } = body as { results: { status: number }[] };
      expect(results.map(({ status }) => status)).toEqual([202, 202, 202, 202, 404, 400]);
    }
    const again = { ...keyed('1'), body: mail('a@contoso.com') };
    expect((await app.pos('PUT', `${CUSTOMER}/contacts/${CONTACT}`, again)).status).toBe(202);
    expect(await staged()).toHaveLength(5);
  });
});
