/** Hunts records that fail for others' faults, that are lost when their neighbours fail, and blame where storage was only busy. */
import { RestError } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AssignPlan } from '../../../shared/cascade/plans.ts';
import { createCrashingStorage } from '../../support/crashing-storage.ts';
import { createFailingStorage, type FailingStorage } from '../../support/failing-storage.ts';
import { writesToDieAt } from '../../support/writes-to-die-at.ts';
import { allowed, CascadeFixture, writesTo } from './cascade-fixture.ts';
import { Poison } from './poison.ts';

let failing: FailingStorage;
let poison: Poison;
let fixture: CascadeFixture;
beforeEach(() => {
  failing = createFailingStorage();
  poison = new Poison();
  fixture = new CascadeFixture({ policies: [failing.policy, poison.policy] });
});

async function identified(contacts: number): Promise<{ plan: AssignPlan; account: string; contacts: string[] }> {
  const account = await fixture.make('account');
  const children = Array.from({ length: contacts }, () => ({}));
  const made = await fixture.makeMany('contact', { account_contacts: account }, children);
  const plan = fixture.plan('account', account, 'zoe', { lanes: 1 });
  await fixture.identify(plan);
  return { plan, account, contacts: made };
}

async function ownersOf(ids: readonly string[]): Promise<string[]> {
  return (await fixture.records.findMany('contact', ids)).map((record) => record?.value.ownerId ?? '');
}

describe('C19 records that storage refuses', () => {
  it.each([true, false])(
    'stand alone in the end, all others are done, whether storage names them: %s',
    async (names) => {
      const { plan, contacts } = await identified(250);
      const guilty = [contacts[3], contacts[4], contacts[201]].map(String);
      for (const id of guilty) poison.ids.add(id);
      poison.namesIndex = names;
      await fixture.apply(plan);
      expect(await fixture.totals(plan)).toEqual({ done: 248, skipped: 0, failed: 3 });
      const failed = await fixture.log(plan, 'failed');
      expect(failed.map(({ recordId }) => recordId).sort()).toEqual([...guilty].sort());
      for (const { problem } of failed) expect(problem).toContain('bad');
      expect(await fixture.log(plan, 'unprocessed')).toEqual([]);
      const log = await fixture.log(plan);
      expect(new Set(log.map(({ recordId }) => recordId)).size).toBe(251);
      expect(log).toHaveLength(251);
      expect(await ownersOf(contacts)).toEqual(contacts.map((id) => (guilty.includes(id) ? 'anna' : 'zoe')));
    },
  );

  it('are not named by a storm of busy answers, however long', async () => {
    const { plan, contacts } = await identified(150);
    failing.refuse(60, writesTo('recordscontact'));
    for (let attempt = 0; attempt < 4; attempt++) {
      expect(await fixture.cascades.applyBatch(plan, 0, 5, allowed)).toMatchObject({ kind: 'transient' });
    }
    expect(await fixture.log(plan, 'failed')).toEqual([]);
    failing.refuse(0);
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 151, skipped: 0, failed: 0 });
    expect(new Set(await ownersOf(contacts))).toEqual(new Set(['zoe']));
  });

  it('are not named when storage refuses everything, markers too', async () => {
    const { plan } = await identified(5);
    const denied = new RestError('Forbidden', { statusCode: 403 });
    failing.refuse(1000, writesTo('recordscontact'), denied);
    expect(await fixture.cascades.applyBatch(plan, 0, 5, allowed)).toMatchObject({ kind: 'transient' });
    failing.refuse(0);
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 6, skipped: 0, failed: 0 });
  });

  it('E5 are found again, and nothing else is done twice, when the narrowing is cut off at any write', async () => {
    for (const write of writesToDieAt(1)) {
      const { plan, contacts } = await identified(40);
      poison.namesIndex = false;
      poison.ids.add(String(contacts[7]));
      const crash = createCrashingStorage();
      const mortal = fixture.open({ policies: [crash.policy, poison.policy] });
      crash.crashAt(write, write % 2 ? 'after' : 'before');
      await mortal.cascades.applyBatch(plan, 0, 20, allowed).catch(() => undefined);
      await fixture.apply(plan);
      expect(await fixture.totals(plan)).toEqual({ done: 40, skipped: 0, failed: 1 });
      const versions = (await fixture.records.findMany('contact', contacts)).map((record) => record?.value.version);
      expect(versions).toEqual(contacts.map((_, at) => (at === 7 ? 1 : 2)));
      if (!crash.isDead) break;
    }
  });
});

describe('C19 failed records', () => {
  async function failed(): Promise<{ plan: AssignPlan; guilty: string[] }> {
    const { plan, contacts } = await identified(150);
    const guilty = [contacts[3], contacts[120]].map(String).sort();
    for (const id of guilty) poison.ids.add(id);
    await fixture.apply(plan);
    return { plan, guilty };
  }

  it('are tried again when it is asked for, and are done once the cause is removed', async () => {
    const { plan, guilty } = await failed();
    poison.ids.clear();
    expect(await fixture.cascades.retryFailed(plan)).toBe(2);
    expect(await fixture.cascades.retryFailed(plan)).toBe(0);
    expect(await fixture.totals(plan)).toEqual({ done: 149, skipped: 0, failed: 0 });
    expect((await fixture.log(plan, 'unprocessed')).map(({ recordId }) => recordId).sort()).toEqual(guilty);
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 151, skipped: 0, failed: 0 });
    expect(await ownersOf(guilty)).toEqual(['zoe', 'zoe']);
    expect(await fixture.log(plan)).toHaveLength(151);
  });

  it('fail again while the cause is there, as often as they are tried', async () => {
    const { plan, guilty } = await failed();
    for (let round = 0; round < 3; round++) {
      expect(await fixture.cascades.retryFailed(plan, [String(guilty[0])])).toBe(1);
      await fixture.apply(plan);
      expect(await fixture.totals(plan)).toEqual({ done: 149, skipped: 0, failed: 2 });
      expect((await fixture.log(plan, 'failed')).map(({ recordId }) => recordId).sort()).toEqual(guilty);
    }
  });

  it('are passed over when it is asked for, and count as skipped with their reason', async () => {
    const { plan, guilty } = await failed();
    expect(await fixture.cascades.skipFailed(plan, [String(guilty[1])])).toBe(1);
    expect(await fixture.totals(plan)).toEqual({ done: 149, skipped: 1, failed: 1 });
    expect(await fixture.log(plan, 'skipped')).toEqual([
      expect.objectContaining({ recordId: guilty[1], problem: expect.stringContaining('bad') }),
    ]);
    expect(await fixture.cascades.skipFailed(plan)).toBe(1);
    expect(await fixture.cascades.skipFailed(plan)).toBe(0);
    expect(await fixture.totals(plan)).toEqual({ done: 149, skipped: 2, failed: 0 });
    expect(await fixture.log(plan, 'failed')).toEqual([]);
    expect(await fixture.log(plan)).toHaveLength(151);
  });
});
