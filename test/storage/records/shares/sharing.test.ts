import { beforeEach, describe, expect, it } from 'vitest';
import type { TableName } from '../../../../shared/catalogue/tables.ts';
import { allowed, CascadeFixture } from '../../cascade/cascade-fixture.ts';
import { reparentPlan, sharePlan, told, unsharePlan } from './sharing-plans.ts';

let fixture: CascadeFixture;
let account: string;
let contact: string;
let order: string;
beforeEach(async () => {
  fixture = new CascadeFixture();
  account = await fixture.make('account');
  contact = await fixture.make('contact', { account_contacts: account });
  order = await fixture.make('order', { contact_orders: contact });
});

const share = (table: TableName, id: string, principal: string) =>
  fixture.run(sharePlan(table, id, principal, ['Read']));

describe('C16 Share', () => {
  it('gives direct rights on the root and inherited ones below it, with the root as their source', async () => {
    const plan = sharePlan('account', account, 'bob', ['Read', 'Write']);
    expect(await fixture.run(plan)).toMatchObject({ found: 3, byTable: { account: 1, contact: 1, order: 1 } });
    expect(await told(fixture, 'account', account)).toEqual(['bob: direct Read, Write']);
    expect(await told(fixture, 'contact', contact)).toEqual([`bob: ${account} Read, Write`]);
    expect(await told(fixture, 'order', order)).toEqual([`bob: ${account} Read, Write`]);
  });

  it('leaves version and modification of the records as they are, and logs the rights that came', async () => {
    const plan = sharePlan('account', account, 'bob', ['Read']);
    const before = await fixture.value('contact', contact);
    await fixture.run(plan);
    expect(await fixture.value('contact', contact)).toEqual(before);
    expect(await fixture.log(plan)).toContainEqual(
      expect.objectContaining({
        recordId: contact,
        outcome: 'done',
        changes: [{ name: `shares.bob|${account}`, old: null, new: 'Read' }],
      }),
    );
  });

  it('adds to what a user has, counts as done what changes nothing, and follows the behaviours', async () => {
    const closed = await fixture.make('case', { account_cases: account }, { state: 'Inactive' });
    await share('contact', contact, 'bob');
    await fixture.run(sharePlan('contact', contact, 'bob', ['Write']));
    const again = sharePlan('account', account, 'bob', ['Read']);
    await fixture.run(again);
    await fixture.run({ ...again, jobId: '99999999-9999-4999-8999-999999999999' });
    expect(await told(fixture, 'contact', contact)).toEqual([`bob: direct Read, Write; ${account} Read`]);
    expect(await told(fixture, 'order', order)).toEqual([
      `bob: ${[`${account} Read`, `${contact} Read, Write`].sort().join('; ')}`,
    ]);
    expect(await told(fixture, 'case', closed)).toEqual([]);
    expect(await fixture.totals(again)).toEqual({ done: 3, skipped: 0, failed: 0 });
  });

  it('skips a record that was deleted meanwhile, and waits for one that a transaction holds', async () => {
    const plan = sharePlan('account', account, 'bob', ['Read']);
    await fixture.identify(plan);
    await fixture.deleteOne('order', order);
    await fixture.lockOne('contact', contact, 'other');
    expect(await fixture.cascades.applyBatch(plan, 0, 9, allowed)).toMatchObject({ kind: 'transient' });
    await fixture.lockOne('contact', contact, undefined);
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 2, skipped: 1, failed: 0 });
  });

  it('E5 takes records by the hundred, and is not done a second time by a batch that runs twice', async () => {
    await fixture.makeMany(
      'contact',
      { account_contacts: account },
      Array.from({ length: 120 }, () => ({})),
    );
    const plan = sharePlan('account', account, 'bob', ['Read']);
    await fixture.identify(plan);
    await Promise.all([fixture.apply(plan), fixture.open().apply(plan)]);
    expect(await fixture.totals(plan)).toEqual({ done: 123, skipped: 0, failed: 0 });
    const unshare = unsharePlan('account', account, 'bob');
    await fixture.run(unshare);
    await fixture.apply(plan);
    expect(await told(fixture, 'contact', contact)).toEqual([]);
    expect(await fixture.totals(unshare)).toEqual({ done: 123, skipped: 0, failed: 0 });
  });

  it('two shares of the same records at the same moment both arrive', async () => {
    const plans = ['bob', 'carl', 'dora'].map((user) => sharePlan('account', account, user, ['Read']));
    await Promise.all(plans.map((plan) => fixture.run(plan)));
    expect((await told(fixture, 'order', order)).sort()).toEqual(
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
    await fixture.run(unsharePlan('account', account, 'bob'));
    expect(await told(fixture, 'account', account)).toEqual(['carl: direct Read']);
    expect(await told(fixture, 'contact', contact)).toEqual(['bob: direct Read', `carl: ${account} Read`]);
    expect(await told(fixture, 'order', order)).toEqual([`bob: direct Read; ${contact} Read`, `carl: ${account} Read`]);
  });
});

