import { beforeEach, describe, expect, it } from 'vitest';
import { operationId } from '../../../shared/customers/customer-operation.ts';
import { type BothSides, openBothSides } from './both-sides.ts';
import { type Accepted, type ChannelApp, GUID, putChannels, WEB } from './channel-app.ts';
import { applyAll, downloadAll, uploadAll } from './hq-fixture.ts';

/** Both sides over one storage, without a host: the jobs' steps are called in turn. */
const CUSTOMERS = '/api/channels/pos/customers';

let app: ChannelApp;
let hq: BothSides['hq'];
let clock: BothSides['clock'];

beforeEach(async () => {
  ({ app, hq, clock } = openBothSides());
  await putChannels(app);
});

/** Brings to the channels what has been in the feed for a while. */
async function download(): Promise<void> {
  clock.nowMs += 10 * 60_000;
  await downloadAll(hq);
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
    await uploadAll(hq);
    expect(await view(id)).toMatchObject({ ...shown, syncStatus: 'Uploaded', accountNumber: 'Pending sync' });
    expect(await app.records.find('account', id)).toBeUndefined();
    await applyAll(hq);
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
    await uploadAll(hq);
    await applyAll(hq);
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
    await uploadAll(hq);
    await applyAll(hq);
    await download();
    await hq.feed.noteCustomersChanged([GUID]);
    await app.records.change(
      'account',
      GUID,
      { columns: { title: 'Dr' } },
      { by: 'anna', on: new Date(clock.nowMs).toISOString() },
    );
    await app.pos('PATCH', `${CUSTOMERS}/${GUID}`, { body: { name: 'Zoe' } });
    await download();
    expect(await view(GUID)).toMatchObject({ name: 'Zoe', title: 'Dr', syncStatus: 'Pending' });
    await uploadAll(hq);
    await applyAll(hq);
    await download();
    expect(await view(GUID)).toMatchObject({ name: 'Zoe', title: 'Dr', syncStatus: 'Synchronized' });
    expect(await own(GUID)).toEqual([]);
  });
});
