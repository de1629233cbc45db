import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callHost, type HostAnswer } from '../../support/host-call.ts';
import { eventually, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

type Answer = HostAnswer<Record<string, unknown> & { readonly items: Record<string, unknown>[] }>;

let host: SpawnedHost;
let token: string;

function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return callHost(host, token, method, path, body, headers);
}

/** Starts a run and waits for its end. */
async function run(path: string): Promise<Record<string, unknown>> {
  const { body } = await call('POST', `${path}/runs`);
  return eventually(async () => {
    const found = (await call('GET', `${path}/runs/${String(body.runId)}`)).body;
    return found.status === 'Completed' || found.status === 'Failed' ? found : undefined;
  });
}

beforeAll(async () => {
  host = await spawnLocalHost();
  token = await host.token('--role', 'Administrator');
  const profile = { createCustomerInAsyncMode: true };
  await call('PUT', '/channels/pos', { name: 'pos', kind: 'POS', profile });
  for (const key of [
    'performanceImprovements',
    'enhancedAsyncCreation',
    'asyncAddressCreation',
    'editCustomersAsync',
  ]) {
    await call('PUT', `/features/${key}`, { enabled: true });
  }
  for (const job of ['1110', '1010', '1070']) await run(`/cdx-jobs/${job}`);
});

afterAll(() => host?.dispose());

const CUSTOMERS = '/channels/pos/customers';

describe('A4 A6 A7 every kind of change of a customer, over HTTP', () => {
  it('is staged, shown at once, applied, and comes back with the number', async () => {
    const made = await call('POST', CUSTOMERS, {
      ...{ name: 'Zoë', title: 'Dr', type: 'Organization', addresses: [{ street: 'Ring 1' }] },
      contacts: [{ kind: 'Email', value: 'zoe@contoso.com', isPrimary: true, marketingConsent: true }],
      affiliations: ['vip'],
    });
    expect(made.status).toBe(202);
    const id = String(made.body.customerId);
    const contactId = randomUUID();
    const put = async (path: string, body: unknown) => (await call('PUT', `${CUSTOMERS}/${id}/${path}`, body)).status;
    expect(await put(`contacts/${contactId}`, { kind: 'Email', value: 'z@contoso.com', isPrimary: true })).toBe(202);
    expect(await put('affiliations/club', {})).toBe(202);
    expect(await put('attributes/shoeSize', { dataType: 'integer', value: 42 })).toBe(202);
    expect((await call('DELETE', `${CUSTOMERS}/${id}/affiliations/vip`)).status).toBe(202);
    const shown = {
      affiliations: ['club'],
      attributes: [{ name: 'shoeSize', dataType: 'integer', value: '42' }],
    };
    expect((await call('GET', `${CUSTOMERS}/${id}`)).body).toMatchObject({ ...shown, accountNumber: 'Pending sync' });
    expect(await run('/cdx-jobs/P-0001')).toMatchObject({ status: 'Completed' });
    const { items } = (await call('GET', `/customer-sync/operations?asyncCustomer=${id}`)).body;
    expect(items.map(({ stagingTable }) => stagingTable)).toEqual(
      expect.arrayContaining([
        ...['RETAILASYNCCUSTOMERV2', 'RETAILASYNCADDRESSV2', 'RETAILASYNCCUSTOMERCONTACT'],
        ...['RETAILASYNCCUSTOMERAFFILIATION', 'RETAILASYNCCUSTOMERATTRIBUTEV2'],
      ]),
    );

    // An order names the customer before the sync job has run.
    const order = { orderNumber: 'O-1', lookups: { account_orders: id } };
    expect((await call('POST', '/tables/order', order)).status).toBe(201);
    const account = (await call('GET', `/tables/account/${id}`)).body;
    expect(account).toMatchObject({ name: 'Zoë', title: 'Dr' });
    expect((await call('GET', `/tables/account/${String(account.accountNumber)}`)).body).toEqual(account);

    expect(await run('/customer-sync')).toMatchObject({ status: 'Completed' });
    await run('/cdx-jobs/1010');
    const view = (await call('GET', `${CUSTOMERS}/${String(account.accountNumber)}`)).body;
    expect(view).toMatchObject({ ...shown, syncStatus: 'Synchronized', accountNumber: account.accountNumber });
    expect(view.addresses).toMatchObject([{ street: 'Ring 1', purpose: 'Business' }]);
    expect(view.contacts).toMatchObject([
      { value: 'zoe@contoso.com', isPrimary: false },
      { id: contactId, value: 'z@contoso.com', isPrimary: true },
    ]);
  });
});

