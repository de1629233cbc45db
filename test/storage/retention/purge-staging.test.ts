/** Bugs hunted here: an operation that is purged before its channel has the outcome, and one that stays behind for ever. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type HqServices, openHqServices } from '../../../shared/customers/headquarters/hq-services.ts';
import { StagingTables } from '../../../shared/customers/headquarters/staging-tables.ts';
import { UploadStates } from '../../../shared/customers/upload/upload-state.ts';
import { purgeStaging } from '../../../shared/retention/purge-staging.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { type Accepted, type ChannelApp, openChannelApp, putChannels } from '../customers/channel-app.ts';

const CUSTOMERS = '/api/channels/pos/customers';
const DAY_MS = 86_400_000;

let app: ChannelApp;
let hq: HqServices;
let nowMs: number;
beforeEach(async () => {
  nowMs = Date.now();
  const now = () => nowMs;
  const port: HqServices['operations']['findMany'] = (keys) => hq.operations.findMany(keys);
  app = openChannelApp({ now, hq: { put: () => undefined, port: { findMany: port } } });
  const { storage, records, channels, staging, database, features, configurations } = app;
  const side = { storage, records, channels, staged: staging, channelDatabase: database };
  hq = openHqServices({ ...side, features, configurations, now });
  await putChannels(app);
});

const portsOf = (storage: Storage) => ({
  storage,
  channels: app.channels,
  customers: app.customers,
  staging: new StagingTables(storage),
  uploads: new UploadStates(storage),
});
const purge = (beforeMs = nowMs + DAY_MS) => purgeStaging(portsOf(app.storage), { beforeMs, goOn: () => true });

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

async function rowsOf(table: string, prefix = ''): Promise<number> {
  let rows = 0;
  for await (const { rowKey } of app.storage.table(table).rows({})) rows += Number(rowKey.startsWith(prefix));
  return rows;
}

describe('E7 purging applied operations', () => {
  it('waits until the channel has what came of them, and leaves the customer as it was', async () => {
    const made = (await app.pos('POST', CUSTOMERS, { body: { name: 'Zoë' } })).body as Accepted;
    const path = `${CUSTOMERS}/${made.customerId}`;
    await app.pos('PATCH', path, { body: { phone: '1' } });
    expect(await purge()).toBe(0);
    await upload();
    expect(await purge()).toBe(0);
    await synchronize();
    expect(await purge()).toBe(0);
    await download();
    const before = (await app.pos('GET', path)).body;
    expect(await purge(nowMs - DAY_MS)).toBe(0);
    expect(await purge()).toBe(2);
    expect(await rowsOf('channelstaging', 'r|')).toBe(0);
    expect(await rowsOf('channelstaging', 'head')).toBe(1);
    expect(await rowsOf('RETAILASYNCCUSTOMERV2')).toBe(0);
    expect(await rowsOf('listoperations')).toBe(0);
    expect((await app.pos('GET', path)).body).toEqual(before);
    // The way goes on with the counters after.
    await app.pos('PATCH', path, { body: { phone: '2' } });
    await upload();
    await synchronize();
    await download();
    expect((await app.pos('GET', path)).body).toMatchObject({ phone: '2', syncStatus: 'Synchronized' });
    expect(await purge()).toBe(1);
  });

  it('never takes one that failed, or is held back', async () => {
    const body = { name: 'Bad', currency: 'NONE' };
    const made = (await app.pos('POST', CUSTOMERS, { body })).body as Accepted;
    await app.pos('PATCH', `${CUSTOMERS}/${made.customerId}`, { body: { phone: '1' } });
    await upload();
    await synchronize();
    await download();
    expect(await purge()).toBe(0);
    expect(await rowsOf('RETAILASYNCCUSTOMERV2')).toBe(2);
  });
});
