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
import { allowed, CascadeFixture, writesTo } from './cascade-fixture.ts';

const ON = { by: 'bert', on: '2026-03-02T10:00:00.000Z' };

let fixture: CascadeFixture;
beforeEach(() => {
  fixture = new CascadeFixture();
});

/** An account with contacts, addresses, and an order that has a line, under the account and the first contact. */
async function customer() {
  const account = await fixture.make('account');
  const contacts = await fixture.makeMany('contact', { account_contacts: account }, [{}, {}, {}]);
  const address = await fixture.make('address', { account_addresses: account });
  const order = await fixture.make('order', { account_orders: account, contact_orders: contacts[0] ?? '' });
  const line = await fixture.make('orderline', { order_orderlines: order });
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
    const plan = fixture.deletePlan('account', account);
    expect(await fixture.run(plan)).toEqual({ found: 6, byTable: { account: 1, address: 1, contact: 3, order: 1 } });
    for (const id of contacts) expect(await fixture.lives('contact', id)).toBe(false);
    expect(await fixture.lives('account', account)).toBe(false);
    expect(await fixture.lives('address', address)).toBe(false);
    expect(await fixture.value('order', order)).toMatchObject({ lookups: {}, version: 2, modifiedBy: 'admin' });
    expect(await fixture.value('orderline', line)).toMatchObject({ version: 1 });
    expect(await fixture.totals(plan)).toEqual({ done: 6, skipped: 0, failed: 0 });
    expect((await fixture.records.find('account', account))?.tombstone).toMatchObject({
      deletedBy: 'admin',
      jobId: plan.jobId,
    });
    const log = await fixture.log(plan);
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
    const plan = fixture.deletePlan('account', account);
    await fixture.run({ ...plan, behaviors: { ...plan.behaviors, contact_orders: 'All' } });
    expect(await fixture.lives('order', order)).toBe(false);
    expect(await fixture.lives('orderline', line)).toBe(false);
    expect(await fixture.orphans()).toEqual([]);
  });

  it('leaves alone what a link of long ago leads to', async () => {
    const { account, contacts } = await customer();
    const other = await fixture.make('account');
    const [moved] = contacts;
    await fixture.records.change('contact', moved ?? '', { lookups: { account_contacts: other } }, ON);
    await fixture.records.hints('account_contacts').put(account, moved ?? '', ON.on);
    await fixture.run(fixture.deletePlan('account', account));
    expect(await fixture.lives('contact', moved ?? '')).toBe(true);
    expect((await fixture.value('contact', moved ?? '')).version).toBe(2);
  });

  it('deletes children before their parents, whatever batch it is cut off after', async () => {
    const { account } = await customer();
    const lookups = { account_contacts: account };
    await fixture.makeMany(
      'contact',
      lookups,
      Array.from({ length: 120 }, () => ({})),
    );
    const plan = fixture.deletePlan('account', account);
    await fixture.identify({ ...plan, behaviors: { ...plan.behaviors, account_orders: 'All', contact_orders: 'All' } });
    for (let drained = false; !drained; ) {
      const outcome = await fixture.cascades.applyBatch(plan, 0, 1, allowed);
      expect(await fixture.orphans(['orderline', 'order', 'contact'])).toEqual([]);
      drained = outcome.kind === 'applied' && outcome.drained;
    }
    expect(await fixture.lives('account', account)).toBe(false);
  });

  it('finds records that forbid it, under the fence as well as by a survey', async () => {
    const { account } = await customer();
    const quote = await fixture.make('quote', { account_quotes: account });
    const plan = fixture.deletePlan('account', account);
    const blockers = [{ relationship: 'account_quotes', count: 1, examples: [quote] }];
    expect(await fixture.cascades.survey(plan)).toMatchObject({ complete: true, blockers });
    expect((await fixture.records.get('account', account)).lock).toBeUndefined();
    expect(await fixture.cascades.identify(plan, undefined)).toMatchObject({ cursor: undefined, blockers });
    expect(await fixture.lives('account', account)).toBe(true);
  });

  it('C17 is surveyed without a trace', async () => {
    const { account } = await customer();
    await fixture.make('contact', { account_contacts: account }, { state: 'Inactive' });
    const plan = fixture.deletePlan('account', account, { by: 'anna' });
    expect(await fixture.cascades.survey(plan)).toEqual({
      complete: true,
      total: 7,
      byTable: { account: 1, contact: 4, address: 1, order: 1 },
      byRelationship: { account_contacts: 4, account_addresses: 1, account_orders: 1, contact_orders: 1 },
      blockers: [],
      inactive: 1,
      ownTables: expect.arrayContaining(['account', 'contact', 'address', 'order']),
    });
    expect(await fixture.cascades.survey(plan, 2)).toMatchObject({ complete: false });
    expect((await fixture.records.get('account', account)).lock).toBeUndefined();
  });
});

