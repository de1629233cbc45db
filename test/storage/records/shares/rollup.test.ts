import { beforeEach, describe, expect, it } from 'vitest';
import { DIRECT } from '../../../../shared/records/shares/share-set.ts';
import { createShareFixture, type ShareFixture } from './share-fixture.ts';

let fixture: ShareFixture;
let account: string;
beforeEach(async () => {
  fixture = createShareFixture();
  await fixture.putUser('ann');
  account = await fixture.make('account', 'olga');
});

interface Item {
  readonly table: string;
  readonly record: { readonly id: string };
  readonly via: readonly string[];
}

async function rollup(userId?: string, query = ''): Promise<{ items: Item[]; continuationToken?: string }> {
  const { status, body } = await fixture.callAs(userId)('GET', `/api/tables/account/${account}/rollup${query}`);
  expect(status).toBe(200);
  return body as { items: Item[]; continuationToken?: string };
}

const told = ({ items }: { items: Item[] }) => items.map(({ record, via }) => [record.id, ...via]);

async function behave(name: string, RollupView: 'All' | 'Active' | 'UserOwned' | 'None'): Promise<void> {
  const { relationship } = (await fixture.relationships.find(name)) ?? {};
  if (!relationship) throw new Error(name);
  const decide = (current: object) => ({ ...current, RollupView }) as never;
  await fixture.relationships.change({ relationship, decide, by: 'admin', ifMatch: 1 });
}

describe('C24 a record’s rollup', () => {
  it('lists activities, cases and orders down the hierarchy, newest first, with the way to each', async () => {
    const contact = await fixture.make('contact', 'olga', { account_contacts: account });
    const order = await fixture.make('order', 'olga', { contact_orders: contact });
    const incident = await fixture.make('case', 'olga', { contact_cases: contact });
    const activity = await fixture.make('activity', 'olga', { case_activities: incident });
    await fixture.make('orderline', 'olga', { order_orderlines: order });
    await fixture.make('order', 'olga');
    expect(told(await rollup())).toEqual([
      [activity, 'account_contacts', 'contact_cases', 'case_activities'],
      [incident, 'account_contacts', 'contact_cases'],
      [order, 'account_contacts', 'contact_orders'],
    ]);
    expect((await rollup()).items[0]).toMatchObject({ table: 'activity', record: { id: activity, subject: 'S' } });
  });

  it('lists a record that several ways lead to once, under the shortest', async () => {
    const contact = await fixture.make('contact', 'olga', { account_contacts: account });
    const order = await fixture.make('order', 'olga', { account_orders: account, contact_orders: contact });
    expect(told(await rollup())).toEqual([[order, 'account_orders']]);
    await fixture.records.change(
      'order',
      order,
      { lookups: { account_orders: null } },
      { by: 'olga', on: '2026-03-02T00:00:00.000Z' },
    );
    expect(told(await rollup())).toEqual([[order, 'account_contacts', 'contact_orders']]);
  });

  it('leaves out what the behaviours exclude, with all that is below it alone', async () => {
    const incident = await fixture.make('case', 'olga', { account_cases: account });
    await fixture.make('activity', 'ann', { case_activities: incident });
    const kept = await fixture.make('activity', 'olga', { case_activities: incident });
    await behave('case_activities', 'UserOwned');
    expect(told(await rollup())).toEqual([
      [kept, 'account_cases', 'case_activities'],
      [incident, 'account_cases'],
    ]);
    await behave('account_cases', 'None');
    expect(told(await rollup())).toEqual([]);
  });

  it('leaves out what was deleted, and what is under a deleted record alone', async () => {
    const incident = await fixture.make('case', 'olga', { account_cases: account });
    await fixture.make('activity', 'olga', { case_activities: incident });
    await fixture.bury('case', incident);
    expect(told(await rollup())).toEqual([]);
  });

  it('holds only what the caller may read, also below what it may not read', async () => {
    const contact = await fixture.make('contact', 'olga', { account_contacts: account });
    const own = await fixture.make('order', 'ann', { contact_orders: contact });
    const shared = await fixture.make('case', 'olga', { account_cases: account });
    await fixture.make('case', 'olga', { account_cases: account });
    await fixture.share('account', account, 'ann', ['Read'], DIRECT);
    await fixture.share('case', shared, 'ann', ['Read'], DIRECT);
    expect((await rollup('ann')).items.map(({ record }) => record.id)).toEqual([shared, own]);
    expect((await rollup()).items).toHaveLength(3);
  });

  it('gives pages of a stable order, each record on one of them', async () => {
    for (let at = 0; at < 4; at++) {
      await fixture.make('order', 'olga', { account_orders: account });
      await fixture.make('case', 'olga', { account_cases: account });
    }
    const whole = told(await rollup());
    const seen: string[][] = [];
    let query = '?pageSize=3';
    for (;;) {
      const page = await rollup(undefined, query);
      seen.push(...told(page));
      if (page.continuationToken === undefined) break;
      query = `?pageSize=3&continuationToken=${page.continuationToken}`;
    }
    expect(whole).toHaveLength(8);
    expect(seen).toEqual(whole);
  });
});
