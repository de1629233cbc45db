/**
 * Hunts records that a cascade should reach and doesn't, that it reaches twice or shouldn't reach, and sets that differ
 * when a step is cut off, repeated, or repeated late.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CascadePlan } from '../../../shared/cascade/plans.ts';
import type { TableName } from '../../../shared/catalogue/tables.ts';
import { type CrashingStorage, createCrashingStorage } from '../../support/crashing-storage.ts';
import { allowed, CascadeFixture } from './cascade-fixture.ts';

let fixture: CascadeFixture;
beforeEach(() => {
  fixture = new CascadeFixture();
});

/** Owners of records, in the order given. */
async function ownersOf(table: TableName, ids: readonly string[]): Promise<string[]> {
  const records = await fixture.records.findMany(table, ids);
  return records.map((record) => record?.value.ownerId ?? 'nobody');
}

/** Every record of the job's chunks, sorted; doubles would show. */
async function chunkedIds(plan: CascadePlan): Promise<string[]> {
  return (await fixture.log(plan)).map(({ recordId }) => recordId).sort();
}

describe('C1 the records that an Assign reaches', () => {
  it('are those that the behaviours say, at every level', async () => {
    const account = await fixture.make('account');
    const contact = await fixture.make('contact', { account_contacts: account });
    const order = await fixture.make('order', { contact_orders: contact });
    const line = await fixture.make('orderline', { order_orderlines: order });
    const [open, closed] = await fixture.makeMany('case', { account_cases: account }, [{}, { state: 'Inactive' }]);
    const underContact = await fixture.make('case', { contact_cases: contact });
    const [annas, berts] = await fixture.makeMany('activity', { account_activities: account }, [
      {},
      { ownerId: 'bert' },
    ]);
    const underCase = await fixture.make('activity', { case_activities: open ?? '' }, { ownerId: 'bert' });
    const underClosed = await fixture.make('activity', { case_activities: closed ?? '' });
    const outcome = await fixture.run(fixture.plan('account', account, 'zoe'));
    expect(outcome).toEqual({
      found: 7,
      byTable: { account: 1, contact: 1, order: 1, orderline: 1, case: 1, activity: 2 },
    });
    expect(await ownersOf('account', [account])).toEqual(['zoe']);
    expect(await ownersOf('contact', [contact])).toEqual(['zoe']);
    expect(await ownersOf('order', [order])).toEqual(['zoe']);
    expect(await ownersOf('orderline', [line])).toEqual(['zoe']);
    expect(await ownersOf('case', [open ?? '', closed ?? '', underContact])).toEqual(['zoe', 'anna', 'anna']);
    expect(await ownersOf('activity', [annas ?? '', berts ?? '', underCase, underClosed])).toEqual([
      'zoe',
      'bert',
      'zoe',
      'anna',
    ]);
  });

  it('count once and rise by one version when two paths lead to them', async () => {
    const account = await fixture.make('account');
    const contacts = await fixture.makeMany('contact', { account_contacts: account }, [{}, {}, {}]);
    const orders: string[] = [];
    for (const contact of contacts) {
      orders.push(await fixture.make('order', { account_orders: account, contact_orders: contact }));
    }
    const lines = await fixture.makeMany('orderline', { order_orderlines: orders[0] ?? '' }, [{}, {}]);
    const plan = fixture.plan('account', account, 'zoe');
    expect(await fixture.run(plan)).toEqual({ found: 9, byTable: { account: 1, contact: 3, order: 3, orderline: 2 } });
    for (const id of orders) expect(await fixture.value('order', id)).toMatchObject({ ownerId: 'zoe', version: 2 });
    for (const id of lines) expect(await fixture.value('orderline', id)).toMatchObject({ ownerId: 'zoe', version: 2 });
    expect(await fixture.totals(plan)).toEqual({ done: 9, skipped: 0, failed: 0 });
    expect(new Set(await chunkedIds(plan)).size).toBe(9);
  });

  it('leave out what was deleted, what has moved away, and what a hint of nobody leads to', async () => {
    const [account, other] = await fixture.makeMany('account', {}, [{}, {}]);
    const lookups = { account_quotes: account ?? '' };
    const [stays, moved, deleted] = await fixture.makeMany('quote', lookups, [{}, {}, {}]);
    const hints = fixture.records.hints('account_quotes');
    await fixture.records.change(
      'quote',
      moved ?? '',
      { lookups: { account_quotes: other ?? '' } },
      { by: 'x', on: '2026-03-02T10:00:00.000Z' },
    );
    await hints.put(account ?? '', moved ?? '', '2026-03-01T10:00:00.000Z');
    await hints.put(account ?? '', fixture.newId(), '2026-03-01T10:00:00.000Z');
    await fixture.deleteOne('quote', deleted ?? '');
    const plan = fixture.plan('account', account ?? '', 'zoe');
    expect((await fixture.identify(plan)).byTable).toEqual({ account: 1, quote: 1 });
    expect(await chunkedIds(plan)).toEqual([account, stays].sort());
  });

  it('are found in the buckets of ids that clients brought as well', async () => {
    const account = await fixture.make('account', {}, { id: randomUUID() });
    const own = await fixture.makeMany(
      'contact',
      { account_contacts: account },
      Array.from({ length: 40 }, () => ({})),
    );
    const brought = await fixture.makeMany(
      'contact',
      { account_contacts: account },
      Array.from({ length: 60 }, () => ({ id: randomUUID() })),
    );
    const orders: string[] = [];
    for (const contact of [...own.slice(0, 5), ...brought.slice(0, 20)]) {
      orders.push(await fixture.make('order', { contact_orders: contact }, { id: randomUUID() }));
    }
    const plan = fixture.plan('account', account, 'zoe');
    expect((await fixture.identify(plan)).byTable).toEqual({ account: 1, contact: 100, order: 25 });
    expect(await chunkedIds(plan)).toEqual([account, ...own, ...brought, ...orders].sort());
  });

  it('are the root alone when it was deleted since: it is counted and skipped', async () => {
    const account = await fixture.make('account');
    await fixture.make('contact', { account_contacts: account });
    await fixture.deleteOne('account', account);
    const plan = fixture.plan('account', account, 'zoe');
    expect(await fixture.run(plan)).toEqual({ found: 1, byTable: { account: 1 } });
    expect(await fixture.totals(plan)).toEqual({ done: 0, skipped: 1, failed: 0 });
  });
});

