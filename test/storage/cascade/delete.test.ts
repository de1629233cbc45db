/**
 * Hunts orphans, above all those that creators and movers make which looked at a parent just before it was fenced; records
 * that are deleted though they were only to be unlinked, or the other way round; parents that go before their children.
 */
import { RestError } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DeletePlan } from '../../../shared/cascade/plans.ts';
import type { TableName } from '../../../shared/catalogue/tables.ts';
import { createCrashingStorage } from '../../support/crashing-storage.ts';
import { createFailingStorage } from '../../support/failing-storage.ts';
import { createGate } from '../../support/gate.ts';
import { allowed, World, writesTo } from './cascade-world.ts';

const ON = { by: 'bert', on: '2026-03-02T10:00:00.000Z' };

let world: World;
beforeEach(() => {
  world = new World();
});

/** An account with contacts, addresses, and an order that has a line, under the account and the first contact. */
async function customer() {
  const account = await world.make('account');
  const contacts = await world.makeMany('contact', { account_contacts: account }, [{}, {}, {}]);
  const address = await world.make('address', { account_addresses: account });
  const order = await world.make('order', { account_orders: account, contact_orders: contacts[0] ?? '' });
  const line = await world.make('orderline', { order_orderlines: order });
  return { account, contacts, address, order, line };
}

function child(table: TableName, lookups: Record<string, string>, id: string) {
  const common = { ownerId: 'bert', state: 'Active', createdOn: ON.on, createdBy: 'bert' } as const;
  const value = { id, table, ...common, columns: { fullName: 'Late' }, lookups };
  return { value, origin: 'late' };
}

