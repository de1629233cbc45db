import { beforeEach, describe, expect, it } from 'vitest';
import type { StagedOperation } from '../../../shared/customers/customer-operation.ts';
import { createSlowStorage } from '../../support/slow-storage.ts';
import { type ChannelApp, GUID, OTHER_GUID, openChannelApp, putChannels, snapshotOf } from './channel-app.ts';

const CUSTOMERS = '/api/channels/pos/customers';

let app: ChannelApp;

beforeEach(async () => {
  app = openChannelApp();
  await putChannels(app);
});

const view = async (id = GUID) => (await app.pos('GET', `${CUSTOMERS}/${id}`)).body;
const search = async (text: string) =>
  ((await app.pos('GET', `${CUSTOMERS}?search=${text}`)).body as { items: { name: string }[] }).items.map(
    ({ name }) => name,
  );
const own = async () => (await app.customers.find('pos', GUID))?.operations.map(({ body }) => body.name);

async function make(name = 'Zoë'): Promise<void> {
  await app.pos('POST', CUSTOMERS, { body: { name, customerAsyncId: GUID } });
}

async function edit(name: string): Promise<void> {
  expect((await app.pos('PATCH', `${CUSTOMERS}/${GUID}`, { body: { name } })).status).toBe(202);
}

/** Headquarters has applied the channel's first operations, in order. */
async function complete(count: number): Promise<StagedOperation[]> {
  const operations = await app.staging.readAfter('pos', 0, count);
  operations.forEach((operation, at) => {
    app.hq.put(operation, `0${at + 1}`, 'Completed');
  });
  return operations;
}

describe('A7 a download', () => {
  it('brings customers that the channel did not make, findable by number and words', async () => {
    const addresses = [{ id: OTHER_GUID, columns: { street: 'Ring 1', isPrimary: true } }];
    const long = { name: 'Anna 👩‍💻'.repeat(9_000) };
    await app.database.applyDownload('pos', [
      snapshotOf(GUID, { addresses, affiliations: ['vip'] }),
      snapshotOf(OTHER_GUID, { accountNumber: null, columns: long }),
    ]);
    expect(await view()).toMatchObject({
      ...{ customerId: GUID, accountNumber: 'C-000007', syncStatus: 'Synchronized', name: 'Anna Berg' },
      ...{ createdOn: '2026-03-01T09:00:00.000Z', affiliations: ['vip'] },
      addresses: [{ id: OTHER_GUID, street: 'Ring 1', isPrimary: true }],
    });
    expect(await view(OTHER_GUID)).toMatchObject({ accountNumber: 'Pending sync', ...long });
    expect(await search('c-0')).toEqual(['Anna Berg']);
    expect((await app.admin('GET', `/api/channels/web/customers/${GUID}`)).status).toBe(404);
  });

  it('never lets an older copy take the place of a newer one', async () => {
    const copy = (name: string, appliedThrough: string, takenOn: string) =>
      snapshotOf(GUID, { columns: { name }, appliedThrough, takenOn });
    const [early, late] = ['2026-03-01T10:00:00.000Z', '2026-03-01T11:00:00.000Z'];
    await app.database.applyDownload('pos', [copy('two', '02', late)]);
    await app.database.applyDownload('pos', [copy('one', '01', late)]);
    await app.database.applyDownload('pos', [copy('before', '02', early)]);
    expect(await view()).toMatchObject({ name: 'two' });
    await app.database.applyDownload('pos', [copy('again', '02', late)]);
    expect(await view()).toMatchObject({ name: 'again' });
    await app.database.applyDownload('pos', [copy('three', '03', early)]);
    expect(await view()).toMatchObject({ name: 'three' });
  });

  it('of copies old and new at once ends with the newest, whoever is last', async () => {
    const sequences = ['05', '01', '09', '03', '08', '02'];
    await Promise.all(
      sequences.map((appliedThrough) =>
        app.database.applyDownload('pos', [snapshotOf(GUID, { appliedThrough, columns: { name: appliedThrough } })]),
      ),
    );
    expect(await view()).toMatchObject({ name: '09' });
    expect(await search('09')).toEqual(['09']);
  });

  it('of a deletion hides the customer from the channel', async () => {
    await app.database.applyDownload('pos', [snapshotOf(GUID)]);
    await app.database.applyDownload('pos', [snapshotOf(GUID, { exists: false, takenOn: '2026-03-02T10:00:00.000Z' })]);
    expect(await view()).toMatchObject({ status: 404 });
    expect(await search('anna')).toEqual([]);
    expect((await app.pos('PATCH', `${CUSTOMERS}/C-000007`, { body: { name: 'A' } })).status).toBe(404);
  });

  it('keeps the place of a customer in the list, whenever headquarters made its record', async () => {
    await make();
    const before = (await app.customers.find('pos', GUID))?.createdOn;
    await app.database.applyDownload('pos', [snapshotOf(GUID, { createdOn: '2020-01-01T00:00:00.000Z' })]);
    expect(await view()).toMatchObject({ createdOn: before });
    expect(await search('zo')).toEqual(['Zoë']);
  });
});

