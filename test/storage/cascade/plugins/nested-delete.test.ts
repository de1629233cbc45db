/**
 * Hunts records that a plug-in's Delete orphans, deletes although its own record fails, or keeps fenced for nothing; and
 * plug-ins that never get through because their own fences stand in their way.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Plugin, PluginCall } from '../../../../shared/cascade/plugins/plugin.ts';
import { createCrashingStorage } from '../../../support/crashing-storage.ts';
import { writesToDieAt } from '../../../support/writes-to-die-at.ts';
import { allowed, CascadeFixture } from '../cascade-fixture.ts';
import { SyncFixture } from '../sync-fixture.ts';

const plugin = (run: Plugin['run'], more: Partial<Plugin> = {}): Plugin => {
  const fixed = {
    name: 'clears',
    description: 'For tests.',
    table: 'contact',
    action: 'assign',
    step: 'after',
  } as const;
  return { ...fixed, filter: { columns: { phone: 'marked' } }, run, ...more };
};

/** A contact of anna's with the plug-in, and an account that it clears away. */
async function family(fixture: CascadeFixture) {
  const contact = await fixture.make('contact', {}, { columns: { phone: 'marked' } });
  const account = await fixture.make('account');
  const below = await fixture.make('contact', { account_contacts: account });
  const address = await fixture.make('address', { account_addresses: account });
  const order = await fixture.make('order', { contact_orders: below, account_orders: account });
  return { contact, account, below, address, order, plan: fixture.plan('contact', contact, 'zoe', { lanes: 1 }) };
}

type Family = Awaited<ReturnType<typeof family>>;

let of: Family;
/** What the plug-in of a test does. */
let act: (call: PluginCall) => Promise<void> = async () => {};
const clears = plugin((call) => act(call));

const fenceOf = async (fixture: CascadeFixture, { account }: Family) =>
  (await fixture.records.get('account', account)).lock;

