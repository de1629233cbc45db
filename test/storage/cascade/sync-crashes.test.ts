/** Hunts halves that a dying host leaves of a synchronous cascade, and what then stands in the way of others. */
import { describe, expect, it } from 'vitest';
import type { CascadePlan } from '../../../shared/cascade/plans.ts';
import { createCrashingStorage } from '../../support/crashing-storage.ts';
import { writesToDieAt } from '../../support/writes-to-die-at.ts';
import { DEADLINE_SECONDS, SyncFixture } from './sync-fixture.ts';

/** An account with two contacts and an order. */
async function family({ fixture }: SyncFixture) {
  const account = await fixture.make('account');
  const lookups = { account_contacts: account };
  const [first = '', second = ''] = await fixture.makeMany('contact', lookups, [{}, {}]);
  const order = await fixture.make('order', { account_orders: account, contact_orders: first });
  return { account, first, second, order };
}

type Family = Awaited<ReturnType<typeof family>>;

/** What an independent reader sees of each record, in a word. */
async function seen({ fixture }: SyncFixture, { account, first, second, order }: Family): Promise<string[]> {
  const at = [
    ['account', account],
    ['contact', first],
    ['contact', second],
    ['order', order],
  ] as const;
  return Promise.all(
    at.map(async ([table, id]) => {
      const record = await fixture.records.find(table, id);
      if (!record || record.tombstone) return 'gone';
      const { ownerId, lookups, version } = record.value;
      return `${ownerId} ${Object.keys(lookups).length} v${version}`;
    }),
  );
}

const BEFORE = ['anna 0 v1', 'anna 1 v1', 'anna 1 v1', 'anna 2 v1'];
const cases = [
  {
    action: 'assign',
    planOf: ({ fixture }: SyncFixture, { account }: Family): CascadePlan => fixture.plan('account', account, 'bert'),
    after: ['bert 0 v2', 'bert 1 v2', 'bert 1 v2', 'bert 2 v2'],
  },
  {
    action: 'delete',
    planOf: ({ fixture }: SyncFixture, { account }: Family): CascadePlan => fixture.deletePlan('account', account),
    after: ['gone', 'gone', 'gone', 'anna 0 v2'],
  },
] as const;
describe('E5 C2 a host that dies in a synchronous cascade', () => {
  it.each(cases)('at any write of $action leaves all or nothing, and reconciliation ends the job', async (death) => {
    const { planOf, after } = death;
    const outcomes = new Set<string>();
    const healthy = new SyncFixture();
    for (const write of writesToDieAt(1)) {
      const records = await family(healthy);
      const plan = planOf(healthy, records);
      const crash = createCrashingStorage();
      const dying = healthy.open({ policies: [crash.policy] });
      crash.crashAt(write, 'after');
      await dying.run(plan).catch(() => undefined);
      const left = await seen(healthy, records);
      expect([BEFORE, after], `write ${write}`).toContainEqual(left);
      healthy.clock.pass(DEADLINE_SECONDS + 200);
      await healthy.reconcile();
      expect(await seen(healthy, records), `write ${write}`).toEqual(left);
      expect(await healthy.claims(), `write ${write}`).toEqual([]);
      const isDone = left.join() === after.join();
      const status = (await healthy.ports.jobs.find(plan.jobId))?.status;
      expect(status ?? 'Failed', `write ${write}`).toBe(isDone ? 'Completed' : 'Failed');
      outcomes.add(String(isDone));
      const held = await healthy.locks('account', 'contact', 'order');
      expect(
        held.filter((lock) => lock.startsWith('transaction')),
        `write ${write}`,
      ).toEqual([]);
      if (!isDone) expect(await healthy.run(planOf(healthy, records))).toMatchObject({ status: 'Completed' });
      expect(await seen(healthy, records), `write ${write}`).toEqual(isDone ? left : after);
      if (!crash.isDead) break;
    }
    expect(outcomes.size).toBe(2);
  });

  it('keeps the root and its fences no longer than its deadline, without reconciliation', async () => {
    const healthy = new SyncFixture();
    const records = await family(healthy);
    const crash = createCrashingStorage();
    const plan = healthy.fixture.deletePlan('account', records.account);
    const dying = healthy.open({ policies: [crash.policy] });
    crash.crashAt(9);
    await dying.run(plan).catch(() => undefined);
    expect(await healthy.locks('account')).toEqual([`fence ${plan.jobId}`]);
    const again = () => healthy.run(healthy.fixture.deletePlan('account', records.account));
    await expect(again()).rejects.toMatchObject({ status: 409, extra: { jobId: plan.jobId } });
    const { tables } = healthy.ports.store;
    expect(await tables.fenceHolds(plan.jobId)).toBe(true);
    healthy.clock.pass(DEADLINE_SECONDS + 2);
    expect(await tables.fenceHolds(plan.jobId)).toBe(false);
    expect(await again()).toMatchObject({ status: 'Completed' });
    expect(await healthy.ports.jobs.find(plan.jobId)).toMatchObject({ status: 'Failed' });
    expect(await healthy.claims()).toEqual([]);
  });
});
