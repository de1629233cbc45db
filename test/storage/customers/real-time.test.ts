/**
 * Bugs hunted here: a retry that makes a second customer; an operation that is applied twice or passed over; one that
 * overtakes what was there before it; a change that its own channel doesn't see.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { FEATURE_KEYS } from '../../../shared/customers/configuration/feature.ts';
import { crashAfter } from '../../support/crashing-storage.ts';
import { writesToDieAt } from '../../support/writes-to-die-at.ts';
import { type BothSides, openBothSides } from './both-sides.ts';
import { GUID, keyed, makeChannels, putChannels } from './channel-app.ts';
import { applyAll, customerState, operationsOf, uploadAll } from './hq-fixture.ts';

const CUSTOMERS = '/api/channels/pos/customers';

interface Body {
  readonly operationId: string;
  readonly customerId: string;
  readonly mode: string;
  readonly accountNumber: string;
  readonly addressIds?: string[];
  readonly reason: string;
}

let both: BothSides;
beforeEach(async () => {
  both = openBothSides();
  await makeChannels(both.app);
});

async function send(
  side: BothSides,
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  key?: string,
) {
  const answer = await side.app.pos(method, path, { body, ...(key && keyed(key)) });
  return { status: answer.status, body: answer.body as Body };
}

const view = async (id: string) => (await both.app.pos('GET', `${CUSTOMERS}/${id}`)).body as Record<string, unknown>;

async function accounts(): Promise<number> {
  let count = 0;
  for await (const _ of both.app.storage.table('recordsaccount').rows({})) count++;
  return count;
}

describe('A2 A4 a Real-time Service call', () => {
  it('makes the customer at headquarters at once, with its account number, and shows it in its channel', async () => {
    const given = { name: 'Ann', addresses: [{ street: 'Ring 1' }, { street: 'Ring 2' }] };
    const { status, body } = await send(both, 'POST', CUSTOMERS, given, 'one');
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { mode: 'RealTime', missingJobs: ['1110', '1010', '1070'], reason: expect.stringContaining('1110') },
    });
    const state = await customerState({ records: both.app.records }, body.customerId);
    expect(state.account?.columns).toMatchObject({ name: 'Ann', accountNumber: body.accountNumber });
    expect(state.addresses).toHaveLength(2);
    expect(await view(body.accountNumber)).toMatchObject({
      ...{ name: 'Ann', accountNumber: body.accountNumber, syncStatus: 'Synchronized' },
      addresses: expect.arrayContaining(['Ring 1', 'Ring 2'].map((street) => expect.objectContaining({ street }))),
    });
    const operation = await both.app.pos('GET', `/api/channels/pos/operations/${body.operationId}`);
    expect(operation.body).toMatchObject({ status: 'Completed', onlineOperationCompleted: 1 });
    expect((await send(both, 'POST', CUSTOMERS, given, 'one')).body).toEqual(body);
  });

  it('edits, and deactivates addresses, each change over the one before', async () => {
    const made = (await send(both, 'POST', CUSTOMERS, { name: 'Ann', addresses: [{ street: 'A' }] })).body;
    const path = `${CUSTOMERS}/${made.customerId}`;
    for (const phone of ['1', '2', '3']) expect((await send(both, 'PATCH', path, { phone })).status).toBe(200);
    const address = await send(both, 'POST', `${path}/addresses`, { street: 'B' });
    expect(address.status).toBe(201);
    expect((await send(both, 'DELETE', `${path}/addresses/${made.addressIds?.[0]}`)).status).toBe(200);
    expect(await view(made.customerId)).toMatchObject({ phone: '3', addresses: [{ street: 'B' }] });
    expect((await both.app.records.get('account', made.customerId)).value.version).toBe(4);
    expect(await operationsOf(both.hq, made.customerId)).toEqual([]);
  });

  it('that headquarters refuses changes nothing, and can be mended under the same key', async () => {
    const body = { name: 'Ann', customerAsyncId: GUID, currency: 'NONE' };
    const refused = await both.app.pos('POST', CUSTOMERS, { body, ...keyed('k') });
    expect(refused).toMatchObject({ status: 422, body: { detail: expect.stringContaining('currency') } });
    expect(JSON.stringify(refused.body)).not.toContain('synchronize');
    expect(await accounts()).toBe(0);
    expect((await send(both, 'POST', CUSTOMERS, { ...body, currency: 'EUR' }, 'k')).status).toBe(201);
  });

  it('comes between what was uploaded before and after it', async () => {
    const { customerId } = (await send(both, 'POST', CUSTOMERS, { name: 'Ann' })).body;
    await putChannels(both.app);
    const edit = (phone: string) => send(both, 'PATCH', `${CUSTOMERS}/${customerId}`, { phone });
    expect((await edit('staged')).status).toBe(202);
    await uploadAll(both.hq);
    await applyAll(both.hq);
    await both.app.features.putFeature({ ...OFF, by: 'admin', ifMatch: undefined });
    await both.app.configurations.noteDownload('pos', '1110', { on: '', copy: await nothingOn() });
    expect((await edit('at once')).status).toBe(200);
    expect((await both.app.records.get('account', customerId)).value.columns.phone).toBe('at once');
    await both.app.features.putFeature({ ...OFF, enabled: true, by: 'admin', ifMatch: undefined });
    await putChannels(both.app);
    expect((await edit('staged again')).status).toBe(202);
    await uploadAll(both.hq);
    expect(await applyAll(both.hq)).toMatchObject({ applied: 1 });
    expect((await both.app.records.get('account', customerId)).value).toMatchObject({
      ...{ version: 4, columns: { phone: 'staged again' } },
    });
  });
});

const OFF = { key: 'editCustomersAsync', enabled: false } as const;

/** Headquarters' set-up with all features off, in the present revision. */
async function nothingOn() {
  const { revision, features } = await both.app.features.readFeatures();
  const off = FEATURE_KEYS.map((key) => [key, { enabled: false, changedIn: features[key].changedIn }] as const);
  const flags = Object.fromEntries(off) as Record<(typeof FEATURE_KEYS)[number], { enabled: false; changedIn: number }>;
  const { version = 0 } = (await both.app.channels.find('pos')) ?? {};
  const profile = { channelVersion: version, createCustomerInAsyncMode: true, profileChangedIn: 1 };
  return { featuresRevision: revision, features: flags, ...profile };
}

