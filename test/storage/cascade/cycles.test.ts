/** Hunts walks that never end: nothing forbids that somebody declares a relationship of a table with itself. */
import { describe, expect, it, vi } from 'vitest';
import type * as Relationships from '../../../shared/catalogue/relationships.ts';
import { World } from './cascade-world.ts';

vi.mock('../../../shared/catalogue/relationships.ts', async (importOriginal) => {
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

describe('C1 a relationship of a table with itself', () => {
  it('is followed down all levels, and a cycle ends where it began', async () => {
    const world = new World();
    const root = await world.make('account');
    const chain = [root];
    for (let level = 0; level < 6; level++) {
      chain.push(await world.make('account', { account_accounts: chain.at(-1) ?? '' }));
    }
    const on = { by: 'admin', on: '2026-03-02T10:00:00.000Z' };
    await world.records.change('account', root, { lookups: { account_accounts: chain.at(-1) ?? '' } }, on);
    const contact = await world.make('contact', { account_contacts: chain[4] ?? '' });
    const plan = world.plan('account', root, 'zoe');
    expect(await world.run(plan)).toEqual({ found: 8, byTable: { account: 7, contact: 1 } });
    expect(await world.totals(plan)).toEqual({ done: 8, skipped: 0, failed: 0 });
    const log = await world.log(plan);
    expect(log.filter(({ table }) => table === 'account').map(({ recordId }) => recordId)).toEqual(chain);
    for (const [at, id] of chain.entries()) {
      expect(await world.value('account', id)).toMatchObject({ ownerId: 'zoe', version: at === 0 ? 3 : 2 });
    }
    expect(await world.value('contact', contact)).toMatchObject({ ownerId: 'zoe', version: 2 });
  });

  it('is deleted the deepest level first, by the longest way down, and a cycle ends', async () => {
    const world = new World();
    const root = await world.make('account');
    const upper = await world.make('account', { account_accounts: root });
    const lower = await world.make('account', { account_accounts: upper });
    const contact = await world.make('contact', { account_contacts: lower });
    const plan = world.deletePlan('account', root);
    const behaviors = { ...plan.behaviors, account_accounts: 'All' } as const;
    await world.run({ ...plan, behaviors });
    expect((await world.log(plan)).map(({ recordId }) => recordId)).toEqual([contact, lower, upper, root]);

    const first = await world.make('account');
    const second = await world.make('account', { account_accounts: first });
    const on = { by: 'admin', on: '2026-03-02T10:00:00.000Z' };
    await world.records.change('account', first, { lookups: { account_accounts: second } }, on);
    const cycle = world.deletePlan('account', first, { behaviors });
    await world.run(cycle);
    expect(await world.totals(cycle)).toEqual({ done: 2, skipped: 0, failed: 0 });
    expect(await world.orphans()).toEqual([]);
  });
});
