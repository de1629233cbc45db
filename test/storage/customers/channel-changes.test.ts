import { beforeEach, describe, expect, it } from 'vitest';
import { isOwnId } from '../../../shared/records/record-ids.ts';
import { ADMIN, type TestCall } from '../../support/http-call.ts';
import {
  type Accepted,
  type ChannelApp,
  GUID,
  keyed,
  OTHER_GUID,
  openChannelApp,
  putChannels,
  snapshotOf,
  WEB,
} from './channel-app.ts';

const CUSTOMERS = '/api/channels/pos/customers';

let app: ChannelApp;
let pos: TestCall;

beforeEach(async () => {
  app = openChannelApp();
  pos = app.pos;
  await putChannels(app);
});

async function create(body: object = { name: 'Zoë Łukasz' }, key?: string): Promise<Accepted> {
  const answer = await pos('POST', CUSTOMERS, { body, ...(key !== undefined && keyed(key)) });
  expect(answer).toMatchObject({ status: 202, errors: [] });
  return answer.body as Accepted;
}

const view = async (id: string) => (await pos('GET', `${CUSTOMERS}/${id}`)).body as Record<string, unknown>;
const staged = () => app.staging.readAfter('pos', 0, 1000);

describe('A4 changes of a channel', () => {
  it('are staged with who sent them, and answered with where the operation is', async () => {
    const answer = await pos('POST', CUSTOMERS, { body: { name: 'Zoë', email: 'zoe@contoso.com' } });
    const { operationId, customerId } = answer.body as Accepted;
    expect(isOwnId(customerId)).toBe(true);
    expect(answer).toMatchObject({
      status: 202,
      body: { operationId: `${customerId}.pos.1`, customerId, mode: 'Async', configurationVersion: 3 },
      headers: { Location: `/api/channels/pos/operations/${operationId}` },
    });
    expect(await staged()).toMatchObject([
      {
        ...{ channel: 'pos', replicationCounter: 1, operation: 'createCustomer', customerAsyncId: customerId },
        ...{ targetId: customerId, body: { name: 'Zoë', email: 'zoe@contoso.com' }, createdBy: 'channel:pos' },
      },
    ]);
  });

  it('stage a customer and its addresses together, in order', async () => {
    const addresses = [{ street: 'A' }, { id: OTHER_GUID, street: 'B' }];
    const made = await create({ name: 'Zoë', customerAsyncId: GUID.toUpperCase(), addresses });
    expect(made.customerId).toBe(GUID);
    expect(made.operationIds).toEqual([1, 2, 3].map((counter) => `${GUID}.pos.${counter}`));
    expect(made.addressIds?.[1]).toBe(OTHER_GUID);
    expect((await staged()).map(({ operation, targetId, body }) => [operation, targetId, body])).toEqual([
      ['createCustomer', GUID, { name: 'Zoë' }],
      ['createAddress', made.addressIds?.[0], { street: 'A' }],
      ['createAddress', OTHER_GUID, { street: 'B' }],
    ]);
  });

  it('of every kind reach the customer they are for', async () => {
    const { customerId } = await create();
    const path = `${CUSTOMERS}/${customerId.toUpperCase()}`;
    const edited = await pos('PATCH', path, { body: { name: 'Zoe', title: null } });
    const address = await pos('POST', `${path}/addresses`, { body: { street: 'A', city: 'B' } });
    const { addressId } = address.body as Accepted;
    const patched = await pos('PATCH', `${path}/addresses/${addressId?.toUpperCase()}`, { body: { city: null } });
    const ended = await pos('DELETE', `${path}/addresses/${addressId}`);
    expect([edited, address, patched, ended].map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(address.body).toMatchObject({ customerId, operationId: `${customerId}.pos.3`, addressId });
    expect(patched.body).toMatchObject({ customerId, addressId });
    expect((await staged()).map(({ operation, targetId, body }) => [operation, targetId, body])).toEqual([
      ['createCustomer', customerId, { name: 'Zoë Łukasz' }],
      ['editCustomer', customerId, { name: 'Zoe', title: null }],
      ['createAddress', addressId, { street: 'A', city: 'B' }],
      ['editAddress', addressId, { city: null }],
      ['deactivateAddress', addressId, {}],
    ]);
  });

  it.each([
    ['an unknown customer', 'PATCH', `/${GUID}`, { name: 'A' }, 404],
    ['an unknown account number', 'PATCH', '/C-1', { name: 'A' }, 404],
    ['an address of an unknown customer', 'POST', `/${GUID}/addresses`, { street: 'A' }, 404],
    ['unknown columns', 'POST', '', { name: 'A', colour: 'red' }, 400],
    ['an id that only we make', 'POST', '', { name: 'A', customerAsyncId: GUID.replace('-41', '-81') }, 422],
    [
      'a new address with an id that only we make',
      'POST',
      '',
      { name: 'A', addresses: [{ street: 'A', id: GUID.replace('-41', '-81') }] },
      422,
    ],
    [
      'two addresses of one id',
      'POST',
      '',
      {
        name: 'A',
        addresses: [
          { street: 'A', id: GUID },
          { street: 'B', id: GUID },
        ],
      },
      422,
    ],
    ['an affiliation that is no id', 'POST', '', { name: 'A', affiliations: ['v i p'] }, 400],
    ['contacts without a value', 'POST', '', { name: 'A', contacts: [{ kind: 'Email' }] }, 400],
  ] as const)('refuse %s and stage nothing', async (_what, method, path, body, status) => {
    const answer = await pos(method, `${CUSTOMERS}${path}`, { body });
    expect(answer).toMatchObject({ status, errors: [] });
    expect(await staged()).toEqual([]);
  });

  it('refuse an address that is not there, not there any more, or there already, and a customer made twice', async () => {
    const addresses = [{ id: OTHER_GUID, street: 'A' }];
    await create({ name: 'Zoë', customerAsyncId: GUID, addresses });
    const path = `${CUSTOMERS}/${GUID}/addresses`;
    expect((await pos('PATCH', `${path}/${GUID}`, { body: { city: 'B' } })).status).toBe(404);
    expect((await pos('POST', path, { body: addresses[0] })).status).toBe(409);
    expect((await pos('DELETE', `${path}/${OTHER_GUID}`)).status).toBe(202);
    expect((await pos('DELETE', `${path}/${OTHER_GUID}`)).status).toBe(404);
    expect((await pos('PATCH', `${path}/${OTHER_GUID}`, { body: { city: 'B' } })).status).toBe(404);
    const twice = await pos('POST', CUSTOMERS, { body: { name: 'A', customerAsyncId: GUID } });
    expect(twice).toMatchObject({ status: 409, body: { type: '/problems/conflict' } });
  });

  it('are not known to other channels', async () => {
    await create({ name: 'Zoë', customerAsyncId: GUID });
    const web = app.as(WEB);
    expect((await web('PATCH', `/api/channels/web/customers/${GUID}`, { body: { name: 'A' } })).status).toBe(404);
    expect((await web('GET', `/api/channels/web/customers/${GUID}`)).status).toBe(404);
  });

  it('honour If-Match with the version of the view', async () => {
    const { customerId } = await create();
    const path = `${CUSTOMERS}/${customerId}`;
    const seen = { 'if-match': (await pos('GET', path)).headers.ETag ?? '' };
    expect((await pos('PATCH', path, { body: { name: 'A' }, headers: seen })).status).toBe(202);
    expect((await pos('PATCH', path, { body: { name: 'B' }, headers: seen })).status).toBe(412);
    expect((await view(customerId)).name).toBe('A');
  });
});

describe('A11 the same request again', () => {
  it('gets the same answer and stages nothing, whoever sends it', async () => {
    const body = { name: 'Zoë', addresses: [{ street: 'A' }] };
    const first = await create(body, 'k1');
    expect(await create(body, 'k1')).toEqual(first);
    const byAdmin = await app.as(ADMIN)('POST', CUSTOMERS, { body, ...keyed('k1') });
    expect(byAdmin.body).toEqual(first);
    expect(await staged()).toHaveLength(2);
  });

  it('with another body is refused', async () => {
    await create({ name: 'Zoë' }, 'k1');
    const other = await pos('POST', CUSTOMERS, { body: { name: 'Ann' }, ...keyed('k1') });
    expect(other).toMatchObject({ status: 422, body: { type: '/problems/idempotency-key-reused' } });
    const { customerId } = await create({ name: 'Ann' }, 'k2');
    expect((await pos('PATCH', `${CUSTOMERS}/${customerId}`, { body: { name: 'Zoë' }, ...keyed('k2') })).status).toBe(
      422,
    );
    expect(await staged()).toHaveLength(2);
  });

  it('under the key of another channel is another request', async () => {
    await create({ name: 'Zoë' }, 'k1');
    const answer = await app.as(WEB)('POST', '/api/channels/web/customers', { body: { name: 'Zoë' }, ...keyed('k1') });
    expect(answer.status).toBe(202);
    expect(await app.staging.readAfter('web', 0, 10)).toHaveLength(1);
  });

  it('may be mended and sent again after a refusal', async () => {
    const path = `${CUSTOMERS}/${GUID}`;
    expect((await pos('PATCH', path, { body: { name: 'A' }, ...keyed('k1') })).status).toBe(404);
    await create({ name: 'Zoë', customerAsyncId: GUID });
    expect((await pos('PATCH', path, { body: { name: 'A' }, ...keyed('k1') })).status).toBe(202);
  });
});

describe('A7 both ids of a customer', () => {
  it('work in the channel once the number was downloaded', async () => {
    const { customerId } = await create();
    await app.database.applyDownload('pos', [snapshotOf(customerId)]);
    expect(await view('C-000007')).toMatchObject({ customerId, accountNumber: 'C-000007' });
    expect(await view(customerId.toUpperCase())).toMatchObject({ customerId });
    const edited = await pos('PATCH', `${CUSTOMERS}/C-000007`, { body: { phone: '1' } });
    expect(edited).toMatchObject({ status: 202, body: { customerId } });
    const address = await pos('POST', `${CUSTOMERS}/C-000007/addresses`, { body: { street: 'A' } });
    const { addressId } = address.body as Accepted;
    expect((await pos('DELETE', `${CUSTOMERS}/C-000007/addresses/${addressId}`)).status).toBe(202);
    expect((await pos('GET', `/api/channels/web/customers/C-000007`)).status).toBe(403);
    expect((await app.as(WEB)('GET', `/api/channels/web/customers/C-000007`)).status).toBe(404);
  });
});

describe('A14 the channel’s own view', () => {
  it('includes its changes at once', async () => {
    const { customerId, addressIds } = await create({ name: 'Zoë', addresses: [{ street: 'A' }, { street: 'B' }] });
    expect(await view(customerId)).toMatchObject({
      ...{ accountNumber: 'Pending sync', syncStatus: 'Pending', name: 'Zoë', configurationVersion: 3 },
      addresses: [{ street: 'A' }, { street: 'B' }],
    });
    const path = `${CUSTOMERS}/${customerId}`;
    await pos('PATCH', path, { body: { email: 'z@contoso.com' } });
    await pos('DELETE', `${path}/addresses/${addressIds?.[0]}`);
    expect(await view(customerId)).toMatchObject({
      ...{ name: 'Zoë', email: 'z@contoso.com' },
      addresses: [{ id: addressIds?.[1], street: 'B' }],
    });
  });

  it('follows its operations through headquarters, and keeps what failed', async () => {
    const { customerId } = await create({ name: 'Zoë' });
    await pos('PATCH', `${CUSTOMERS}/${customerId}`, { body: { phone: '1' } });
    const [made, edited] = await staged();
    if (!made || !edited) throw new Error('nothing staged');
    app.hq.put(made, '01', 'Uploaded');
    app.hq.put(edited, '02', 'Uploaded');
    expect((await view(customerId)).syncStatus).toBe('Uploaded');
    app.hq.put(made, '01', 'Completed');
    app.hq.put(edited, '02', 'Failed');
    await app.database.applyDownload('pos', [
      snapshotOf(customerId, { appliedThrough: '01', columns: { name: 'HQ' } }),
    ]);
    expect(await view(customerId)).toMatchObject({ syncStatus: 'Failed', name: 'HQ', phone: '1' });
    app.hq.put(edited, '02', 'Completed');
    expect(await view(customerId)).toMatchObject({ syncStatus: 'Synchronized', name: 'HQ', phone: '1' });
    const last = snapshotOf(customerId, { appliedThrough: '02', columns: { name: 'HQ', phone: '+1' } });
    await app.database.applyDownload('pos', [last]);
    expect(await view(customerId)).toMatchObject({ syncStatus: 'Synchronized', phone: '+1' });
  });

  it('lists its customers newest first and finds them by the beginnings of words, pending changes included', async () => {
    const ids: string[] = [];
    for (const name of ['Anna Berg', 'Björn Ångström', '山田 太郎']) ids.push((await create({ name })).customerId);
    await pos('PATCH', `${CUSTOMERS}/${ids[0]}`, { body: { name: 'Anna Huber', email: 'anna@contoso.com' } });
    await app.database.applyDownload('pos', [snapshotOf(ids[1] ?? '', { columns: { name: 'Björn Ångström' } })]);
    const list = async (query = '') =>
      ((await pos('GET', `${CUSTOMERS}${query}`)).body as { items: { id: string }[] }).items.map(({ id }) =>
        ids.indexOf(id),
      );
    expect(new Set(await list())).toEqual(new Set([0, 1, 2]));
    const search = (text: string) => list(`?search=${encodeURIComponent(text)}`);
    expect(await search('ÅNG')).toEqual([1]);
    expect(await search('山田')).toEqual([2]);
    expect(await search('hub')).toEqual([0]);
    expect(await search('contoso')).toEqual([0]);
    expect(await search('c-000007')).toEqual([1]);
    expect(await search('berg')).toEqual([]);
    expect(await search('pending')).toEqual([]);
  });

  it('lists by page, each customer once, in the order of their making', async () => {
    let nowMs = Date.parse('2026-03-01T10:00:00.000Z');
    app = openChannelApp({ now: () => nowMs });
    pos = app.pos;
    await putChannels(app);
    const made: string[] = [];
    for (let at = 0; at < 5; at++) {
      nowMs += 1000;
      made.push((await create({ name: `Customer ${at}` })).customerId);
    }
    const listed: string[] = [];
    for (let token: string | undefined = ''; token !== undefined; ) {
      const query: string = `?pageSize=2${token && `&continuationToken=${token}`}`;
      const page = (await pos('GET', CUSTOMERS + query)).body as {
        items: { id: string }[];
        continuationToken?: string;
      };
      listed.push(...page.items.map(({ id }) => id));
      token = page.continuationToken;
    }
    expect(listed).toEqual(made.reverse());
  });
});

describe('A8 an operation as its channel sees it', () => {
  it('is pending with old and new values, then what headquarters says', async () => {
    const { customerId } = await create({ name: 'Zoë' });
    const edited = await pos('PATCH', `${CUSTOMERS}/${customerId}`, { body: { name: 'Zoe', phone: '1' } });
    const { operationId } = edited.body as Accepted;
    const path = `/api/channels/pos/operations/${operationId}`;
    const pending = await pos('GET', path);
    expect(pending).toMatchObject({ status: 200, headers: { ETag: '"0"' } });
    expect(pending.body).toEqual({
      ...{ id: operationId, channel: 'pos', stagingTable: 'RETAILASYNCCUSTOMERV2', replicationCounter: 2 },
      ...{ operationCode: 2, operation: 'editCustomer', accountNumber: null, customerAsyncId: customerId },
      ...{ status: 'Pending', onlineOperationCompleted: 0, lastError: null, appliedOn: null },
      ...{
        editedBy: null,
        editedOn: null,
        discardReason: null,
        discardedBy: null,
        discardedOn: null,
        original: null,
        createdOn: expect.any(String),
        description: expect.stringContaining('P-0001'),
      },
      attributes: [
        { name: 'name', old: 'Zoë', new: 'Zoe' },
        { name: 'phone', old: null, new: '1' },
      ],
    });
    const [, second] = await staged();
    if (second) app.hq.put(second, '02', 'Held');
    const uploaded = await pos('GET', path);
    expect(uploaded).toMatchObject({ status: 200, headers: { ETag: '"3"' }, body: { status: 'Held', channel: 'pos' } });
    expect(Object.keys(uploaded.body as object).sort()).toEqual(Object.keys(pending.body as object).sort());
  });

  it('is found by its own channel and whole id alone', async () => {
    const { customerId } = await create({ name: 'Zoë' });
    await app.as(WEB)('POST', '/api/channels/web/customers', { body: { name: 'A', customerAsyncId: GUID } });
    const get = async (id: string) => (await pos('GET', `/api/channels/pos/operations/${id}`)).status;
    expect(await get(`${customerId.toUpperCase()}.pos.1`)).toBe(200);
    expect(await get(`${customerId}.pos.2`)).toBe(404);
    expect(await get(`${GUID}.pos.1`)).toBe(404);
    expect(await get(`${GUID}.web.1`)).toBe(404);
    expect(await get('nonsense')).toBe(404);
    expect((await pos('GET', `/api/channels/web/operations/${GUID}.web.1`)).status).toBe(403);
  });
});