describe('C10 a Delete that a plug-in starts', () => {
  let fixture: CascadeFixture;
  beforeEach(async () => {
    fixture = new CascadeFixture({ plugins: [clears] });
    of = await family(fixture);
  });

  it('runs inside: children and all, links taken out, in the transaction of its record', async () => {
    act = async ({ work }) => {
      // What it has read before is fenced meanwhile.
      await work.get('account', of.account);
      await work.get('contact', of.below);
      await work.delete('account', of.account);
      expect(await work.get('contact', of.below)).toBeUndefined();
      const made = fixture.make('contact', { account_contacts: of.account });
      await expect(made).rejects.toMatchObject({ status: 409, extra: { jobId: of.plan.jobId } });
    };
    await fixture.run(of.plan);
    expect(await fixture.totals(of.plan)).toEqual({ done: 1, skipped: 0, failed: 0 });
    expect(await fixture.value('contact', of.contact)).toMatchObject({ ownerId: 'zoe', version: 2 });
    expect(await fixture.lives('account', of.account)).toBe(false);
    expect(await fixture.lives('contact', of.below)).toBe(false);
    expect(await fixture.lives('address', of.address)).toBe(false);
    expect(await fixture.value('order', of.order)).toMatchObject({ lookups: {}, version: 2 });
    const { tombstone } = (await fixture.records.find('account', of.account)) ?? {};
    expect(tombstone).toMatchObject({ jobId: of.plan.jobId, deletedBy: 'admin' });
    expect(await fixture.orphans()).toEqual([]);
    await expect(fixture.make('contact', { account_contacts: of.account })).rejects.toMatchObject({ status: 422 });
  });

  it('is undone with its record when the plug-in throws, and leaves no fence', async () => {
    act = async ({ work }) => {
      await work.delete('account', of.account);
      expect((await fenceOf(fixture, of))?.kind).toBe('fence');
      throw new RangeError('changed its mind');
    };
    await fixture.run(of.plan);
    expect(await fixture.totals(of.plan)).toEqual({ done: 0, skipped: 0, failed: 1 });
    expect(await fixture.lives('contact', of.below)).toBe(true);
    expect(await fenceOf(fixture, of)).toBeUndefined();
    expect(await fixture.lives('contact', await fixture.make('contact', { account_contacts: of.account }))).toBe(true);
  });

  it('is refused by Restrict with the relationship; a plug-in that catches that goes on', async () => {
    await fixture.make('quote', { account_quotes: of.account });
    act = async ({ work, record }) => {
      const refused = await work.delete('account', of.account).catch((error: Error) => error.message);
      await work.update('contact', record.id, { columns: { email: 'kept@contoso.example' } });
      expect(refused).toBe('Related records forbid it: 1 by account_quotes.');
    };
    await fixture.run(of.plan);
    expect(await fixture.totals(of.plan)).toMatchObject({ done: 1 });
    expect(await fixture.lives('account', of.account)).toBe(true);
    expect(await fenceOf(fixture, of)).toBeUndefined();
    act = ({ work }) => work.delete('account', of.account);
    const again = fixture.plan('contact', of.contact, 'kim', { lanes: 1 });
    await fixture.run(again);
    expect(await fixture.log(again, 'failed')).toMatchObject([
      { problem: expect.stringMatching(/clears.*forbid it: 1 by account_quotes/) },
    ]);
  });

  it('is refused with a word on what to do where the plug-in has put something under the record', async () => {
    act = async ({ work }) => {
      await work.create('activity', { columns: { subject: 'Last' }, lookups: { account_activities: of.account } });
      await work.delete('account', of.account);
    };
    await fixture.run(of.plan);
    expect(await fixture.log(of.plan, 'failed')).toMatchObject([
      { problem: expect.stringContaining('was made in the same transaction') },
    ]);
    expect(await fixture.orphans()).toEqual([]);
  });

  it('meets a record of the same Delete, which counts as done', async () => {
    const tidy = plugin(({ work }) => work.delete('order', of.order), {
      table: 'account',
      action: 'delete',
      filter: {},
    });
    const deleting = fixture.open({ plugins: [{ ...tidy, step: 'before' }] });
    const parent = await fixture.make('account');
    const line = await fixture.make('contact', { account_contacts: parent });
    const one = plugin(({ work }) => work.delete('contact', line), { table: 'address', action: 'delete', filter: {} });
    await fixture.make('address', { account_addresses: parent });
    const host = fixture.open({ plugins: [{ ...one, step: 'before' }] });
    const plan = host.deletePlan('account', parent);
    await host.run(plan);
    expect(await host.log(plan, 'failed')).toEqual([]);
    expect(await host.totals(plan)).toEqual({ done: 3, skipped: 0, failed: 0 });
    expect(await host.lives('contact', line)).toBe(false);
    const other = deleting.deletePlan('account', of.account);
    await deleting.run(other);
    expect(await deleting.totals(other)).toMatchObject({ failed: 0 });
    expect(await deleting.orphans()).toEqual([]);
  });

  it('E5 is done once and orphans nothing, whenever the process dies', async () => {
    act = ({ work }) => work.delete('account', of.account);
    for (const write of writesToDieAt(1)) {
      const crashing = createCrashingStorage();
      const dying = new CascadeFixture({ plugins: [clears], policies: [crashing.policy] });
      of = await family(dying);
      await dying.identify(of.plan);
      crashing.crashAt(write, 'after');
      await dying.cascades.applyBatch(of.plan, 0, 5, allowed).catch(() => undefined);
      if (!crashing.isDead) {
        expect(write).toBeGreaterThan(8);
        return;
      }
      const host = dying.open({ plugins: [clears] });
      const open = host.storage.table('transactions').rows({ partitionKey: 'open' });
      for await (const { rowKey } of open) await host.records.tables.locks.transactions.abort(rowKey);
      await host.apply(of.plan);
      expect(await host.totals(of.plan), `write ${write}`).toEqual({ done: 1, skipped: 0, failed: 0 });
      expect(await host.lives('address', of.address), `write ${write}`).toBe(false);
      expect(await host.orphans(), `write ${write}`).toEqual([]);
    }
  });
});

describe('C10 C2 a Delete that a plug-in of a synchronous cascade starts', () => {
  it('is a part of its transaction, records of its own set included', async () => {
    const healthy = new SyncFixture({ plugins: [clears] });
    of = await family(healthy.fixture);
    const mine = await healthy.fixture.make('order', { contact_orders: of.contact });
    act = async ({ work }) => {
      await work.delete('account', of.account);
      await work.delete('order', mine);
    };
    const plan = healthy.fixture.plan('contact', of.contact, 'zoe');
    expect(await healthy.run(plan)).toMatchObject({ status: 'Completed', endCounts: { done: 2 } });
    expect(await healthy.fixture.lives('contact', of.below)).toBe(false);
    expect(await healthy.fixture.lives('order', mine)).toBe(false);
    expect(await healthy.fixture.value('order', of.order)).toMatchObject({ lookups: {} });
    expect(await healthy.fixture.orphans()).toEqual([]);
    expect(await healthy.locks('account', 'contact', 'order')).toEqual([]);
  });
});
