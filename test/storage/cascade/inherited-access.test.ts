/** Hunts inherited rights that outlive their source, or never come, whatever actions meet in whatever order. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CascadePlan } from '../../../shared/cascade/plans.ts';
import { lookupsOf, RELATIONSHIPS } from '../../../shared/catalogue/relationships.ts';
import type { TableName } from '../../../shared/catalogue/tables.ts';
import { seedThatWasSet } from '../../support/seed.ts';
import { AccessFixture, isRefusal, type Ref } from './access-fixture.ts';

let app: AccessFixture;
beforeEach(() => {
  app = new AccessFixture();
});

describe('C25 a right that is given while its line is cut', () => {
  it('doesn’t reach a contact that is reparented away before its turn comes', async () => {
    const [account, other] = [await app.make('account'), await app.make('account')];
    const contact = await app.make('contact', { account_contacts: account.id });
    const order = await app.make('order', { contact_orders: contact.id });
    const share = await app.share(account, 'bob');
    await app.begin(share);
    expect(await app.step(share, 1)).toBe('open');
    await app.run(await app.reparent(contact, 'account_contacts', other.id));
    expect(await app.step(share)).toBe('ended');
    expect([await app.reads(contact, 'bob'), await app.reads(order, 'bob')]).toEqual([false, false]);
  });

  it('doesn’t come with a parent that is unshared while the move is under way', async () => {
    const [account, other] = [await app.make('account'), await app.make('account')];
    const contact = await app.make('contact', { account_contacts: account.id });
    const order = await app.make('order', { contact_orders: contact.id });
    await app.run(await app.share(other, 'bob'));
    const move = await app.reparent(contact, 'account_contacts', other.id);
    await app.begin(move);
    await app.step(move, 1);
    await app.run(await app.plan(other, { action: 'unshare', principal: 'bob' }));
    await app.step(move);
    expect([await app.reads(contact, 'bob'), await app.reads(order, 'bob')]).toEqual([false, false]);
  });

  it('goes from an order that is made under a contact that isn’t reached yet', async () => {
    const account = await app.make('account');
    const contact = await app.make('contact', { account_contacts: account.id });
    await app.run(await app.share(account, 'bob'));
    const unshare = await app.plan(account, { action: 'unshare', principal: 'bob' });
    await app.begin(unshare);
    await app.step(unshare, 1);
    const order = await app.make('order', { contact_orders: contact.id });
    const line = await app.make('orderline', { order_orderlines: order.id });
    expect(await app.reads(line, 'bob')).toBe(true);
    await app.step(unshare);
    expect([await app.reads(order, 'bob'), await app.reads(line, 'bob')]).toEqual([false, false]);
  });

  it('reaches an order that is made under a contact that isn’t reached yet', async () => {
    const account = await app.make('account');
    const contact = await app.make('contact', { account_contacts: account.id });
    const share = await app.share(account, 'bob');
    await app.begin(share);
    await app.step(share, 1);
    const order = await app.make('order', { contact_orders: contact.id });
    await app.step(share);
    expect(await app.reads(order, 'bob')).toBe(true);
    expect(await app.host.fixture.totals(share)).toEqual({ done: 2, skipped: 0, failed: 0 });
  });
});

const at = fc.nat(3);
const user = fc.constantFrom('bob', 'carl');
const mode = fc.constantFrom('sync' as const, 'async' as const);
/** Chunks after which a job in batches rests, so that what happens later meets it half done. */
const rests = fc.option(fc.nat(2), { nil: undefined, freq: 2 });
const how = { at, mode, rests };
const among = <T extends TableName>(...tables: readonly T[]) => fc.constantFrom(...tables);
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('share' as const),
      table: among('account', 'account', 'contact', 'case'),
      user,
      all: fc.boolean(),
      ...how,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('unshare' as const),
      table: among('account', 'account', 'contact', 'case'),
      user,
      ...how,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('reparent' as const),
      table: among('contact', 'order', 'orderline', 'case', 'activity'),
      link: at,
      to: fc.nat(4),
      ...how,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('merge' as const), table: among('account', 'contact'), to: at, ...how }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      table: among('contact', 'contact', 'case', 'order', 'account'),
      ...how,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('undo' as const), job: fc.nat(9), ...how }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('make' as const),
      table: among('contact', 'order', 'orderline', 'activity'),
      at,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('restore' as const), table: among('contact', 'order', 'case'), at }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('assign' as const), table: among('activity', 'contact'), user, ...how }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('state' as const), table: among('case', 'contact'), at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('behave' as const),
      relationship: fc.constantFrom(...RELATIONSHIPS.map(({ name }) => name)),
      action: fc.constantFrom('Share' as const, 'Reparent' as const),
      to: fc.constantFrom('All' as const, 'Active' as const, 'UserOwned' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('goOn' as const), chunks: fc.constantFrom(1, Number.POSITIVE_INFINITY) }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;
type Cascade = Extract<Happening, { mode: unknown }>;

/** A world in which everything happens; what is refused is passed over, as by a caller who is told. */
class Story {
  readonly app = new AccessFixture();
  readonly refs: Ref[] = [];
  readonly #resting: CascadePlan[] = [];
  readonly #ended: CascadePlan[] = [];

  async begin(): Promise<void> {
    const two = ['account', 'contact', 'order'] as const;
    for (const table of [...two, ...two, 'orderline', 'case', 'activity'] as const) await this.#make(table, 0);
    await this.#run(await this.app.share(this.#ref('account', 0), 'bob'), { mode: 'async', rests: undefined });
    await this.#run(await this.app.share(this.#ref('account', 1), 'carl'), { mode: 'async', rests: undefined });
  }