describe('A10 a Real-time Service call that can not be made', () => {
  it('is staged when headquarters can not be reached, says so, and is synchronized later', async () => {
    both.app.settings.hqReachable = false;
    const { status, body } = await send(both, 'POST', CUSTOMERS, { name: 'Ann' }, 'k');
    expect({ status, mode: body.mode }).toEqual({ status: 202, mode: 'Async' });
    expect(body.reason).toContain("can't be reached");
    expect(await view(body.customerId)).toMatchObject({ name: 'Ann', accountNumber: 'Pending sync' });
    both.app.settings.hqReachable = true;
    expect((await send(both, 'POST', CUSTOMERS, { name: 'Ann' }, 'k')).body).toEqual(body);
    await uploadAll(both.hq);
    await applyAll(both.hq);
    expect(await accounts()).toBe(1);
  });

  it('is staged when headquarters’ storage does not answer, before anything was put there', async () => {
    const broken = both.reopen([
      {
        name: 'noHeads',
        async sendRequest(request, next) {
          if (request.url.includes('customerheads')) throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
          return next(request);
        },
      },
    ]);
    const { status, body } = await send(broken, 'POST', CUSTOMERS, { name: 'Ann' }, 'k');
    expect([status, body.mode]).toEqual([202, 'Async']);
    await uploadAll(both.hq);
    await applyAll(both.hq);
    expect(await accounts()).toBe(1);
  });

  it('queues behind what its customer has pending, in its channel and at headquarters', async () => {
    both.app.settings.hqReachable = false;
    const { customerId } = (await send(both, 'POST', CUSTOMERS, { name: 'Ann' })).body;
    both.app.settings.hqReachable = true;
    const path = `${CUSTOMERS}/${customerId}`;
    const first = await send(both, 'PATCH', path, { phone: '1' });
    expect([first.status, first.body.mode]).toEqual([202, 'Async']);
    expect(first.body.reason).toContain('not applied yet');
    await uploadAll(both.hq);
    expect((await send(both, 'PATCH', path, { phone: '2' })).status).toBe(202);
    await uploadAll(both.hq);
    await applyAll(both.hq);
    expect((await both.app.records.get('account', customerId)).value.columns.phone).toBe('2');
    expect((await send(both, 'PATCH', path, { phone: '3' })).status).toBe(200);
  });
});