describe('A12 bulk edit and CSV, over HTTP', () => {
  it('tries out, mends and synchronizes what has failed, and exports the list', async () => {
    const names = ['=A', 'B', 'C'];
    const made = await Promise.all(names.map((name) => call('POST', CUSTOMERS, { name, currency: 'NONE' })));
    await run('/cdx-jobs/P-0001');
    await run('/customer-sync');
    const failed = '/customer-sync/operations?status=Failed';
    expect((await call('GET', failed)).body.items).toHaveLength(3);
    const bulk = async (body: object) => {
      const { status, body: answer } = await call('POST', '/customer-sync/operations/bulk', body);
      expect(status).toBe(202);
      return eventually(async () => {
        const found = (await call('GET', `/customer-sync/operations/bulk/${String(answer.bulkId)}`)).body;
        return found.status === 'Completed' || found.status === 'Failed' ? found : undefined;
      });
    };
    const mend = { filter: { status: 'Failed' }, changes: { currency: 'EUR' }, synchronize: true };
    expect(await bulk({ ...mend, dryRun: true })).toMatchObject({
      status: 'Completed',
      matched: 3,
      changed: 3,
      refused: [],
    });
    const csv = await call('GET', failed, undefined, { accept: 'text/csv' });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.text.trimEnd().split('\r\n')).toHaveLength(4);
    expect(await bulk(mend)).toMatchObject({ status: 'Completed', matched: 3, changed: 3 });
    for (const { body } of made) {
      expect((await call('GET', `/tables/account/${String(body.customerId)}`)).body).toMatchObject({ currency: 'EUR' });
    }
    const accounts = await call('GET', '/tables/account?search=b', undefined, { accept: 'text/csv' });
    expect(accounts.text.split('\r\n')[0]).toContain('name');
    for (const body of [{ filter: {}, synchronize: false }, { ids: ['a'], filter: {}, synchronize: true }, {}]) {
      expect((await call('POST', '/customer-sync/operations/bulk', body)).status).toBe(400);
    }
  });
});

describe('A13 the pipeline and its explanations, over HTTP', () => {
  it('a channel that no job has run for has neither a time nor a status', async () => {
    await call('PUT', '/channels/new', { name: 'New', kind: 'POS', profile: { createCustomerInAsyncMode: false } });
    const { channels } = (await call('GET', '/customer-sync/pipeline?channel=new')).body as unknown as {
      channels: { jobs: { job: string }[] }[];
    };
    for (const job of channels[0]?.jobs.slice(0, 3) ?? []) expect(job).toMatchObject({ lastRunOn: null, status: null });
    expect(channels[0]?.jobs).toHaveLength(5);
  });

  it('follow a customer to headquarters and back', async () => {
    const explain = async (customer: string, channel = 'pos') =>
      (await call('GET', `/customer-sync/explain?channel=${channel}&customer=${customer}`)).body.code;
    const waiting = async () => {
      const { channels } = (await call('GET', '/customer-sync/pipeline?channel=pos')).body as unknown as {
        channels: { waiting: Record<string, number>; jobs: { job: string; lastRunOn: string | null }[] }[];
      };
      expect(channels[0]?.jobs.map(({ job }) => job)).toEqual(['1110', '1010', '1070', 'P-0001', 'customer-sync']);
      expect(channels[0]?.jobs.every(({ lastRunOn }) => lastRunOn !== null)).toBe(true);
      return channels[0]?.waiting;
    };
    await run('/cdx-jobs/1010');
    const idle = { toUpload: 0, toSynchronize: 0, failed: 0, held: 0, toDownload: 0 };
    expect(await waiting()).toEqual(idle);
    const good = String((await call('POST', CUSTOMERS, { name: 'Good' })).body.customerId);
    const bad = String((await call('POST', CUSTOMERS, { name: 'Bad', currency: 'NONE' })).body.customerId);
    expect(await explain(good)).toBe('not-uploaded');
    expect(await waiting()).toEqual({ ...idle, toUpload: 2 });
    await run('/cdx-jobs/P-0001');
    expect(await explain(good)).toBe('not-synced');
    expect(await waiting()).toEqual({ ...idle, toSynchronize: 2 });
    await run('/customer-sync');
    expect([await explain(good), await explain(bad)]).toEqual(['number-not-downloaded', 'failed']);
    expect(await waiting()).toEqual({ ...idle, failed: 1, toDownload: 1 });
    await run('/cdx-jobs/1010');
    expect(await waiting()).toEqual({ ...idle, failed: 1 });
    expect([await explain(good), await explain(randomUUID())]).toEqual(['unknown', 'unknown']);
    await call('PUT', '/channels/new', { name: 'new', kind: 'POS', profile: { createCustomerInAsyncMode: true } });
    expect(await explain(good, 'new')).toBe('feature-not-downloaded');
    expect((await call('GET', '/customer-sync/explain?channel=moon&customer=1')).status).toBe(404);
  });
});
