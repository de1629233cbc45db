/**
 * An Assign of an account, cut at the edge of a batch, and what others do to a contact under it meanwhile: each pair as
 * docs/overlaps.md says. Bugs hunted here: one job that undoes the other, or is stopped by it; a record that ends between two.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { CascadePlan } from '../../../shared/cascade/plans.ts';
import { reparentPlan, sharePlan, told } from '../records/shares/sharing-plans.ts';
import { allowed, CascadeFixture } from './cascade-fixture.ts';
import { mergePlan } from './merge-plans.ts';

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

const assign = () => fixture.plan('account', account, 'kim', { lanes: 1 });
const mergeContacts = (target: string, subordinate: string) =>
  mergePlan(target, subordinate, { table: 'contact', targetTable: 'contact' });

/** Runs `other` between the first batch of a job, of one chunk, and the rest. */
async function withBetween(plan: CascadePlan, other: CascadePlan): Promise<void> {
  await fixture.identify(plan);
  const first = await fixture.cascades.applyBatch(plan, 0, 1, allowed);
  expect(first).toMatchObject({ kind: 'applied', done: 1, drained: false });
  await fixture.run(other);
  await fixture.apply(plan);
}

const ownerOf = async (table: 'contact' | 'order', id: string) => (await fixture.value(table, id)).ownerId;

describe('C21 an Assign that meets a Delete of a contact', () => {
  it('passes over what is deleted before its turn, and counts it', async () => {
    const plan = assign();
    await withBetween(plan, fixture.deletePlan('contact', contact));
    // The order lost its link, and was in the set.
    expect(await fixture.totals(plan)).toEqual({ done: 2, skipped: 1, failed: 0 });
    expect(await fixture.lives('contact', contact)).toBe(false);
    expect(await fixture.value('order', order)).toMatchObject({ ownerId: 'kim', lookups: {} });
  });

  it('doesn’t stop the Delete when it comes in between', async () => {
    const plan = fixture.deletePlan('contact', contact);
    await withBetween(plan, assign());
    expect(await fixture.totals(plan)).toEqual({ done: 2, skipped: 0, failed: 0 });
    expect(await fixture.lives('contact', contact)).toBe(false);
    expect(await fixture.value('order', order)).toMatchObject({ lookups: {} });
  });
});

describe('C21 an Assign that meets a Merge of a contact', () => {
  it('still gives both to the new owner: what was in the set, where it is by then', async () => {
    const elsewhere = await fixture.make('account');
    const target = await fixture.make('contact', { account_contacts: elsewhere });
    const plan = assign();
    await withBetween(plan, mergeContacts(target, contact));
    expect(await fixture.totals(plan)).toEqual({ done: 3, skipped: 0, failed: 0 });
    expect(await fixture.value('contact', contact)).toMatchObject({ state: 'Inactive', ownerId: 'kim' });
    expect(await fixture.value('order', order)).toMatchObject({ ownerId: 'kim', lookups: { contact_orders: target } });
    expect(await ownerOf('contact', target)).toBe('anna');
  });

  it('doesn’t stop the Merge when it comes in between', async () => {
    const target = await fixture.make('contact');
    const plan = mergeContacts(target, contact);
    await withBetween(plan, assign());
    expect(await fixture.totals(plan)).toEqual({ done: 3, skipped: 0, failed: 0 });
    expect(await fixture.value('contact', contact)).toMatchObject({ state: 'Inactive', ownerId: 'kim' });
    expect(await fixture.value('order', order)).toMatchObject({ lookups: { contact_orders: target } });
    // The owner of the merged contact, by then, has access to the target.
    expect(await told(fixture, 'contact', target)).toEqual(['kim: direct Read, Write, Append, AppendTo']);
  });
});

describe('C21 an Assign that meets a Reparent of a contact', () => {
  it('still gives it to the new owner, under its new parent and with the rights of that line', async () => {
    const other = await fixture.make('account');
    await fixture.run(sharePlan('account', other, 'carl', ['Read']));
    const plan = assign();
    await withBetween(plan, await reparentPlan(fixture, 'contact', contact, 'account_contacts', other));
    expect(await fixture.totals(plan)).toEqual({ done: 3, skipped: 0, failed: 0 });
    expect(await fixture.value('contact', contact)).toMatchObject({
      ownerId: 'kim',
      lookups: { account_contacts: other },
    });
    expect(await told(fixture, 'contact', contact)).toEqual([`carl: ${other} Read`]);
    expect(await ownerOf('order', order)).toBe('kim');
  });

  it('doesn’t reach what came under the account after it was identified', async () => {
    const late = await fixture.make('contact');
    await withBetween(assign(), await reparentPlan(fixture, 'contact', late, 'account_contacts', account));
    expect(await fixture.value('contact', late)).toMatchObject({
      ownerId: 'anna',
      lookups: { account_contacts: account },
    });
  });
});

describe('C21 an Assign that meets an Assign of a contact', () => {
  it('overwrites what the other did before its turn', async () => {
    await withBetween(assign(), fixture.plan('contact', contact, 'lee', { lanes: 1 }));
    expect([await ownerOf('contact', contact), await ownerOf('order', order)]).toEqual(['kim', 'kim']);
  });

  it('is overwritten where the other’s batch comes last', async () => {
    await withBetween(fixture.plan('contact', contact, 'lee', { lanes: 1 }), assign());
    // The other's first batch, the contact, was before; its second, the order, is the last of all.
    expect([await ownerOf('contact', contact), await ownerOf('order', order)]).toEqual(['kim', 'lee']);
  });
});