describe('C18 identifying in bounded steps', () => {
  /** A clock by which every look at it is 6 seconds later, so that each step ends as soon as it can. */
  function hasty(): () => number {
    let ms = Date.parse('2026-03-05T00:00:00.000Z');
    return () => {
      ms += 6_000;
      return ms;
    };
  }

  async function family(size = 120): Promise<{ account: string; ids: string[] }> {
    const account = await fixture.make('account');
    const contacts = await fixture.makeMany(
      'contact',
      { account_contacts: account },
      Array.from({ length: size }, (_, at) => (at % 3 === 0 ? { id: randomUUID() } : {})),
    );
    const orders: string[] = [];
    for (const contact of contacts.filter((_, at) => at % 10 === 0)) {
      orders.push(
        ...(await fixture.makeMany('order', { contact_orders: contact, account_orders: account }, [
          {},
          { id: randomUUID() },
        ])),
      );
    }
    return { account, ids: [account, ...contacts, ...orders].sort() };
  }

  it('finds the same, however many steps it takes', async () => {
    const { account, ids } = await family();
    const slow = fixture.open({ now: hasty() });
    const plan = slow.plan('account', account, 'zoe');
    const { found, cursors } = await slow.identify(plan);
    expect(cursors.length).toBeGreaterThan(6);
    expect(found).toBe(ids.length);
    expect(await chunkedIds(plan)).toEqual(ids);
  });

  it('finds the same when every step is done twice', async () => {
    const { account, ids } = await family();
    const slow = fixture.open({ now: hasty() });
    const plan = slow.plan('account', account, 'zoe');
    let outcome = await slow.cascades.identify(plan, undefined);
    while (outcome.cursor !== undefined) {
      // The repetition may end at another place, as the first did for the clock's sake.
      await slow.cascades.identify(plan, outcome.cursor);
      outcome = await slow.cascades.identify(plan, outcome.cursor);
    }
    expect(outcome.found).toBe(ids.length);
    expect(await chunkedIds(plan)).toEqual(ids);
  });

  /** Identifies like a host that is started again after each death, from the cursor that it had last. */
  async function identifyMortal(
    mortal: CascadeFixture,
    crash: CrashingStorage,
    plan: CascadePlan,
  ): Promise<{ found: number; deaths: number }> {
    let cursor: string | undefined;
    for (let deaths = 0; ; ) {
      const outcome = await mortal.cascades.identify(plan, cursor).catch(() => undefined);
      if (crash.isDead) {
        deaths++;
        crash.crashAt();
      } else {
        if (outcome === undefined) throw new Error('identifying failed though nobody died');
        cursor = outcome.cursor;
        if (cursor === undefined) return { found: outcome.found, deaths };
      }
    }
  }

  it.each(['before', 'after'] as const)('E5 finds the same when the process dies %s any write', async (when) => {
    const { account, ids } = await family(12);
    const crash = createCrashingStorage();
    const mortal = fixture.open({ policies: [crash.policy], now: hasty() });
    let write = 0;
    for (let alive = false; !alive; ) {
      write++;
      const plan = mortal.plan('account', account, 'zoe');
      crash.crashAt(write, when);
      const { found, deaths } = await identifyMortal(mortal, crash, plan);
      crash.crashAt();
      expect(found).toBe(ids.length);
      expect(await chunkedIds(plan)).toEqual(ids);
      alive = deaths === 0;
    }
    expect(write).toBeGreaterThan(8);
  });

  it('keeps the chunks that are written when all is repeated, though more would be found by now', async () => {
    const { account, ids } = await family();
    const plan = fixture.plan('account', account, 'zoe');
    await fixture.identify(plan);
    const late = await fixture.makeMany('contact', { account_contacts: account }, [{}, {}]);
    expect((await fixture.identify(plan)).found).toBe(ids.length);
    expect(await chunkedIds(plan)).toEqual(ids);
    await fixture.apply(plan);
    expect(await ownersOf('contact', late)).toEqual(['anna', 'anna']);
    expect(await fixture.totals(plan)).toEqual({ done: ids.length, skipped: 0, failed: 0 });
  });

  it('changes nothing any more when a step is repeated after the records were changed', async () => {
    const { account, ids } = await family();
    const slow = fixture.open({ now: hasty() });
    const plan = slow.plan('account', account, 'zoe');
    const { cursors } = await slow.identify(plan);
    await fixture.apply(plan);
    await fixture.makeMany('contact', { account_contacts: account }, [{}, {}]);
    for (const cursor of [undefined, ...cursors]) await slow.cascades.identify(plan, cursor);
    expect(await fixture.cascades.applyBatch(plan, 0, 5, allowed)).toMatchObject({
      done: 0,
      drained: true,
    });
    expect(await fixture.totals(plan)).toEqual({ done: ids.length, skipped: 0, failed: 0 });
  });
});