describe('C7 what somebody else has removed', () => {
  it('breaks the job, which names it; what is deleted stays so, and a new job goes on without it', async () => {
    const { account, contacts } = await customer();
    const plan = fixture.deletePlan('account', account);
    await fixture.identify(plan);
    await fixture.deleteOne('contact', contacts[1] ?? '');
    const outcome = await fixture.cascades.applyBatch(plan, 0, 10, allowed);
    expect(outcome).toMatchObject({ kind: 'broken', recordIds: [contacts[1]] });
    expect(await fixture.orphans()).toEqual([]);
    fixture.endedJobs.add(plan.jobId);
    const again = fixture.deletePlan('account', account);
    await fixture.run(again);
    expect(await fixture.lives('account', account)).toBe(false);
    expect(await fixture.orphans()).toEqual([]);
    expect((await fixture.records.find('contact', contacts[1] ?? ''))?.tombstone?.deletedBy).toBe('bert');
  });

  it('is no trouble where it was only to be unlinked, or was moved away in time', async () => {
    const { account, contacts, order } = await customer();
    const other = await fixture.make('account');
    const plan = fixture.deletePlan('account', account);
    await fixture.identify(plan);
    await fixture.deleteOne('order', order);
    await fixture.records.change('contact', contacts[2] ?? '', { lookups: { account_contacts: other } }, ON);
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 4, skipped: 2, failed: 0 });
    expect(await fixture.lives('contact', contacts[2] ?? '')).toBe(true);
    expect(await fixture.orphans(['contact', 'order', 'address'])).toEqual([]);
  });
});

describe('C7 nothing is ever orphaned', () => {
  it('by a creator that looked at the parent before the fence and writes after it', async () => {
    const { account } = await customer();
    const gate = createGate(writesTo('recordscontact'));
    const slow = fixture.open({ policies: [gate.policy] });
    const id = fixture.newId();
    const creating = slow.records.create(child('contact', { account_contacts: account }, id));
    await gate.reached;
    const plan = fixture.deletePlan('account', account);
    await fixture.identify(plan);
    gate.open();
    await expect(creating).rejects.toMatchObject({ slug: 'conflict', extra: { jobId: plan.jobId } });
    await fixture.apply(plan);
    expect(await fixture.lives('contact', id)).toBe(false);
    expect(await fixture.orphans()).toEqual([]);
  });

  it('by a mover that looked at the parent before the fence and writes after it', async () => {
    const { account } = await customer();
    const other = await fixture.make('account');
    const [moving, address] = [
      await fixture.make('contact', { account_contacts: other }),
      await fixture.make('address', { account_addresses: other }),
    ];
    const gate = createGate((request) => writesTo('recordscontact')(request) || writesTo('recordsaddress')(request));
    const slow = fixture.open({ policies: [gate.policy] });
    const moves = [
      slow.records.change('contact', moving, { lookups: { account_contacts: account } }, ON),
      slow.records.change('address', address, { lookups: { account_addresses: account } }, ON),
    ];
    await gate.reached;
    // Both have put their hints and looked at the account when they come to the gate.
    await expect.poll(async () => fixture.records.hints('account_addresses').find(account, address)).toBeDefined();
    await expect.poll(async () => fixture.records.hints('account_contacts').find(account, moving)).toBeDefined();
    const plan = fixture.deletePlan('account', account);
    await fixture.identify(plan);
    gate.open();
    for (const move of await Promise.allSettled(moves)) {
      expect(move).toMatchObject({ status: 'rejected', reason: { slug: 'conflict' } });
    }
    await fixture.apply(plan);
    expect(await fixture.value('contact', moving)).toMatchObject({ version: 1, lookups: { account_contacts: other } });
    expect(await fixture.orphans()).toEqual([]);
  });

  it('by creators and movers that come while it is being deleted, at any level', async () => {
    const { account, contacts } = await customer();
    const other = await fixture.make('account');
    const order = await fixture.make('order', { account_orders: other });
    const plan = fixture.deletePlan('account', account);
    await fixture.identify(plan);
    const late = [
      fixture.records.create(child('address', { account_addresses: account }, fixture.newId())),
      fixture.records.create(child('order', { contact_orders: contacts[1] ?? '' }, fixture.newId())),
      fixture.records.change('order', order, { lookups: { contact_orders: contacts[1] ?? '' } }, ON),
    ];
    for (const each of await Promise.allSettled(late)) {
      expect(each).toMatchObject({ status: 'rejected', reason: { slug: 'conflict', extra: { jobId: plan.jobId } } });
    }
    await fixture.apply(plan);
    expect(await fixture.orphans()).toEqual([]);
  });

  it('by many creators and movers at random moments, nor when hosts die on the way', async () => {
    for (let run = 0; run < 4; run++) {
      const { account, contacts } = await customer();
      const other = await fixture.make('account');
      const movers = await fixture.makeMany('contact', { account_contacts: other }, [{}, {}, {}, {}]);
      const crash = createCrashingStorage();
      const mortal = fixture.open({ policies: [crash.policy] });
      const hosts = [fixture, fixture.open()];
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
      const plan = fixture.deletePlan('account', account);
      crash.crashAt(3 + run * 4, run % 2 ? 'after' : 'before');
      await mortal.cascades.identify(plan, undefined).catch(() => undefined);
      await fixture.identify(plan);
      await mortal.cascades.applyBatch(plan, 0, 10, allowed).catch(() => undefined);
      for (let drained = false; !drained; ) {
        const outcome = await fixture.cascades.applyBatch(plan, 0, 2, allowed);
        if (outcome.kind === 'applied') drained = outcome.drained;
        else expect(outcome.kind).toBe('transient');
      }
      isOver = true;
      await Promise.all(busy);
      expect(await fixture.lives('account', account)).toBe(false);
      expect(await fixture.orphans(['contact', 'order', 'address'])).toEqual([]);
    }
  });
});

