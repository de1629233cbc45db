import { describe, expect, it } from 'vitest';
import { createCrashingStorage } from '../../support/crashing-storage.ts';
import { uniquePrefix } from '../../support/test-storage.ts';
import { writesToDieAt } from '../../support/writes-to-die-at.ts';
import { type Accepted, GUID, keyed, openChannelApp, putChannels } from './channel-app.ts';

/**
 * A process dies at each of its writes in turn, before or after the write arrived; the channel sends the same request
 * again to another process, after the dead one's claim has run out.
 */
const START_MS = Date.parse('2026-03-01T10:00:00.000Z');
const AFTER_LEASE_MS = START_MS + 10_000;
const CUSTOMERS = '/api/channels/pos/customers';

type App = ReturnType<typeof openChannelApp>;

/** Runs `request` with a death at a write, then again, one write after the other; gives how many deaths there were. */
async function dieEverywhere(
  prepare: (app: App) => Promise<void>,
  request: (app: App) => Promise<unknown>,
  check: (app: App, answer: unknown, what: string) => Promise<void>,
): Promise<number> {
  let deaths = 0;
  for (const moment of ['before', 'after'] as const) {
    for (const at of writesToDieAt(0)) {
      const prefix = uniquePrefix();
      const crash = createCrashingStorage();
      const healthy = openChannelApp({ prefix, now: () => START_MS });
      await putChannels(healthy);
      await prepare(healthy);
      const dying = openChannelApp({ prefix, policies: [crash.policy], now: () => START_MS, hq: healthy.hq });
      crash.crashAt(at + 1, moment);
      await request(dying);
      const retrying = openChannelApp({ prefix, now: () => AFTER_LEASE_MS, hq: healthy.hq });
      const answer = await request(retrying);
      await check(retrying, answer, `${moment} write ${at}`);
      if (!crash.isDead) break;
      deaths++;
    }
  }
  return deaths;
}

const names = (items: unknown) => (items as { name: string }[]).map(({ name }) => name);

describe('A11 E5 a request that is sent again after a death at any of its writes', () => {
  it('makes its customer and addresses once', async () => {
    const deaths = await dieEverywhere(
      async () => undefined,
      (app) => app.pos('POST', CUSTOMERS, { body: { name: 'Zoë', addresses: [{ street: 'A' }] }, ...keyed('k') }),
      async (app, answer, what) => {
        const staged = await app.staging.readAfter('pos', 0, 100);
        expect(
          staged.map(({ operation }) => operation),
          what,
        ).toEqual(['createCustomer', 'createAddress']);
        const { customerId, operationIds, addressIds } = (answer as { body: Accepted }).body;
        expect(staged.map(({ replicationCounter }) => `${customerId}.pos.${replicationCounter}`)).toEqual(operationIds);
        expect(
          staged.map(({ targetId }) => targetId),
          what,
        ).toEqual([customerId, ...(addressIds ?? [])]);
        const view = await app.pos('GET', `${CUSTOMERS}/${customerId}`);
        expect(view.body, what).toMatchObject({ name: 'Zoë', addresses: [{ street: 'A' }] });
        const list = await app.pos('GET', `${CUSTOMERS}?search=zo`);
        expect(names((list.body as { items: unknown }).items), what).toEqual(['Zoë']);
      },
    );
    expect(deaths).toBeGreaterThanOrEqual(4);
  });

  it('edits once, although its customer could not be edited any more', async () => {
    const deaths = await dieEverywhere(
      async (app) => {
        await app.pos('POST', CUSTOMERS, { body: { name: 'Zoë', customerAsyncId: GUID } });
      },
      (app) => app.pos('PATCH', `${CUSTOMERS}/${GUID}`, { body: { name: 'Ann' }, ...keyed('k') }),
      async (app, answer, what) => {
        expect(answer, what).toMatchObject({ status: 202, body: { operationId: `${GUID}.pos.2` } });
        const staged = await app.staging.readAfter('pos', 0, 100);
        expect(
          staged.map(({ body }) => body.name),
          what,
        ).toEqual(['Zoë', 'Ann']);
        expect((await app.pos('GET', `${CUSTOMERS}/${GUID}`)).body, what).toMatchObject({ name: 'Ann' });
        const found = await app.pos('GET', `${CUSTOMERS}?search=ann`);
        expect(names((found.body as { items: unknown }).items), what).toEqual(['Ann']);
      },
    );
    expect(deaths).toBeGreaterThanOrEqual(4);
  });

  it('takes each line of a list once, and leaves none out', async () => {
    const changes = [
      { operation: 'createCustomer', key: '1', customerAsyncId: GUID, body: { name: 'Zoë' } },
      { operation: 'createAddress', key: '2', customerAsyncId: GUID, body: { street: 'A' } },
      { operation: 'createCustomer', key: '3', body: { name: 'Ann' } },
      { operation: 'editCustomer', key: '4', customerAsyncId: GUID, body: { name: 'Zoe' } },
    ];
    const deaths = await dieEverywhere(
      async () => undefined,
      (app) => app.pos('POST', '/api/channels/pos/changes', { body: { changes } }),
      async (app, answer, what) => {
        const { results } = (answer as { body: { results: { status: number }[] } }).body;
        expect(
          results.map(({ status }) => status),
          what,
        ).toEqual([202, 202, 202, 202]);
        const staged = await app.staging.readAfter('pos', 0, 100);
        expect(staged.map(({ replicationCounter }) => replicationCounter)).toEqual([1, 2, 3, 4]);
        const ofZoe = staged.filter(({ customerAsyncId }) => customerAsyncId === GUID);
        expect(
          ofZoe.map(({ operation }) => operation),
          what,
        ).toEqual(['createCustomer', 'createAddress', 'editCustomer']);
        expect((await app.pos('GET', `${CUSTOMERS}/${GUID}`)).body, what).toMatchObject({
          ...{ name: 'Zoe', addresses: [{ street: 'A' }] },
        });
      },
    );
    expect(deaths).toBeGreaterThanOrEqual(10);
  });
});

describe('A11 an attempt that an earlier one staged for', () => {
  it('is not refused for what has changed since: the address that it ends is gone already', async () => {
    const prefix = uniquePrefix();
    const crash = createCrashingStorage();
    const app = openChannelApp({ prefix, now: () => START_MS });
    await putChannels(app);
    const made = await app.pos('POST', CUSTOMERS, {
      body: { name: 'Zoë', customerAsyncId: GUID, addresses: [{ street: 'A' }] },
    });
    const path = `${CUSTOMERS}/${GUID}/addresses/${(made.body as Accepted).addressIds?.[0]}`;
    const dying = openChannelApp({ prefix, policies: [crash.policy], now: () => START_MS });
    // Claim, note and transaction arrive, the channel's copy is written, the answer is not kept.
    crash.crashAt(5);
    expect((await dying.pos('DELETE', path, keyed('k'))).status).toBe(500);
    expect((await app.pos('DELETE', path)).status).toBe(404);
    const again = openChannelApp({ prefix, now: () => AFTER_LEASE_MS });
    expect(await again.pos('DELETE', path, keyed('k'))).toMatchObject({
      status: 202,
      body: { operationId: `${GUID}.pos.3` },
    });
    expect(await app.staging.readAfter('pos', 0, 10)).toHaveLength(3);
  });
});
