/** Bugs hunted here: an operation that is purged before its channel has the outcome, and one that stays behind for ever. */
import { beforeEach, describe, expect, it } from 'vitest';
import { StagingTables } from '../../../shared/customers/headquarters/staging-tables.ts';
import { UploadStates } from '../../../shared/customers/upload/upload-state.ts';
import { purgeStaging } from '../../../shared/retention/purge-staging.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { type BothSides, openBothSides } from '../customers/both-sides.ts';
import { type Accepted, type ChannelApp, putChannels } from '../customers/channel-app.ts';
import { applyAll, downloadAll, uploadAll } from '../customers/hq-fixture.ts';

const CUSTOMERS = '/api/channels/pos/customers';
const DAY_MS = 86_400_000;

let app: ChannelApp;
let hq: BothSides['hq'];
let clock: BothSides['clock'];
beforeEach(async () => {
  ({ app, hq, clock } = openBothSides({ clock: { nowMs: Date.now() } }));
  await putChannels(app);
});

const portsOf = (storage: Storage) => ({
  storage,
  channels: app.channels,
  customers: app.customers,
  staging: new StagingTables(storage),
  uploads: new UploadStates(storage),
});
const purge = (beforeMs = clock.nowMs + DAY_MS) => purgeStaging(portsOf(app.storage), { beforeMs, goOn: () => true });

/** Brings to the channels what has been in the feed for a while. */
async function download(): Promise<void> {
  clock.nowMs += 10 * 60_000;
  await downloadAll(hq);
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
    await uploadAll(hq);
    expect(await purge()).toBe(0);
    await applyAll(hq);
    expect(await purge()).toBe(0);
    await download();
    const before = (await app.pos('GET', path)).body;
    expect(await purge(clock.nowMs - DAY_MS)).toBe(0);
    expect(await purge()).toBe(2);
    expect(await rowsOf('channelstaging', 'r|')).toBe(0);
    expect(await rowsOf('channelstaging', 'head')).toBe(1);
    expect(await rowsOf('RETAILASYNCCUSTOMERV2')).toBe(0);
    expect(await rowsOf('listoperations')).toBe(0);
    expect((await app.pos('GET', path)).body).toEqual(before);
    // The way goes on with the counters after.
    await app.pos('PATCH', path, { body: { phone: '2' } });
    await uploadAll(hq);
    await applyAll(hq);
    await download();
    expect((await app.pos('GET', path)).body).toMatchObject({ phone: '2', syncStatus: 'Synchronized' });
    expect(await purge()).toBe(1);
  });

  it('A16 takes a discarded one when it has been so for long enough, also from its channel', async () => {
    const made = (await app.pos('POST', CUSTOMERS, { body: { name: 'Zoë' } })).body as Accepted;
    await uploadAll(hq);
    await hq.changes.discard({ id: made.operationId, reason: 'a test', by: 'anna', withLater: false });
    expect((await app.pos('GET', `${CUSTOMERS}/${made.customerId}`)).status).toBe(404);
    const shown = (await app.pos('GET', `/api/channels/pos/operations/${made.operationId}`)).body;
    expect(shown).toMatchObject({ status: 'Discarded', discardReason: 'a test' });
    expect(await purge(clock.nowMs - DAY_MS)).toBe(0);
    expect(await purge()).toBe(1);
    expect(await rowsOf('RETAILASYNCCUSTOMERV2')).toBe(0);
    expect((await app.customers.find('pos', made.customerId))?.operations).toEqual([]);
  });

  it('never takes one that failed, or is held back', async () => {
    const body = { name: 'Bad', currency: 'NONE' };
    const made = (await app.pos('POST', CUSTOMERS, { body })).body as Accepted;
    await app.pos('PATCH', `${CUSTOMERS}/${made.customerId}`, { body: { phone: '1' } });
    await uploadAll(hq);
    await applyAll(hq);
    await download();
    expect(await purge()).toBe(0);
    expect(await rowsOf('RETAILASYNCCUSTOMERV2')).toBe(2);
  });
});