describe('C1 C7 Delete', () => {
  it('follows the behaviours: what belongs to the record goes, what only names it loses the link', async () => {
    const { account, contacts, address, order, line } = await customer();
    const plan = world.deletePlan('account', account);
    expect(await world.run(plan)).toEqual({ found: 6, byTable: { account: 1, address: 1, contact: 3, order: 1 } });
    for (const id of contacts) expect(await world.lives('contact', id)).toBe(false);
    expect(await world.lives('account', account)).toBe(false);
    expect(await world.lives('address', address)).toBe(false);
    expect(await world.value('order', order)).toMatchObject({ lookups: {}, version: 2, modifiedBy: 'admin' });
    expect(await world.value('orderline', line)).toMatchObject({ version: 1 });
    expect(await world.totals(plan)).toEqual({ done: 6, skipped: 0, failed: 0 });
    expect((await world.records.find('account', account))?.tombstone).toMatchObject({
      deletedBy: 'admin',
      jobId: plan.jobId,
    });
    const log = await world.log(plan);
    expect(log.find(({ recordId }) => recordId === order)?.changes).toEqual(
      expect.arrayContaining([
        { name: 'lookups.account_orders', old: account, new: null },
        { name: 'lookups.contact_orders', old: contacts[0], new: null },
      ]),
    );
    expect(log.at(-1)).toMatchObject({ recordId: account, version: 2, changes: [{ name: 'deletedOn', old: null }] });
  });

  it('deletes what one path unlinks and another deletes, with all that is under it', async () => {
    const { account, order, line } = await customer();
    const plan = world.deletePlan('account', account);
    await world.run({ ...plan, behaviors: { ...plan.behaviors, contact_orders: 'All' } });
    expect(await world.lives('order', order)).toBe(false);
    expect(await world.lives('orderline', line)).toBe(false);
    expect(await world.orphans()).toEqual([]);
  });

  it('leaves alone what a link of long ago leads to', async () => {
    const { account, contacts } = await customer();
    const other = await world.make('account');
    const [moved] = contacts;
    await world.records.change('contact', moved ?? '', { lookups: { account_contacts: other } }, ON);
    await world.records.hints('account_contacts').put(account, moved ?? '', ON.on);
    await world.run(world.deletePlan('account', account));
    expect(await world.lives('contact', moved ?? '')).toBe(true);
    expect((await world.value('contact', moved ?? '')).version).toBe(2);
  });

  it('deletes children before their parents, whatever batch it is cut off after', async () => {
    const { account } = await customer();
    const lookups = { account_contacts: account };
    await world.makeMany(
      'contact',
      lookups,
      Array.from({ length: 120 }, () => ({})),
    );
    const plan = world.deletePlan('account', account);
    await world.identify({ ...plan, behaviors: { ...plan.behaviors, account_orders: 'All', contact_orders: 'All' } });
    for (let drained = false; !drained; ) {
      const outcome = await world.cascades.applyBatch(plan, 0, 1, allowed);
      expect(await world.orphans(['orderline', 'order', 'contact'])).toEqual([]);
      drained = outcome.kind === 'applied' && outcome.drained;
    }
    expect(await world.lives('account', account)).toBe(false);
  });

  it('finds records that forbid it, under the fence as well as by a survey', async () => {
    const { account } = await customer();
    const quote = await world.make('quote', { account_quotes: account });
    const plan = world.deletePlan('account', account);
    const blockers = [{ relationship: 'account_quotes', count: 1, examples: [quote] }];
    expect(await world.cascades.survey(plan)).toMatchObject({ complete: true, blockers });
    expect((await world.records.get('account', account)).lock).toBeUndefined();
    expect(await world.cascades.identify(plan, undefined)).toMatchObject({ cursor: undefined, blockers });
    expect(await world.lives('account', account)).toBe(true);
  });

  it('C17 is surveyed without a trace', async () => {
    const { account } = await customer();
    await world.make('contact', { account_contacts: account }, { state: 'Inactive' });
    const plan = world.deletePlan('account', account, { by: 'anna' });
    expect(await world.cascades.survey(plan)).toEqual({
      complete: true,
      total: 7,
      byTable: { account: 1, contact: 4, address: 1, order: 1 },
      byRelationship: { account_contacts: 4, account_addresses: 1, account_orders: 1, contact_orders: 1 },
      blockers: [],
      inactive: 1,
      ownTables: expect.arrayContaining(['account', 'contact', 'address', 'order']),
    });
    expect(await world.cascades.survey(plan, 2)).toMatchObject({ complete: false });
    expect((await world.records.get('account', account)).lock).toBeUndefined();
  });
});

describe('C7 what somebody else has removed', () => {
  it('breaks the job, which names it; what is deleted stays so, and a new job goes on without it', async () => {
    const { account, contacts } = await customer();
    const plan = world.deletePlan('account', account);
    await world.identify(plan);
    await world.deleteOne('contact', contacts[1] ?? '');
    const outcome = await world.cascades.applyBatch(plan, 0, 10, allowed);
    expect(outcome).toMatchObject({ kind: 'broken', recordIds: [contacts[1]] });
    expect(await world.orphans()).toEqual([]);
    world.endedJobs.add(plan.jobId);
    const again = world.deletePlan('account', account);
    await world.run(again);
    expect(await world.lives('account', account)).toBe(false);
    expect(await world.orphans()).toEqual([]);
    expect((await world.records.find('contact', contacts[1] ?? ''))?.tombstone?.deletedBy).toBe('bert');
  });

  it('is no trouble where it was only to be unlinked, or was moved away in time', async () => {
    const { account, contacts, order } = await customer();
    const other = await world.make('account');
    const plan = world.deletePlan('account', account);
    await world.identify(plan);
    await world.deleteOne('order', order);
    await world.records.change('contact', contacts[2] ?? '', { lookups: { account_contacts: other } }, ON);
    await world.apply(plan);
    expect(await world.totals(plan)).toEqual({ done: 4, skipped: 2, failed: 0 });
    expect(await world.lives('contact', contacts[2] ?? '')).toBe(true);
    expect(await world.orphans(['contact', 'order', 'address'])).toEqual([]);
  });
});

