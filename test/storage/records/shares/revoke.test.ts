/** Hunts rights that go although a way is left, rights that stay although the last one was cut, and work done twice. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RevokePlan, UndoPlan } from '../../../../shared/cascade/plans.ts';
import { type Behavior, findRelationship, RELATIONSHIPS } from '../../../../shared/catalogue/relationships.ts';
import type { TableName } from '../../../../shared/catalogue/tables.ts';
import { CascadeFixture } from '../../cascade/cascade-fixture.ts';
import { sharePlan, told } from './sharing-plans.ts';

let fixture: CascadeFixture;
beforeEach(() => {
  fixture = new CascadeFixture();
});

/** The clean-up after Share of a relationship became None; `more` are behaviours that others have besides. */
function revokePlan(name: string, more: Readonly<Record<string, Behavior>> = {}): RevokePlan {
  const shipped = Object.fromEntries(RELATIONSHIPS.map((each) => [each.name, each.defaults.Share]));
  return {
    action: 'revokeInheritedAccess',
    jobId: randomUUID(),
    table: findRelationship(name)?.child ?? 'contact',
    recordId: name,
    formerOwnerId: '',
    behaviors: { ...shipped, ...more, [name]: 'None' },
    lanes: 2,
    by: 'admin',
    createdOn: '2026-03-01T10:00:00.000Z',
  };
}

const share = (table: TableName, id: string, principal = 'bob', plan = {}) =>
  fixture.run({ ...sharePlan(table, id, principal, ['Read']), ...plan });

describe('C1 Revoke Inherited Access', () => {
  it('takes what came down over the relationship, also further down, and leaves direct rights and other sources', async () => {
    const account = await fixture.make('account');
    const contact = await fixture.make('contact', { account_contacts: account });
    const order = await fixture.make('order', { contact_orders: contact });
    await share('account', account);
    await share('contact', contact);
    await share('contact', contact, 'carl');
    const plan = revokePlan('account_contacts');
    expect(await fixture.run(plan)).toMatchObject({ found: 2, byTable: { contact: 1, order: 1 } });
    expect(await told(fixture, 'account', account)).toEqual(['bob: direct Read']);
    expect(await told(fixture, 'contact', contact)).toEqual(['bob: direct Read', 'carl: direct Read']);
    expect(await told(fixture, 'order', order)).toEqual([`bob: ${contact} Read`, `carl: ${contact} Read`]);
    expect(await fixture.totals(plan)).toEqual({ done: 2, skipped: 0, failed: 0 });
    expect(await fixture.log(plan)).toContainEqual(
      expect.objectContaining({
        recordId: order,
        changes: [{ name: `shares.bob|${account}`, old: 'Read', new: null }],
      }),
    );
  });

  it('C25 leaves what another parent bears out, whatever state and owner the record has today', async () => {
    const account = await fixture.make('account');
    const contact = await fixture.make('contact', { account_contacts: account });
    const both = { contact_orders: contact, account_orders: account };
    const orders = await fixture.makeMany('order', both, [{}, {}]);
    await share('account', account);
    const change = { state: 'Inactive' } as const;
    await fixture.records.change('order', orders[1] ?? '', change, { by: 'admin', on: '2026-03-02T10:00:00.000Z' });
    expect(await fixture.run(revokePlan('account_contacts'))).toMatchObject({ found: 1 });
    for (const order of orders) expect(await told(fixture, 'order', order)).toEqual([`bob: ${account} Read`]);
    expect(await fixture.run(revokePlan('account_orders'))).toMatchObject({ found: 2 });
    for (const order of orders) expect(await told(fixture, 'order', order)).toEqual([]);
  });

  it('C25 takes what no line bears out any more, however it came', async () => {
    const account = await fixture.make('account');
    const open = await fixture.make('case', { account_cases: account });
    const moved = await fixture.make('contact', { account_contacts: account });
    await share('account', account);
    const on = { by: 'admin', on: '2026-03-02T10:00:00.000Z' };
    // Closed since, so that Share wouldn't reach it any more: that was judged when it was given.
    await fixture.records.change('case', open, { state: 'Inactive' }, on);
    await fixture.records.change('contact', moved, { lookups: { account_contacts: null } }, on);
    expect(await fixture.run(revokePlan('account_contacts'))).toMatchObject({ found: 1 });
    expect(await told(fixture, 'case', open)).toEqual([`bob: ${account} Read`]);
    expect(await told(fixture, 'contact', moved)).toEqual([]);
    await fixture.run(revokePlan('account_cases'));
    expect(await told(fixture, 'case', open)).toEqual([]);
  });

  it('E5 takes records by the hundred, in steps of any length, once whatever runs twice; and is undone', async () => {
    const account = await fixture.make('account');
    const columns = Array.from({ length: 120 }, () => ({}));
    const contacts = await fixture.makeMany('contact', { account_contacts: account }, columns);
    await share('account', account);
    const plan = revokePlan('account_contacts');
    // A clock that makes each call of identifying end at its first page.
    let nowMs = 0;
    const slow = fixture.open({ now: () => (nowMs += 6_000) });
    expect(await slow.identify(plan)).toMatchObject({
      found: 120,
      cursors: expect.arrayContaining([expect.anything()]),
    });
    await Promise.all([fixture.apply(plan), fixture.open().apply(plan)]);
    expect(await fixture.totals(plan)).toEqual({ done: 120, skipped: 0, failed: 0 });
    expect(await fixture.run(revokePlan('account_contacts'))).toMatchObject({ found: 0 });
    for (const id of contacts) expect(await told(fixture, 'contact', id)).toEqual([]);
    const { jobId, action, ...common } = plan;
    const undo: UndoPlan = { ...common, jobId: randomUUID(), action: 'undo', undoneJobId: jobId, undoneAction: action };
    await fixture.run({ ...undo, behaviors: {} });
    expect(await fixture.totals(undo)).toEqual({ done: 120, skipped: 0, failed: 0 });
    expect(await told(fixture, 'contact', contacts[119] ?? '')).toEqual([`bob: ${account} Read`]);
  });

  it('skips a record that was deleted meanwhile, and looks at the ways anew when its turn comes', async () => {
    const account = await fixture.make('account');
    const [gone, kept] = await Promise.all([
      fixture.make('order', { account_orders: account }),
      fixture.make('order', { account_orders: account }),
    ]);
    const contact = await fixture.make('contact', { account_contacts: account });
    await share('account', account);
    const plan = revokePlan('account_orders');
    expect(await fixture.identify(plan)).toMatchObject({ found: 2 });
    await fixture.deleteOne('order', gone);
    const change = { lookups: { contact_orders: contact } };
    await fixture.records.change('order', kept, change, { by: 'admin', on: '2026-03-02T10:00:00.000Z' });
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 1, skipped: 1, failed: 0 });
    expect(await told(fixture, 'order', kept)).toEqual([`bob: ${account} Read`]);
  });
});
