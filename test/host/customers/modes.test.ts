import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callHost, type HostAnswer } from '../../support/host-call.ts';
import { eventually, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

const FEATURES = ['performanceImprovements', 'enhancedAsyncCreation', 'asyncAddressCreation', 'editCustomersAsync'];
const JOBS = ['1110', '1010', '1070'];

type Answer = HostAnswer<Record<string, unknown> & { readonly items: Record<string, unknown>[] }>;

let host: SpawnedHost;
let admin: string;
const channelTokens = new Map<string, string>();

beforeAll(async () => {
  host = await spawnLocalHost();
  admin = await host.token('--role', 'Administrator');
});
afterAll(() => host?.dispose());

function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const channel = /^\/channels\/([^/]+)\/customers/.exec(path)?.[1];
  const token = (channel && channelTokens.get(channel)) || admin;
  return callHost(host, token, method, path, body, headers);
}

async function run(path: string, body: unknown = {}): Promise<Record<string, unknown>> {
  const started = await call('POST', path, body);
  return eventually(async () => {
    const { body: found } = await call('GET', `${path}/${String(started.body.runId)}`);
    return found.status === 'Completed' || found.status === 'Failed' ? found : undefined;
  });
}

async function patchSettings(patch: object): Promise<void> {
  const etag = (await call('GET', '/settings')).headers.get('etag') ?? '';
  expect((await call('PATCH', '/settings', patch, { 'if-match': etag })).status).toBe(200);
}

async function putChannel(id: string, createCustomerInAsyncMode = true): Promise<void> {
  await call('PUT', `/channels/${id}`, { name: id, kind: 'POS', profile: { createCustomerInAsyncMode } });
  channelTokens.set(id, await host.token('--role', 'Channel', '--channel', id));
}

const create = (channel: string, more: object = {}) =>
  call('POST', `/channels/${channel}/customers`, { name: 'Ann', ...more });

/** The tests tell one story, in this order. */
describe('A1 A2 A3 A4 A10 how a channel becomes asynchronous', () => {
  it('A1 the fourth feature waits for the first three, and holds them', async () => {
    expect((await call('GET', '/features')).body.items.map(({ enabled }) => enabled)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    const refused = await call('PUT', '/features/editCustomersAsync', { enabled: true });
    expect(refused.status).toBe(409);
    expect(refused.body.missingPrerequisites).toHaveLength(3);
    for (const key of FEATURES) {
      const { status, body, headers } = await call('PUT', `/features/${key}`, { enabled: true });
      expect([status, body.enabled, body.modifiedBy, headers.get('etag')]).toEqual([200, true, 'admin', '"2"']);
    }
    expect((await call('PUT', '/features/asyncAddressCreation', { enabled: false })).status).toBe(409);
    expect((await call('PUT', '/features/asyncAddressCreation', { enabled: true }, { 'if-match': '"1"' })).status).toBe(
      412,
    );
    expect((await call('PUT', '/features/warp', { enabled: true })).status).toBe(404);
    expect((await call('PUT', '/features/warp', { enabled: 1 })).status).toBe(400);
  });

  it('A2 goes to headquarters at once until all three jobs have run, and is told which are missing', async () => {
    await putChannel('store');
    const left = [...JOBS];
    for (const job of JOBS) {
      const made = await create('store', { title: 'Dr' });
      expect(made).toMatchObject({ status: 201, body: { mode: 'RealTime', missingJobs: left } });
      const { accountNumber, customerId } = made.body;
      expect((await call('GET', `/tables/account/${String(accountNumber)}`)).body).toMatchObject({ id: customerId });
      expect(await run(`/cdx-jobs/${job}/runs`, { channels: ['store'] })).toMatchObject({ status: 'Completed' });
      left.shift();
    }
    const staged = await create('store', { title: 'Dr' });
    expect(staged).toMatchObject({ status: 202, body: { mode: 'Async', configurationVersion: 3 } });
    expect((await call('GET', `/tables/account/${String(staged.body.customerId)}`)).status).toBe(404);
    expect((await call('GET', '/cdx-jobs/sessions?status=Applied')).body.items).toMatchObject(
      ['1070', '1010', '1110'].map((job) => ({ job, channel: 'store', tries: 1 })),
    );
  });

  it('A3 serves the configuration that it has cached until a refresh', async () => {
    await patchSettings({ cacheMaxAgeSeconds: 3600 });
    await putChannel('lagging', false);
    expect((await create('lagging')).body).toMatchObject({ mode: 'RealTime', configurationVersion: 0 });
    await putChannel('lagging', true);
    for (const job of JOBS) await run(`/cdx-jobs/${job}/runs`);
    const lags = await create('lagging');
    expect(lags.body).toMatchObject({ mode: 'RealTime', missingJobs: [], configurationVersion: 0 });
    expect(lags.body.reason).toContain('cache');
    expect((await call('POST', '/channels/lagging/cache/refresh', undefined)).status).toBe(200);
    expect((await create('lagging')).body).toMatchObject({ mode: 'Async', configurationVersion: 3 });
    await patchSettings({ cacheMaxAgeSeconds: null });
  });

  it('A10 stages what it can not send, says so, and it is synchronized later', async () => {
    await putChannel('offline', false);
    await patchSettings({ hqReachable: false });
    const key = { 'idempotency-key': randomUUID() };
    const path = '/channels/offline/customers';
    const staged = await call('POST', path, { name: 'Zoë' }, key);
    expect(staged).toMatchObject({ status: 202, body: { mode: 'Async' } });
    expect(staged.body.reason).toContain("can't be reached");
    await patchSettings({ hqReachable: true });
    expect((await call('POST', path, { name: 'Zoë' }, key)).body).toEqual(staged.body);
    const id = String(staged.body.customerId);
    expect((await call('PATCH', `${path}/${id}`, { phone: '1' })).status).toBe(202);
    expect(await run('/cdx-jobs/P-0001/runs')).toMatchObject({ status: 'Completed' });
    expect(await run('/customer-sync/runs')).toMatchObject({ status: 'Completed', counts: { failed: 0 } });
    expect((await call('GET', `/tables/account/${id}`)).body).toMatchObject({ name: 'Zoë', phone: '1' });
    expect((await call('PATCH', `${path}/${id}`, { phone: '2' })).status).toBe(200);
  });

  it('A11 gives the same answer to a repeated real-time call, after a kill too', async () => {
    await putChannel('direct', false);
    const key = { 'idempotency-key': randomUUID() };
    const first = await call('POST', '/channels/direct/customers', { name: 'Once' }, key);
    await host.kill9();
    await host.restart();
    const again = await call('POST', '/channels/direct/customers', { name: 'Once' }, key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
  });

  it('A5 refuses commands that a session’s status does not allow', async () => {
    const [session] = (await call('GET', '/cdx-jobs/sessions?pageSize=1')).body.items;
    const path = `/cdx-jobs/sessions/${String(session?.id)}`;
    expect((await call('POST', `${path}/retry`)).status).toBe(409);
    expect((await call('POST', `${path}/cancel`)).status).toBe(409);
    expect((await call('POST', '/cdx-jobs/sessions/nothing/retry')).status).toBe(404);
  });
});
