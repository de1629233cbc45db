/** Hunts entries of the change log that a page leaves out, gives twice or gives in another order. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { CascadePlan } from '../../../shared/cascade/plans.ts';
import type { RecordOutcome } from '../../../shared/cascade/ports.ts';
import { allowed, CascadeFixture } from './cascade-fixture.ts';

let fixture: CascadeFixture;
let plan: CascadePlan;
let all: RecordOutcome[];

beforeAll(async () => {
  fixture = new CascadeFixture();
  const account = await fixture.make('account');
  await fixture.makeMany(
    'contact',
    { account_contacts: account },
    Array.from({ length: 520 }, (_, at) => ({ ownerId: at % 50 === 0 ? 'zoe' : 'anna' })),
  );
  plan = fixture.plan('account', account, 'zoe', { lanes: 2 });
  await fixture.identify(plan);
  // The root is first; the records after it are in a chunk that will be applied.
  const [, ...next] = await fixture.log(plan);
  for (const { table, recordId } of next.slice(0, 3)) await fixture.deleteOne(table, recordId);
  for (let lane = 0; lane < 2; lane++) await fixture.cascades.applyBatch(plan, lane, 2, allowed);
  all = await fixture.log(plan, undefined, 1000);
});

describe('C20 the change log', () => {
  it('has one entry for each record of the job, done or not', async () => {
    expect(all).toHaveLength(521);
    expect(new Set(all.map(({ recordId }) => recordId)).size).toBe(521);
    expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['done', 'skipped', 'unprocessed']));
  });

  it.each([1, 7, 99, 100, 500])('gives the same entries in the same order by pages of %i', async (pageSize) => {
    const some = pageSize === 1 ? 30 : 521;
    const items: RecordOutcome[] = [];
    let after: string | undefined;
    do {
      const page = await fixture.cascades.changes(plan, { after, pageSize });
      expect(page.items.length).toBeLessThanOrEqual(pageSize);
      items.push(...page.items);
      after = page.after;
    } while (after !== undefined && items.length < some);
    expect(items).toEqual(all.slice(0, items.length));
    expect(items.length).toBeGreaterThanOrEqual(some);
  });

  it.each(['done', 'skipped', 'unprocessed', 'failed'] as const)('gives those that are %s', async (outcome) => {
    const wanted = all.filter((entry) => entry.outcome === outcome);
    expect(await fixture.log(plan, outcome, 40)).toEqual(wanted);
  });

  it('agrees with the counts, and tells of the change what the record says', async () => {
    const count = (outcome: RecordOutcome['outcome']) => all.filter((entry) => entry.outcome === outcome).length;
    expect(await fixture.totals(plan)).toEqual({ done: count('done'), skipped: count('skipped'), failed: 0 });
    const written = all.filter(({ version }) => version !== null);
    expect(written.length).toBeGreaterThan(50);
    for (const { recordId, table, changes, version, changedOn } of written) {
      const value = await fixture.value(table, recordId);
      expect(changes).toEqual([{ name: 'ownerId', old: 'anna', new: value.ownerId }]);
      expect({ version, changedOn }).toEqual({ version: value.version, changedOn: value.modifiedOn });
    }
  });

  it('refuses a place that it never gave', async () => {
    for (const after of ['', 'x', '0:0:a b', '0:0:../x']) {
      await expect(fixture.cascades.changes(plan, { after, pageSize: 5 })).rejects.toMatchObject({
        slug: 'invalid-continuation-token',
      });
    }
  });
});
