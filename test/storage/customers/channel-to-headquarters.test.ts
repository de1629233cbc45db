import { beforeEach, describe, expect, it } from 'vitest';
import { operationId } from '../../../shared/customers/customer-operation.ts';
import { type HqServices, openHqServices } from '../../../shared/customers/headquarters/hq-services.ts';
import { type Accepted, type ChannelApp, GUID, openChannelApp, putChannels, WEB } from './channel-app.ts';

/** Both sides over one storage, without a host: the jobs' steps are called in turn. */
const CUSTOMERS = '/api/channels/pos/customers';
const START_MS = Date.parse('2026-03-01T10:00:00.000Z');

let app: ChannelApp;
let hq: HqServices;
let nowMs: number;

beforeEach(async () => {
  nowMs = START_MS;
  const now = () => nowMs;
  const port: HqServices['operations']['findMany'] = (keys) => hq.operations.findMany(keys);
  app = openChannelApp({ now, hq: { put: () => undefined, port: { findMany: port } } });
  const { storage, records, channels, staging, database, features, configurations } = app;
  hq = openHqServices({
    storage,
    records,
    channels,
    staged: staging,
    channelDatabase: database,
    features,
    configurations,
    now,
  });
  await putChannels(app);
});

async function upload(): Promise<void> {
  for (let skip: string[] = []; ; ) {
    const { channel } = await hq.uploadJob.uploadPage({ skip });
    if (channel === null) return;
    skip = [...skip, channel];
  }
}

async function synchronize(): Promise<void> {
  const { groups } = await hq.applyJob.listPending(undefined);
  for (const group of groups) await hq.applyJob.applyCustomers(group, 'run');
}

async function download(): Promise<void> {
  nowMs += 10 * 60_000;
  for (const stretch of (await hq.downloadJob.plan('1010', undefined)).stretches) {
    for (let next: typeof stretch | undefined = stretch; next; ) next = (await hq.downloadJob.downloadPage(next)).next;
  }
}

const view = async (id: string) => (await app.pos('GET', `${CUSTOMERS}/${id}`)).body as Record<string, unknown>;
const own = async (id: string) => (await app.customers.find('pos', id))?.operations.map(operationId);

describe('A6 A7 A14 a customer on its way to headquarters and back', () => {
  it('looks the same to its channel all the way, and to headquarters begins with its synchronization', async () => {
    const body = { name: 'Zoë Łukasz', email: 'zoe@contoso.com', addresses: [{ street: 'Ring 1' }, { street: 'B' }] };
    const made = (await app.pos('POST', CUSTOMERS, { body })).body as Accepted;
    const id = made.customerId;
    await app.pos('PATCH', `${CUSTOMERS}/${id}`, { body: { phone: '+43 1', email: null } });
    await app.pos('DELETE', `${CUSTOMERS}/${id}/addresses/${made.addressIds?.[1]}`);
    const shown = { name: 'Zoë Łukasz', phone: '+43 1', addresses: [{ id: made.addressIds?.[0], street: 'Ring 1' }] };
    expect(await view(id)).toMatchObject({ ...shown, syncStatus: 'Pending', accountNumber: 'Pending sync' });
    await upload();
    expect(await view(id)).toMatchObject({ ...shown, syncStatus: 'Uploaded', accountNumber: 'Pending sync' });
    expect(await app.records.find('account', id)).toBeUndefined();
    await synchronize();
    expect(await view(id)).toMatchObject({ ...shown, syncStatus: 'Synchronized', accountNumber: 'Pending sync' });
    expect((await app.records.get('account', id)).value.columns).toMatchObject({ name: 'Zoë Łukasz', phone: '+43 1' });
    const number = String((await app.records.get('account', id)).value.columns.accountNumber);
    expect(await view(number)).toEqual(await view(id));
    expect((await app.as(WEB)('GET', `/api/channels/web/customers/${number}`)).status).toBe(404);
    await download();
    expect(await view(id)).toMatchObject({ accountNumber: number });
    expect(await view(number)).toEqual(await view(id));
    expect(await view(id)).toMatchObject({ ...shown, syncStatus: 'Synchronized' });
    expect(await view(id)).not.toHaveProperty('email');
    expect(await own(id)).toEqual([]);
    expect((await app.as(WEB)('GET', `/api/channels/web/customers/${number}`)).body).toMatchObject(shown);
  });

  it('that fails stays visible in its channel with its status, and its operations tell the reason', async () => {
    const body = { name: 'Bad', customerAsyncId: GUID, currency: 'NONE' };
    const made = (await app.pos('POST', CUSTOMERS, { body })).body as Accepted;
    await app.pos('PATCH', `${CUSTOMERS}/${GUID}`, { body: { phone: '1' } });
    await upload();
    await synchronize();
    await download();
    expect(await view(GUID)).toMatchObject({ syncStatus: 'Failed', accountNumber: 'Pending sync', phone: '1' });
    const operation = (await app.pos('GET', `/api/channels/pos/operations/${made.operationId}`)).body;
    expect(operation).toMatchObject({
      status: 'Failed',
      channel: 'pos',
      lastError: expect.stringContaining('currency'),
    });
    const held = (await app.pos('GET', `/api/channels/pos/operations/${GUID}.pos.2`)).body;
    expect(held).toMatchObject({ status: 'Held' });
    const answer = await app.as(WEB)('GET', `/api/channels/web/customers/${GUID}`);
    expect(answer.status).toBe(404);
  });

  it('edited again after it was downloaded keeps what headquarters changed beside it', async () => {
    const body = { name: 'Zoë', customerAsyncId: GUID };
    await app.pos('POST', CUSTOMERS, { body });
    await upload();
    await synchronize();
    await download();
    await hq.feed.noteCustomersChanged([GUID]);
    await app.records.change(
      'account',
      GUID,
      { columns: { title: 'Dr' } },
      { by: 'anna', on: new Date(nowMs).toISOString() },
    );
    await app.pos('PATCH', `${CUSTOMERS}/${GUID}`, { body: { name: 'Zoe' } });
    await download();
    expect(await view(GUID)).toMatchObject({ name: 'Zoe', title: 'Dr', syncStatus: 'Pending' });
    await upload();
    await synchronize();
    await download();
    expect(await view(GUID)).toMatchObject({ name: 'Zoe', title: 'Dr', syncStatus: 'Synchronized' });
    expect(await own(GUID)).toEqual([]);
  });
});
