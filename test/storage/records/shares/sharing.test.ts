import { beforeEach, describe, expect, it } from 'vitest';
import type { TableName } from '../../../../shared/catalogue/tables.ts';
import { allowed, World } from '../../cascade/cascade-world.ts';
import { reparentPlan, sharePlan, told, unsharePlan } from './sharing-plans.ts';

let world: World;
let account: string;
let contact: string;
let order: string;
beforeEach(async () => {
  world = new World();
  account = await world.make('account');
  contact = await world.make('contact', { account_contacts: account });
  order = await world.make('order', { contact_orders: contact });
});

const share = (table: TableName, id: string, principal: string) => world.run(sharePlan(table, id, principal, ['Read']));

describe('C16 Share', () => {
  it('gives direct rights on the root and inherited ones below it, with the root as their source', async () => {
    const plan = sharePlan('account', account, 'bob', ['Read', 'Write']);
    expect(await world.run(plan)).toMatchObject({ found: 3, byTable: { account: 1, contact: 1, order: 1 } });
    expect(await told(world, 'account', account)).toEqual(['bob: direct Read, Write']);
    expect(await told(world, 'contact', contact)).toEqual([`bob: ${account} Read, Write`]);
    expect(await told(world, 'order', order)).toEqual([`bob: ${account} Read, Write`]);
  });

  it('leaves version and modification of the records as they are, and logs the rights that came', async () => {
    const plan = sharePlan('account', account, 'bob', ['Read']);
    const before = await world.value('contact', contact);
    await world.run(plan);
    expect(await world.value('contact', contact)).toEqual(before);
    expect(await world.log(plan)).toContainEqual(
      expect.objectContaining({
        recordId: contact,
        outcome: 'done',
        changes: [{ name: `shares.bob|${account}`, old: null, new: 'Read' }],
      }),
    );
  });

  it('adds to what a user has, counts as done what changes nothing, and follows the behaviours', async () => {
    const closed = await world.make('case', { account_cases: account }, { state: 'Inactive' });
    await share('contact', contact, 'bob');
    await world.run(sharePlan('contact', contact, 'bob', ['Write']));
    const again = sharePlan('account', account, 'bob', ['Read']);
    await world.run(again);
    await world.run({ ...again, jobId: '99999999-9999-4999-8999-999999999999' });
    expect(await told(world, 'contact', contact)).toEqual([`bob: direct Read, Write; ${account} Read`]);
    expect(await told(world, 'order', order)).toEqual([
      `bob: ${[`${account} Read`, `${contact} Read, Write`].sort().join('; ')}`,
    ]);
    expect(await told(world, 'case', closed)).toEqual([]);
    expect(await world.totals(again)).toEqual({ done: 3, skipped: 0, failed: 0 });
  });

  it('skips a record that was deleted meanwhile, and waits for one that a transaction holds', async () => {
    const plan = sharePlan('account', account, 'bob', ['Read']);
    await world.identify(plan);
    await world.deleteOne('order', order);
    await world.lockOne('contact', contact, 'other');
    const outcomes = [
      await world.cascades.applyBatch(plan, 0, 9, allowed),
      await world.cascades.applyBatch(plan, 1, 9, allowed),
    ];
    expect(outcomes).toContainEqual(expect.objectContaining({ kind: 'transient' }));
    await world.lockOne('contact', contact, undefined);
    await world.apply(plan);
    expect(await world.totals(plan)).toEqual({ done: 2, skipped: 1, failed: 0 });
  });

  it('E5 takes records by the hundred, and is not done a second time by a batch that runs twice', async () => {
    await world.makeMany(
      'contact',
      { account_contacts: account },
      Array.from({ length: 120 }, () => ({})),
    );
    const plan = sharePlan('account', account, 'bob', ['Read']);
    await world.identify(plan);
    await Promise.all([world.apply(plan), world.open().apply(plan)]);
    expect(await world.totals(plan)).toEqual({ done: 123, skipped: 0, failed: 0 });
    const unshare = unsharePlan('account', account, 'bob');
    await world.run(unshare);
    await world.apply(plan);
    expect(await told(world, 'contact', contact)).toEqual([]);
    expect(await world.totals(unshare)).toEqual({ done: 123, skipped: 0, failed: 0 });
  });

  it('two shares of the same records at the same moment both arrive', async () => {
    const plans = ['bob', 'carl', 'dora'].map((user) => sharePlan('account', account, user, ['Read']));
    await Promise.all(plans.map((plan) => world.run(plan)));
    expect((await told(world, 'order', order)).sort()).toEqual(
      ['bob', 'carl', 'dora'].map((user) => `${user}: ${account} Read`),
    );
  });
});