describe('C7 fences', () => {
  it('are void once their job has ended, and a batch that comes late finds that out', async () => {
    const { account } = await customer();
    const plan = fixture.deletePlan('account', account);
    await fixture.identify(plan);
    const gate = createGate(writesTo('recordsaccount'));
    const late = fixture.open({ policies: [gate.policy] }).cascades.applyBatch(plan, 0, 10, allowed);
    await gate.reached;
    fixture.endedJobs.add(plan.jobId);
    const id = fixture.newId();
    await fixture.records.create(child('contact', { account_contacts: account }, id));
    gate.open();
    expect(await late).toMatchObject({ kind: 'broken', recordIds: [account] });
    expect(await fixture.lives('contact', id)).toBe(true);
    expect(await fixture.orphans()).toEqual([]);
  });

  it('of a job that goes on are waited for by another, and taken over when it has ended', async () => {
    const { account, contacts } = await customer();
    const plan = fixture.deletePlan('contact', contacts[0] ?? '');
    await fixture.identify(plan);
    const whole = fixture.deletePlan('account', account);
    expect(await fixture.cascades.identify(whole, undefined)).toMatchObject({
      waitsFor: { kind: 'fence', jobId: plan.jobId, text: expect.stringContaining(plan.jobId) },
    });
    fixture.endedJobs.add(plan.jobId);
    await fixture.run(whole);
    expect(await fixture.orphans()).toEqual([]);
    expect(await fixture.lives('contact', contacts[0] ?? '')).toBe(false);
  });
});

describe('C19 a record that can’t be deleted', () => {
  async function failed(): Promise<{ plan: DeletePlan; account: string; guilty: string }> {
    const failing = createFailingStorage();
    const { account, contacts } = await customer();
    const plan = fixture.deletePlan('account', account);
    await fixture.identify(plan);
    const [guilty] = [...contacts].sort();
    const poisoned = fixture.open({ policies: [failing.policy] });
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
    expect(await fixture.totals(plan)).toEqual({ done: 4, skipped: 0, failed: 1 });
    expect(await fixture.lives('account', account)).toBe(true);
    expect(await fixture.cascades.retryFailed(plan)).toBe(1);
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 6, skipped: 0, failed: 0 });
    expect(await fixture.lives('contact', guilty)).toBe(false);
  });

  it('keeps its parents when it is passed over', async () => {
    const { plan, account, guilty } = await failed();
    expect(await fixture.cascades.skipFailed(plan)).toBe(1);
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 4, skipped: 2, failed: 0 });
    expect([await fixture.lives('contact', guilty), await fixture.lives('account', account)]).toEqual([true, true]);
    expect(await fixture.orphans()).toEqual([]);
  });
});
