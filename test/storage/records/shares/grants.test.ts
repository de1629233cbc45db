/** Hunts for locks that are wider than a record: a cascade that stands still must not hold up grants elsewhere. */
import { describe, expect, it } from 'vitest';
import { markShared } from '../../../../shared/records/shares/shared-records.ts';
import { newestFirst } from '../../../../shared/storage/newest-first.ts';
import { createCrashingStorage } from '../../../support/crashing-storage.ts';
import { createGate } from '../../../support/gate.ts';
import { writesToDieAt } from '../../../support/writes-to-die-at.ts';
import { CascadeFixture, writesTo } from '../../cascade/cascade-fixture.ts';
import { sharePlan, told, unsharePlan } from './sharing-plans.ts';

describe('C14 a cascade never blocks grants on records that aren’t part of it', () => {
  it('access is granted and revoked while a batch stands still, in the same partition', async () => {
    const fixture = new CascadeFixture();
    const account = await fixture.make('account');
    const [inside = '', outside = ''] = await fixture.makeMany('contact', { account_contacts: account }, [{}, {}]);
    const { value } = await fixture.records.get('contact', outside);
    await fixture.records.change(
      'contact',
      outside,
      { lookups: { account_contacts: null } },
      { by: 'anna', on: value.createdOn },
    );

    const gate = createGate(writesTo('recordscontact'));
    const slow = fixture.open({ policies: [gate.policy] });
    const running = sharePlan('account', account, 'bob', ['Read']);
    await slow.identify(running);
    const applied = slow.apply(running);
    await gate.reached;
    await fixture.run(sharePlan('contact', outside, 'carl', ['Read', 'Write']));
    expect(await told(fixture, 'contact', outside)).toEqual(['carl: direct Read, Write']);
    await fixture.run(unsharePlan('contact', outside, 'carl'));
    expect(await told(fixture, 'contact', outside)).toEqual([]);
    expect(await told(fixture, 'contact', inside)).toEqual([]);
    gate.open();
    await applied;
    expect(await told(fixture, 'contact', inside)).toEqual([`bob: ${account} Read`]);
  });

  it('also a grant on a record of the batch at hand only makes the batch look again', async () => {
    const fixture = new CascadeFixture();
    const account = await fixture.make('account');
    const contact = await fixture.make('contact', { account_contacts: account });
    const gate = createGate(writesTo('recordscontact'));
    const slow = fixture.open({ policies: [gate.policy] });
    const running = sharePlan('account', account, 'bob', ['Read']);
    await slow.identify(running);
    const applied = slow.apply(running);
    await gate.reached;
    await fixture.run(sharePlan('contact', contact, 'carl', ['Read']));
    gate.open();
    await applied;
    expect((await told(fixture, 'contact', contact)).sort()).toEqual([`bob: ${account} Read`, 'carl: direct Read']);
  });
});

describe('E5 a batch of a share that is cut off', () => {
  it.each(['before', 'after'] as const)(
    '%s any of its writes is completed by the next, and each user is listed',
    async (when) => {
      for (const write of writesToDieAt(1)) {
        const crashing = createCrashingStorage();
        const fixture = new CascadeFixture();
        const account = await fixture.make('account');
        const contact = await fixture.make('contact', { account_contacts: account });
        const plan = sharePlan('account', account, 'bob', ['Read']);
        await fixture.identify(plan);
        crashing.crashAt(write, when);
        await fixture
          .open({ policies: [crashing.policy] })
          .apply(plan)
          .catch(() => undefined);
        await fixture.apply(plan);
        expect(await told(fixture, 'contact', contact)).toEqual([`bob: ${account} Read`]);
        expect(await fixture.totals(plan)).toEqual({ done: 2, skipped: 0, failed: 0 });
        expect(await listedFor(fixture, 'bob')).toEqual([contact]);
        if (!crashing.isDead) return;
      }
    },
  );
});

async function listedFor({ records }: CascadeFixture, userId: string): Promise<string[]> {
  const ids: string[] = [];
  const all = newestFirst<unknown>(records.tables.listIndex('contact'), 'all');
  for await (const { id, maybeShared } of markShared(records.tables, 'contact', userId, all, undefined)) {
    if (maybeShared) ids.push(id);
  }
  return ids;
}