describe('C16 Unshare', () => {
  it('takes what came by that path, never a direct share nor what another source gave', async () => {
    await share('account', account, 'bob');
    await share('account', account, 'carl');
    await share('order', order, 'bob');
    await share('contact', contact, 'bob');
    await world.run(unsharePlan('account', account, 'bob'));
    expect(await told(world, 'account', account)).toEqual(['carl: direct Read']);
    expect(await told(world, 'contact', contact)).toEqual(['bob: direct Read', `carl: ${account} Read`]);
    expect(await told(world, 'order', order)).toEqual([`bob: direct Read; ${contact} Read`, `carl: ${account} Read`]);
  });
});

describe('C16 Reparent', () => {
  let other: string;
  beforeEach(async () => {
    other = await world.make('account');
    await share('account', account, 'bob');
    await share('account', other, 'carl');
  });

  it('moves the root, and inherited rights go from the old line to the new one', async () => {
    await share('contact', contact, 'dora');
    await share('order', order, 'bob');
    const plan = await reparentPlan(world, 'contact', contact, 'account_contacts', other);
    expect(await world.run(plan)).toMatchObject({ found: 2 });
    expect(await world.value('contact', contact)).toMatchObject({ version: 2, lookups: { account_contacts: other } });
    expect((await told(world, 'contact', contact)).sort()).toEqual([`carl: ${other} Read`, 'dora: direct Read']);
    expect((await told(world, 'order', order)).sort()).toEqual([
      'bob: direct Read',
      `carl: ${other} Read`,
      `dora: ${contact} Read`,
    ]);
    expect(await world.log(plan)).toContainEqual(
      expect.objectContaining({
        recordId: contact,
        changes: expect.arrayContaining([{ name: 'lookups.account_contacts', old: account, new: other }]),
      }),
    );
  });

  it('keeps what another parent hands down as well', async () => {
    const both = await world.make('order', { contact_orders: contact, account_orders: account });
    await share('account', account, 'bob');
    await world.run(await reparentPlan(world, 'contact', contact, 'account_contacts', other));
    expect(await told(world, 'order', both)).toEqual([`bob: ${account} Read`, `carl: ${other} Read`]);
    await world.run(await reparentPlan(world, 'order', both, 'account_orders', null));
    expect(await told(world, 'order', both)).toEqual([`carl: ${other} Read`]);
    expect((await world.value('order', both)).lookups).toEqual({ contact_orders: contact });
  });

  it('is found under its new parent alone, and finds its way back', async () => {
    const seen = async (parent: string) => {
      const ids: string[] = [];
      for await (const { childId } of world.records.hints('account_contacts').of(parent)) ids.push(childId);
      return ids;
    };
    await world.run(await reparentPlan(world, 'contact', contact, 'account_contacts', other));
    expect([await seen(account), await seen(other)]).toEqual([[], [contact]]);
    await world.run(await reparentPlan(world, 'contact', contact, 'account_contacts', account));
    expect([await seen(account), await seen(other)]).toEqual([[contact], []]);
    expect(await told(world, 'contact', contact)).toEqual([`bob: ${account} Read`]);
  });

  it('fails the record, not the job, when the new parent is gone by then', async () => {
    const plan = await reparentPlan(world, 'contact', contact, 'account_contacts', other);
    await world.deleteOne('account', other);
    await world.run(plan);
    expect(await world.totals(plan)).toMatchObject({ failed: 1 });
    expect((await world.value('contact', contact)).lookups).toEqual({ account_contacts: account });
  });
});
