import { beforeEach, describe, expect, it } from 'vitest';
import { type ChannelApp, GUID, openChannelApp, POS } from './channel-app.ts';

const CHANNEL = { name: 'Till 1', kind: 'POS', profile: { createCustomerInAsyncMode: true } };

let app: ChannelApp;
let nowMs = 0;

beforeEach(() => {
  nowMs = Date.parse('2026-03-01T10:00:00.000Z');
  app = openChannelApp({ now: () => nowMs });
});

async function account(): Promise<void> {
  await app.records.create({
    value: {
      ...{ id: GUID, table: 'account', ownerId: 'admin', state: 'Active', createdBy: 'admin', lookups: {} },
      createdOn: '2026-03-01T10:00:00.000Z',
      columns: { name: 'Default', accountNumber: 'D-1' },
    },
    origin: 'test',
  });
}

describe('A2 channels', () => {
  it('are made, replaced and read with their version', async () => {
    const { admin } = app;
    const made = await admin('PUT', '/api/channels/till-1', { body: CHANNEL });
    expect(made).toMatchObject({ status: 201, headers: { ETag: '"1"', Location: '/api/channels/till-1' } });
    expect(made.body).toMatchObject({ id: 'till-1', ...CHANNEL, version: 1 });
    const replaced = await admin('PUT', '/api/channels/till-1', {
      body: { ...CHANNEL, kind: 'ECommerce' },
      headers: { 'if-match': '"1"' },
    });
    expect(replaced).toMatchObject({ status: 200, headers: { ETag: '"2"' } });
    const stale = await admin('PUT', '/api/channels/till-1', { body: CHANNEL, headers: { 'if-match': '"1"' } });
    expect(stale.status).toBe(412);
    const read = await admin('GET', '/api/channels/till-1');
    expect(read.body).toEqual(replaced.body);
    expect(read.body).toMatchObject({ kind: 'ECommerce', createdOn: '2026-03-01T10:00:00.000Z' });
  });

  it('are listed newest first, page by page', async () => {
    for (const id of ['a', 'b', 'c']) {
      nowMs += 1000;
      await app.admin('PUT', `/api/channels/${id}`, { body: CHANNEL });
    }
    const first = (await app.admin('GET', '/api/channels?pageSize=2')).body as Page;
    expect(first.items.map(({ id }) => id)).toEqual(['c', 'b']);
    const next = await app.admin('GET', `/api/channels?pageSize=2&continuationToken=${first.continuationToken}`);
    expect((next.body as Page).items.map(({ id }) => id)).toEqual(['a']);
    expect((next.body as Page).continuationToken).toBeUndefined();
  });

  it('take a default customer by id or number, and keep its id', async () => {
    await account();
    for (const reference of [GUID.toUpperCase(), 'D-1']) {
      const made = await app.admin('PUT', '/api/channels/web', { body: { ...CHANNEL, defaultCustomer: reference } });
      expect(made.body).toMatchObject({ defaultCustomer: GUID });
    }
    const without = await app.admin('PUT', '/api/channels/web', { body: { ...CHANNEL, defaultCustomer: null } });
    expect(without.body).not.toHaveProperty('defaultCustomer');
    const unknown = await app.admin('PUT', '/api/channels/web', { body: { ...CHANNEL, defaultCustomer: 'D-2' } });
    expect(unknown).toMatchObject({ status: 422, body: { type: '/problems/rule-broken' } });
  });

  it('are known once they were PUT', async () => {
    await app.admin('PUT', '/api/channels/web', { body: CHANNEL });
    expect([await app.channels.find('web'), await app.channels.find('pos')]).toMatchObject([{ id: 'web' }, undefined]);
  });

  it.each([
    ['PUT', '/api/channels/till 1', 400],
    ['GET', '/api/channels/none', 404],
    ['GET', '/api/channels/none/customers', 404],
    ['GET', `/api/channels/none/customers/${GUID}`, 404],
    ['GET', `/api/channels/none/operations/${GUID}.none.1`, 404],
    ['DELETE', `/api/channels/none/customers/${GUID}/addresses/${GUID}`, 404],
  ] as const)('that are not there, or could not be, are refused: %s %s', async (method, path, status) => {
    const body = method === 'PUT' ? { body: CHANNEL } : {};
    expect((await app.admin(method, path, body)).status).toBe(status);
  });

  it.each([
    ['POST', '/api/channels/none/customers', { name: 'A' }],
    ['PATCH', `/api/channels/none/customers/${GUID}`, { name: 'A' }],
    ['POST', `/api/channels/none/customers/${GUID}/addresses`, { street: 'A' }],
    ['PATCH', `/api/channels/none/customers/${GUID}/addresses/${GUID}`, { street: 'A' }],
    ['POST', '/api/channels/none/changes', { changes: [{}] }],
  ] as const)('that are not there take no changes: %s %s', async (method, path, body) => {
    expect((await app.admin(method, path, { body })).status).toBe(404);
  });
});

describe('E4 a channel', () => {
  it('sees and changes neither the list of channels nor another channel', async () => {
    await app.admin('PUT', '/api/channels/pos', { body: CHANNEL });
    await app.admin('PUT', '/api/channels/web', { body: CHANNEL });
    const pos = app.as(POS);
    for (const path of ['/api/channels', '/api/channels/pos', '/api/channels/web/customers']) {
      expect((await pos('GET', path)).status).toBe(403);
    }
    expect((await pos('PUT', '/api/channels/pos', { body: CHANNEL })).status).toBe(403);
    expect((await pos('POST', '/api/channels/web/changes', { body: { changes: [{}] } })).status).toBe(403);
    expect((await pos('GET', '/api/channels/pos/customers')).status).toBe(200);
    const user = app.as({ role: 'User', id: 'anna', channel: undefined });
    expect((await user('GET', '/api/channels/pos/customers')).status).toBe(403);
  });
});

interface Page {
  readonly items: { readonly id: string }[];
  readonly continuationToken?: string;
}