describe('C7 nothing is ever orphaned', () => {
  it('by a creator that looked at the parent before the fence and writes after it', async () => {
    const { account } = await customer();
    const gate = createGate(writesTo('recordscontact'));
    const slow = world.open({ policies: [gate.policy] });
    const id = world.newId();
    const creating = slow.records.create(child('contact', { account_contacts: account }, id));
    await gate.reached;
    const plan = world.deletePlan('account', account);
    await world.identify(plan);
    gate.open();
    await expect(creating).rejects.toMatchObject({ slug: 'conflict', extra: { jobId: plan.jobId } });
    await world.apply(plan);
    expect(await world.lives('contact', id)).toBe(false);
    expect(await world.orphans()).toEqual([]);
  });

  it('by a mover that looked at the parent before the fence and writes after it', async () => {
    const { account } = await customer();
    const other = await world.make('account');
    const [moving, address] = [
      await world.make('contact', { account_contacts: other }),
      await world.make('address', { account_addresses: other }),
    ];
    const gate = createGate((request) => writesTo('recordscontact')(request) || writesTo('recordsaddress')(request));
    const slow = world.open({ policies: [gate.policy] });
    const moves = [
      slow.records.change('contact', moving, { lookups: { account_contacts: account } }, ON),
      slow.records.change('address', address, { lookups: { account_addresses: account } }, ON),
    ];
    await gate.reached;
    // Both have put their hints and looked at the account when they come to the gate.
    await expect.poll(async () => world.records.hints('account_addresses').find(account, address)).toBeDefined();
    await expect.poll(async () => world.records.hints('account_contacts').find(account, moving)).toBeDefined();
    const plan = world.deletePlan('account', account);
    await world.identify(plan);
    gate.open();
    for (const move of await Promise.allSettled(moves)) {
      expect(move).toMatchObject({ status: 'rejected', reason: { slug: 'conflict' } });
    }
    await world.apply(plan);
    expect(await world.value('contact', moving)).toMatchObject({ version: 1, lookups: { account_contacts: other } });
    expect(await world.orphans()).toEqual([]);
  });

  it('by creators and movers that come while it is being deleted, at any level', async () => {
    const { account, contacts } = await customer();
    const other = await world.make('account');
    const order = await world.make('order', { account_orders: other });
    const plan = world.deletePlan('account', account);
    await world.identify(plan);
    const late = [
      world.records.create(child('address', { account_addresses: account }, world.newId())),
      world.records.create(child('order', { contact_orders: contacts[1] ?? '' }, world.newId())),
      world.records.change('order', order, { lookups: { contact_orders: contacts[1] ?? '' } }, ON),
    ];
    for (const each of await Promise.allSettled(late)) {
      expect(each).toMatchObject({ status: 'rejected', reason: { slug: 'conflict', extra: { jobId: plan.jobId } } });
    }
    await world.apply(plan);
    expect(await world.orphans()).toEqual([]);
  });

  it('by many creators and movers at random moments, nor when hosts die on the way', async () => {
    for (let run = 0; run < 4; run++) {
      const { account, contacts } = await customer();
      const other = await world.make('account');
      const movers = await world.makeMany('contact', { account_contacts: other }, [{}, {}, {}, {}]);
      const crash = createCrashingStorage();
      const mortal = world.open({ policies: [crash.policy] });
      const hosts = [world, world.open()];
      let isOver = false;
      const busy = hosts.map(async (host, at) => {
        for (let turn = 0; !isOver; turn++) {
          const parent = contacts[turn % 3] ?? '';
          const some = movers[(turn + at) % 4] ?? '';
          await Promise.allSettled([
            host.records.create(child('contact', { account_contacts: account }, host.newId())),
            host.records.create(child('order', { contact_orders: parent }, host.newId())),
            host.records.change('contact', some, { lookups: { account_contacts: turn % 2 ? account : other } }, ON),
          ]);
        }
      });
      const plan = world.deletePlan('account', account);
      crash.crashAt(3 + run * 4, run % 2 ? 'after' : 'before');
      await mortal.cascades.identify(plan, undefined).catch(() => undefined);
      await world.identify(plan);
      await mortal.cascades.applyBatch(plan, 0, 10, allowed).catch(() => undefined);
      for (let drained = false; !drained; ) {
        const outcome = await world.cascades.applyBatch(plan, 0, 2, allowed);
        if (outcome.kind === 'applied') drained = outcome.drained;
        else expect(outcome.kind).toBe('transient');
      }
      isOver = true;
      await Promise.all(busy);
      expect(await world.lives('account', account)).toBe(false);
      expect(await world.orphans(['contact', 'order', 'address'])).toEqual([]);
    }
  });
});

