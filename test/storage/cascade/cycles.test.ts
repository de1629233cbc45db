/** Hunts identifying that never ends: nothing forbids that somebody declares a relationship of a table with itself. */
import { afterAll, describe, expect, it, vi } from 'vitest';
import type * as Relationships from '../../../shared/catalogue/relationships.ts';

const CATALOGUE = '../../../shared/catalogue/relationships.ts';

// Other files of this process have read the catalogue as it is.
vi.resetModules();
vi.doMock(CATALOGUE, async (importOriginal) => {
  const original = await importOriginal<typeof Relationships>();
  const defaults = original.findRelationship('account_contacts')?.defaults;
  const own = { name: 'account_accounts', parent: 'account', child: 'account', defaults } as Relationships.Relationship;
  const all = [...original.RELATIONSHIPS, own];
  return {
    ...original,
    RELATIONSHIPS: all,
    findRelationship: (name: string) => all.find((relationship) => relationship.name === name),
    lookupsOf: (table: string) => all.filter(({ child }) => child === table),
    relationshipsUnder: (table: string) => all.filter(({ parent }) => parent === table),
  };
});
const { CascadeFixture } = await import('./cascade-fixture.ts');
afterAll(() => {
  vi.doUnmock(CATALOGUE);
  vi.resetModules();
});

describe('C1 a relationship of a table with itself', () => {
  it('is followed down all levels, and a cycle ends where it began', async () => {
    const fixture = new CascadeFixture();
    const root = await fixture.make('account');
    const chain = [root];
    for (let level = 0; level < 6; level++) {
      chain.push(await fixture.make('account', { account_accounts: chain.at(-1) ?? '' }));
    }
    const on = { by: 'admin', on: '2026-03-02T10:00:00.000Z' };
    await fixture.records.change('account', root, { lookups: { account_accounts: chain.at(-1) ?? '' } }, on);
    const contact = await fixture.make('contact', { account_contacts: chain[4] ?? '' });
    const plan = fixture.plan('account', root, 'zoe');
    expect(await fixture.run(plan)).toEqual({ found: 8, byTable: { account: 7, contact: 1 } });
    expect(await fixture.totals(plan)).toEqual({ done: 8, skipped: 0, failed: 0 });
    const log = await fixture.log(plan);
    expect(log.filter(({ table }) => table === 'account').map(({ recordId }) => recordId)).toEqual(chain);
    for (const [at, id] of chain.entries()) {
      expect(await fixture.value('account', id)).toMatchObject({ ownerId: 'zoe', version: at === 0 ? 3 : 2 });
    }
    expect(await fixture.value('contact', contact)).toMatchObject({ ownerId: 'zoe', version: 2 });
  });

  it('is deleted the deepest level first, by the longest way down, and a cycle ends', async () => {
    const fixture = new CascadeFixture();
    const root = await fixture.make('account');
    const upper = await fixture.make('account', { account_accounts: root });
    const lower = await fixture.make('account', { account_accounts: upper });
    const contact = await fixture.make('contact', { account_contacts: lower });
    const plan = fixture.deletePlan('account', root);
    const behaviors = { ...plan.behaviors, account_accounts: 'All' } as const;
    await fixture.run({ ...plan, behaviors });
    expect((await fixture.log(plan)).map(({ recordId }) => recordId)).toEqual([contact, lower, upper, root]);

    const first = await fixture.make('account');
    const second = await fixture.make('account', { account_accounts: first });
    const on = { by: 'admin', on: '2026-03-02T10:00:00.000Z' };
    await fixture.records.change('account', first, { lookups: { account_accounts: second } }, on);
    const cycle = fixture.deletePlan('account', first, { behaviors });
    await fixture.run(cycle);
    expect(await fixture.totals(cycle)).toEqual({ done: 2, skipped: 0, failed: 0 });
    expect(await fixture.orphans()).toEqual([]);
  });
});