  async meet(what: Happening): Promise<void> {
    try {
      if ('mode' in what) await this.#cascade(what);
      else await this.#change(what);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }

  /** Ends all jobs that rest. */
  async end(): Promise<void> {
    for (let round = 0; round < 3; round++) await this.#goOn(Number.POSITIVE_INFINITY);
    expect(this.#resting).toEqual([]);
  }

  async #cascade(what: Cascade): Promise<void> {
    const plan = await this.#planOf(what);
    if (plan) await this.#run(plan, what.kind === 'undo' ? { ...what, mode: 'async' } : what);
  }

  async #planOf(what: Cascade): Promise<CascadePlan | undefined> {
    const { app } = this;
    if (what.kind === 'undo') {
      const plan = this.#ended[this.#ended.length - 1 - what.job];
      return plan && app.undo(plan);
    }
    const root = this.#ref(what.table, what.at);
    // Throws where it doesn't live, as an endpoint would.
    const { value } = await app.host.fixture.records.get(root.table, root.id);
    switch (what.kind) {
      case 'share':
        return app.share(root, what.user, what.all ? ['Read', 'Write'] : ['Read']);
      case 'unshare':
        return app.plan(root, { action: 'unshare', principal: what.user });
      case 'assign':
        return app.plan(root, { action: 'assign', ownerId: what.user });
      case 'delete':
        return app.plan(root, { action: 'delete' });
      case 'reparent': {
        const links = lookupsOf(root.table);
        const { name, parent } = links[what.link % links.length] ?? {};
        if (!name || !parent) return undefined;
        if (what.to === 0) return app.reparent(root, name, null);
        const to = this.#ref(parent, what.to);
        await app.host.fixture.records.get(to.table, to.id);
        return app.reparent(root, name, to.id);
      }
      case 'merge': {
        const other = this.#ref(what.table, what.to);
        const { value: subordinate } = await app.host.fixture.records.get(other.table, other.id);
        const isFit = other !== root && value.state === 'Active' && subordinate.state === 'Active';
        return isFit ? app.merge(root, other.id) : undefined;
      }
    }
  }

  async #change(what: Exclude<Happening, Cascade>): Promise<void> {
    if (what.kind === 'goOn') return this.#goOn(what.chunks);
    if (what.kind === 'behave') return this.app.behave(what.relationship, what.action, what.to);
    if (what.kind === 'make') return this.#make(what.table, what.at);
    const ref = this.#ref(what.table, what.at);
    if (what.kind === 'restore') return void (await this.app.restore(ref));
    const { records } = this.app.host.fixture;
    const { value } = await records.get(ref.table, ref.id);
    const state = value.state === 'Active' ? 'Inactive' : 'Active';
    await records.change(ref.table, ref.id, { state }, { by: 'admin', on: new Date().toISOString() });
  }

  /** Makes a record under the latest parents, or the ones before them. */
  async #make(table: TableName, at: number): Promise<void> {
    const lookups = lookupsOf(table).flatMap(({ name, parent }, index) => {
      const skips = (at + index) % 3 === 2;
      return skips || !this.refs.some((each) => each.table === parent) ? [] : [[name, this.#ref(parent, at).id]];
    });
    this.refs.push(await this.app.make(table, Object.fromEntries(lookups)));
  }

  async #run(plan: CascadePlan, { mode: asked, rests: after }: Pick<Cascade, 'mode' | 'rests'>): Promise<void> {
    // A second cascade on a root is refused.
    const roots = (of: CascadePlan) => ['subordinateId' in of ? of.subordinateId : '', of.recordId];
    if (this.#resting.some((other) => roots(other).some((id) => id && roots(plan).includes(id)))) return;
    if (asked === 'async') {
      await this.app.begin(plan);
      this.#resting.push(plan);
      if (after !== 0) await this.#step(plan, after ?? Number.POSITIVE_INFINITY);
    } else {
      await this.app.run(plan, 'sync');
      this.#ended.push(plan);
    }
  }

  async #goOn(chunks: number): Promise<void> {
    for (const plan of [...this.#resting]) await this.#step(plan, chunks);
  }

  async #step(plan: CascadePlan, chunks: number): Promise<void> {
    if ((await this.app.step(plan, chunks)) !== 'ended') return;
    this.#resting.splice(this.#resting.indexOf(plan), 1);
    this.#ended.push(plan);
  }

  /** The record of a table, counted from the latest. */
  #ref(table: TableName, at: number): Ref {
    const all = this.refs.filter((each) => each.table === table);
    const ref = all[all.length - 1 - (at % all.length)];
    if (!ref) throw new Error(`There is no ${table}`);
    return ref;
  }
}

describe('C25 inherited rights, whatever happens', () => {
  it('have a source once all jobs have ended, and a tree that is reconciled holds just what it is owed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 6, maxLength: 12 }), async (happenings) => {
        const story = new Story();
        await story.begin();
        for (const what of happenings) await story.meet(what);
        await story.end();
        const { app: of, refs } = story;
        expect(await of.sourceless(refs)).toEqual([]);
        for (const [id, { value }] of await of.standing(refs)) {
          if (Object.keys(value.lookups).length > 0) continue;
          await of.run(await of.plan({ table: value.table, id }, { action: 'reconcileAccess' }));
        }
        expect([await of.sourceless(refs), await of.lacking(refs)]).toEqual([[], []]);
      }),
      { numRuns: seedThatWasSet() === undefined ? 5 : 40 },
    );
  }, 900_000);
});