describe('C7 fences', () => {
  it('are void once their job has ended, and a batch that comes late finds that out', async () => {
    const { account } = await customer();
    const plan = world.deletePlan('account', account);
    await world.identify(plan);
    const gate = createGate(writesTo('recordsaccount'));
    const late = world.open({ policies: [gate.policy] }).cascades.applyBatch(plan, 0, 10, allowed);
    await gate.reached;
    world.endedJobs.add(plan.jobId);
    const id = world.newId();
    await world.records.create(child('contact', { account_contacts: account }, id));
    gate.open();
    expect(await late).toMatchObject({ kind: 'broken', recordIds: [account] });
    expect(await world.lives('contact', id)).toBe(true);
    expect(await world.orphans()).toEqual([]);
  });

  it('of a job that goes on are waited for by another, and taken over when it has ended', async () => {
    const { account, contacts } = await customer();
    const plan = world.deletePlan('contact', contacts[0] ?? '');
    await world.identify(plan);
    const whole = world.deletePlan('account', account);
    expect(await world.cascades.identify(whole, undefined)).toMatchObject({
      waitsFor: { kind: 'fence', jobId: plan.jobId, text: expect.stringContaining(plan.jobId) },
    });
    world.endedJobs.add(plan.jobId);
    await world.run(whole);
    expect(await world.orphans()).toEqual([]);
    expect(await world.lives('contact', contacts[0] ?? '')).toBe(false);
  });
});

describe('C19 a record that can’t be deleted', () => {
  async function failed(): Promise<{ plan: DeletePlan; account: string; guilty: string }> {
    const failing = createFailingStorage();
    const { account, contacts } = await customer();
    const plan = world.deletePlan('account', account);
    await world.identify(plan);
    const [guilty] = [...contacts].sort();
    const poisoned = world.open({ policies: [failing.policy] });
    failing.refuse(1, writesTo('recordscontact'), new RestError('1:The value is bad', { statusCode: 400 }));
    for (let drained = false; !drained; ) {
      const outcome = await poisoned.cascades.applyBatch(plan, 0, 10, allowed);
      if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
      drained = outcome.drained;
    }
    return { plan, account, guilty: guilty ?? '' };
  }

  it('holds back its parents until it is tried again', async () => {
    const { plan, account, guilty } = await failed();
    expect(await world.totals(plan)).toEqual({ done: 4, skipped: 0, failed: 1 });
    expect(await world.lives('account', account)).toBe(true);
    expect(await world.cascades.retryFailed(plan)).toBe(1);
    await world.apply(plan);
    expect(await world.totals(plan)).toEqual({ done: 6, skipped: 0, failed: 0 });
    expect(await world.lives('contact', guilty)).toBe(false);
  });

  it('keeps its parents when it is passed over', async () => {
    const { plan, account, guilty } = await failed();
    expect(await world.cascades.skipFailed(plan)).toBe(1);
    await world.apply(plan);
    expect(await world.totals(plan)).toEqual({ done: 4, skipped: 2, failed: 0 });
    expect([await world.lives('contact', guilty), await world.lives('account', account)]).toEqual([true, true]);
    expect(await world.orphans()).toEqual([]);
  });
});