describe('C16 Reparent', () => {
  let other: string;
  beforeEach(async () => {
    other = await fixture.make('account');
    await share('account', account, 'bob');
    await share('account', other, 'carl');
  });

  it('moves the root, and inherited rights go from the old line to the new one', async () => {
    await share('contact', contact, 'dora');
    await share('order', order, 'bob');
    const plan = await reparentPlan(fixture, 'contact', contact, 'account_contacts', other);
    expect(await fixture.run(plan)).toMatchObject({ found: 2 });
    expect(await fixture.value('contact', contact)).toMatchObject({ version: 2, lookups: { account_contacts: other } });
    expect((await told(fixture, 'contact', contact)).sort()).toEqual([`carl: ${other} Read`, 'dora: direct Read']);
    expect((await told(fixture, 'order', order)).sort()).toEqual([
      'bob: direct Read',
      `carl: ${other} Read`,
      `dora: ${contact} Read`,
    ]);
    expect(await fixture.log(plan)).toContainEqual(
      expect.objectContaining({
        recordId: contact,
        changes: expect.arrayContaining([{ name: 'lookups.account_contacts', old: account, new: other }]),
      }),
    );
  });

  it('keeps what another parent hands down as well', async () => {
    const both = await fixture.make('order', { contact_orders: contact, account_orders: account });
    await share('account', account, 'bob');
    await fixture.run(await reparentPlan(fixture, 'contact', contact, 'account_contacts', other));
    expect(await told(fixture, 'order', both)).toEqual([`bob: ${account} Read`, `carl: ${other} Read`]);
    await fixture.run(await reparentPlan(fixture, 'order', both, 'account_orders', null));
    expect(await told(fixture, 'order', both)).toEqual([`carl: ${other} Read`]);
    expect((await fixture.value('order', both)).lookups).toEqual({ contact_orders: contact });
  });

  it('is found under its new parent alone, and finds its way back', async () => {
    const seen = async (parent: string) => {
      const ids: string[] = [];
      for await (const { childId } of fixture.records.hints('account_contacts').of(parent)) ids.push(childId);
      return ids;
    };
    await fixture.run(await reparentPlan(fixture, 'contact', contact, 'account_contacts', other));
    expect([await seen(account), await seen(other)]).toEqual([[], [contact]]);
    await fixture.run(await reparentPlan(fixture, 'contact', contact, 'account_contacts', account));
    expect([await seen(account), await seen(other)]).toEqual([[contact], []]);
    expect(await told(fixture, 'contact', contact)).toEqual([`bob: ${account} Read`]);
  });

  it('fails the record, not the job, when the new parent is gone by then', async () => {
    const plan = await reparentPlan(fixture, 'contact', contact, 'account_contacts', other);
    await fixture.deleteOne('account', other);
    await fixture.run(plan);
    expect(await fixture.totals(plan)).toMatchObject({ failed: 1 });
    expect((await fixture.value('contact', contact)).lookups).toEqual({ account_contacts: account });
  });
});