describe('A14 own operations beside the copy', () => {
  it('go when a copy includes them, and not before', async () => {
    await make();
    await edit('B');
    await edit('C');
    await complete(2);
    await app.database.applyDownload('pos', [snapshotOf(GUID, { appliedThrough: '01', columns: { name: 'Zoë' } })]);
    expect(await own()).toEqual(['B', 'C']);
    await app.database.applyDownload('pos', [snapshotOf(GUID, { appliedThrough: '02', columns: { name: 'B' } })]);
    expect(await own()).toEqual(['C']);
    expect(await view()).toMatchObject({ name: 'C', syncStatus: 'Pending' });
    expect(await search('c')).toEqual(['C']);
  });

  it('that come late, after the copy that includes them, change nothing and go with the next look', async () => {
    await make();
    const operations = await complete(1);
    await app.database.applyDownload('pos', [snapshotOf(GUID, { appliedThrough: '01' })]);
    await app.customers.addOperations('pos', operations);
    expect(await own()).toEqual(['Zoë']);
    expect(await view()).toMatchObject({ name: 'Anna Berg', syncStatus: 'Synchronized' });
    expect(await own()).toEqual([]);
  });

  it('of many callers at once are all kept and found', async () => {
    await make();
    const names = Array.from({ length: 8 }, (_, at) => `name${at}`);
    await Promise.all([
      ...names.map((name) => edit(name)),
      app.database.applyDownload('pos', [snapshotOf(GUID)]),
      app.database.applyDownload('pos', [snapshotOf(GUID, { takenOn: '2026-03-02T10:00:00.000Z' })]),
    ]);
    expect(new Set(await own())).toEqual(new Set(['Zoë', ...names]));
    const { name } = (await view()) as { name: string };
    expect(await search(name)).toEqual([name]);
    const row = await app.customers.find('pos', GUID);
    for (const each of names) expect(row?.words).toContain(` ${each}`);
  });

  it('are found by their words although a download and another caller came between', async () => {
    await make();
    const slow = createSlowStorage();
    const other = openChannelApp({ prefix: app.prefix, policies: [slow.policy], hq: app.hq });
    const operations = (await app.staging.readAfter('pos', 0, 1)).map((operation) => ({
      ...{ ...operation, replicationCounter: 9, operation: 'editCustomer' as const, body: { name: 'Late' } },
    }));
    slow.beforeWrite = async () => {
      slow.beforeWrite = undefined;
      await app.database.applyDownload('pos', [snapshotOf(GUID)]);
    };
    await other.customers.addOperations('pos', operations);
    expect(await search('late')).toEqual(['Late']);
    expect(await view()).toMatchObject({ name: 'Late', accountNumber: 'C-000007' });
  });
});