describe('A11 E5 a Real-time Service call whose process dies', () => {
  it('at whatever write, is finished by its retry: one customer, each change once', async () => {
    let deaths = 0;
    for (const atWrite of writesToDieAt(0)) {
      const key = randomUUID();
      const body = { name: `Ann ${atWrite}`, addresses: [{ street: 'Ring' }] };
      const crash = crashAfter(atWrite);
      await send(both.reopen([crash.policy]), 'POST', CUSTOMERS, body, key).catch(() => undefined);
      both.clock.nowMs += 40_000;
      const retried = await send(both.reopen(), 'POST', CUSTOMERS, body, key);
      expect(retried.status, `after write ${atWrite}: ${JSON.stringify(retried.body)}`).toBe(201);
      expect(await accounts(), `after write ${atWrite}`).toBe(deaths + 1);
      const { account, addresses } = await customerState({ records: both.app.records }, retried.body.customerId);
      expect({ version: account?.version, addresses: addresses.length }).toEqual({ version: 1, addresses: 1 });
      expect(account?.columns.accountNumber).toBe(retried.body.accountNumber);
      if (!crash.isDead) break;
      deaths++;
    }
    expect(deaths).toBeGreaterThan(4);
  }, 120_000);

  it('and whose caller never comes back, leaves nothing half done that the sync job does not finish', async () => {
    for (const atWrite of writesToDieAt(0)) {
      const id = randomUUID();
      const crash = crashAfter(atWrite);
      const body = { name: 'Ann', customerAsyncId: id };
      await send(both.reopen([crash.policy]), 'POST', CUSTOMERS, body, id).catch(() => undefined);
      both.clock.nowMs += 40_000;
      await applyAll(both.hq);
      const rows: string[] = [];
      for await (const row of both.app.storage.table('RETAILASYNCCUSTOMERV2').rows({ partitionKey: id })) {
        rows.push(String(row.status));
      }
      const { account } = await customerState({ records: both.app.records }, id);
      const isThere = account !== undefined;
      expect(
        rows.every((status) => status === 'Completed' || !isThere),
        `after write ${atWrite}`,
      ).toBe(true);
      if (!crash.isDead) break;
    }
  }, 120_000);
});

describe('A3 what a channel serves', () => {
  it('may lag behind the jobs until the cache is too old or refreshed, but never behind its own changes', async () => {
    both.app.settings.cacheMaxAgeSeconds = 300;
    await putChannels(both.app);
    const made = (await send(both, 'POST', CUSTOMERS, { name: 'Ann' })).body;
    await uploadAll(both.hq);
    await applyAll(both.hq);
    const download = async () => {
      both.clock.nowMs += 1_000;
      for (const stretch of (await both.hq.downloadJob.plan('1010', ['pos'])).stretches) {
        await both.hq.downloadJob.downloadPage(stretch);
      }
    };
    await download();
    expect(await view(made.customerId)).toMatchObject({ name: 'Ann', accountNumber: 'Pending sync' });
    await both.app.records.change('account', made.customerId, { columns: { phone: 'hq' } }, BY);
    await both.hq.feed.noteCustomerChanged(made.customerId);
    await download();
    expect(await view(made.customerId)).toMatchObject({ name: 'Ann', accountNumber: 'Pending sync' });
    const refreshed = await both.app.admin('POST', '/api/channels/pos/cache/refresh');
    expect(refreshed).toMatchObject({ status: 200, body: { channel: 'pos' } });
    expect(await view(made.customerId)).toMatchObject({ phone: 'hq', accountNumber: expect.stringContaining('C0') });

    await both.app.records.change('account', made.customerId, { columns: { phone: 'later' } }, BY);
    await both.hq.feed.noteCustomerChanged(made.customerId);
    await download();
    expect(await view(made.customerId)).toMatchObject({ phone: 'hq' });
    both.clock.nowMs += 300_000;
    expect(await view(made.customerId)).toMatchObject({ phone: 'later' });
  });
});

const BY = { by: 'admin', on: '2026-03-01T10:00:00.000Z' };
