import { beforeEach, describe, expect, it } from 'vitest';
import { RIGHTS } from '../../../../shared/records/shares/rights.ts';
import { DIRECT } from '../../../../shared/records/shares/share-set.ts';
import { findManyShares } from '../../../../shared/records/shares/shares.ts';
import { createShareFixture, type ShareFixture } from './share-fixture.ts';

let fixture: ShareFixture;
beforeEach(async () => {
  fixture = createShareFixture();
  for (const user of ['ann', 'bob', 'olga']) await fixture.putUser(user);
});

const inherited = (from: string) => ({ kind: 'inherited', from }) as const;
const OTHER = '11111111-1111-4111-8111-111111111111';
const idsOf = (body: unknown) => (body as { items: { id: string }[] }).items.map(({ id }) => id);

describe('C16 a shared record is within reach of the rights that were shared', () => {
  it('GET and PATCH follow Read and Write, and nothing else is given', async () => {
    const id = await fixture.make('account', 'olga');
    const path = `/api/tables/account/${id}`;
    const patch = { body: { phone: '1' }, headers: { 'If-Match': '"1"' } };
    expect(await fixture.callAs('ann')('GET', path)).toMatchObject({ status: 404 });
    await fixture.share('account', id, 'ann', ['Read'], DIRECT);
    expect(await fixture.callAs('ann')('GET', path)).toMatchObject({ status: 200, body: { id } });
    expect(await fixture.callAs('ann')('PATCH', path, patch)).toMatchObject({
      status: 403,
      body: { privilege: 'Write' },
    });
    expect(await fixture.callAs('bob')('GET', path)).toMatchObject({ status: 404 });
    await fixture.share('account', id, 'ann', ['Write'], inherited(id));
    expect(await fixture.callAs('ann')('PATCH', path, patch)).toMatchObject({ status: 200 });
  });

  it('AppendTo on a shared parent lets a record be put under it', async () => {
    const parent = await fixture.make('account', 'olga');
    const create = () =>
      fixture.callAs('ann')('POST', '/api/tables/contact', {
        body: { fullName: 'New', lookups: { account_contacts: parent } },
      });
    await fixture.share('account', parent, 'ann', ['Read'], DIRECT);
    expect(await create()).toMatchObject({ status: 403, body: { privilege: 'AppendTo', table: 'account' } });
    await fixture.share('account', parent, 'ann', ['AppendTo'], DIRECT);
    expect(await create()).toMatchObject({ status: 201 });
  });

  it('related lists hold shared children beside own ones', async () => {
    const parent = await fixture.make('account', 'ann');
    const under = { account_contacts: parent };
    const own = await fixture.make('contact', 'ann', under);
    const shared = await fixture.make('contact', 'olga', under);
    await fixture.make('contact', 'olga', under);
    await fixture.share('contact', shared, 'ann', ['Read'], inherited(parent));
    const { body } = await fixture.callAs('ann')('GET', `/api/tables/account/${parent}/related/account_contacts`);
    expect(idsOf(body)).toEqual([shared, own]);
  });
});

describe('C16 a user’s list holds what is shared with it', () => {
  it('in the order of the list, over pages, own and shared records each once', async () => {
    const mine: string[] = [];
    for (const owner of ['ann', 'olga', 'olga', 'ann', 'olga', 'ann', 'olga', 'olga']) {
      mine.unshift(await fixture.make('account', owner));
      // Now and then some days between two: entries of several partitions.
      if (mine.length % 3 === 0) fixture.clock.nowMs += 2 * 86_400_000;
      await fixture.share('account', mine[0] ?? '', 'ann', ['Read'], mine.length % 2 === 0 ? DIRECT : inherited(OTHER));
      await fixture.make('account', 'olga');
    }
    const seen: string[] = [];
    let token = '';
    do {
      const { body } = await fixture.callAs('ann')('GET', `/api/tables/account?pageSize=3${token}`);
      seen.push(...idsOf(body));
      const next = (body as { continuationToken?: string }).continuationToken;
      token = next === undefined ? '' : `&continuationToken=${next}`;
    } while (token !== '');
    expect(seen).toEqual(mine);
  });

  it('but nothing that is shared with others, without Read, or no longer', async () => {
    const others = await fixture.make('account', 'olga');
    await fixture.share('account', others, 'ann.b', ['Read'], DIRECT);
    const blind = await fixture.make('account', 'olga');
    await fixture.share('account', blind, 'ann', ['Write'], DIRECT);
    const { body } = await fixture.callAs('ann')('GET', '/api/tables/account');
    expect(idsOf(body)).toEqual([]);
  });
});

describe('C16 GET …/shares and GET …/access', () => {
  it('list each user with direct and inherited rights apart', async () => {
    const id = await fixture.make('account', 'olga');
    await fixture.share('account', id, 'bob', ['Read', 'AppendTo'], DIRECT);
    await fixture.share('account', id, 'ann', ['Read'], inherited(id));
    const path = `/api/tables/account/${id}/shares`;
    const bob = { principal: 'bob', direct: ['Read', 'AppendTo'], inherited: [] };
    const ann = { principal: 'ann', direct: [], inherited: [{ from: id, rights: ['Read'] }] };
    expect(await fixture.callAs()('GET', path)).toMatchObject({ status: 200, body: { items: [ann, bob] } });
    const first = await fixture.callAs()('GET', `${path}?pageSize=1`);
    expect(first.body).toMatchObject({ items: [ann] });
    const { continuationToken } = first.body as { continuationToken: string };
    const second = await fixture.callAs()('GET', `${path}?pageSize=1&continuationToken=${continuationToken}`);
    expect(second.body).toEqual({ items: [bob] });
  });

  it('tell the rights of the caller or another user and why', async () => {
    const id = await fixture.make('account', 'olga');
    await fixture.share('account', id, 'ann', ['Read', 'Write'], DIRECT);
    const path = `/api/tables/account/${id}/access`;
    const annsAccess = { rights: ['Read', 'Write'], because: [{ kind: 'share', rights: ['Read', 'Write'] }] };
    expect(await fixture.callAs('ann')('GET', path)).toMatchObject({ status: 200, body: annsAccess });
    expect(await fixture.callAs('olga')('GET', `${path}?user=ann`)).toMatchObject({ status: 200, body: annsAccess });
    expect(await fixture.callAs()('GET', path)).toMatchObject({
      body: { because: [{ kind: 'role', rights: [...RIGHTS] }] },
    });
    expect(await fixture.callAs()('GET', `${path}?user=bob`)).toMatchObject({ body: { rights: [], because: [] } });
    expect(await fixture.callAs()('GET', `${path}?user=nobody`)).toMatchObject({
      status: 200,
      body: { rights: [], because: [] },
    });
    expect(await fixture.callAs('bob')('GET', path)).toMatchObject({ status: 404 });
    expect(await fixture.callAs()('GET', `${path}?whom=bob`)).toMatchObject({ status: 400 });
  });

  it('a disabled user has no rights, whatever is shared with it', async () => {
    const id = await fixture.make('account', 'olga');
    await fixture.share('account', id, 'ann', ['Read'], DIRECT);
    await fixture.users.putUser({
      id: 'ann',
      name: 'Ann',
      enabled: false,
      roles: ['User'],
      by: 'admin',
      ifMatch: undefined,
    });
    expect(await fixture.callAs()('GET', `/api/tables/account/${id}/access?user=ann`)).toMatchObject({
      body: { rights: [] },
    });
  });
});

describe('the row of shares', () => {
  it('is read together with those of its neighbours', async () => {
    const ids = [
      await fixture.make('account', 'olga'),
      await fixture.make('account', 'olga'),
      await fixture.make('account', 'olga'),
    ];
    const [first = '', second = ''] = ids;
    await fixture.share('account', first, 'ann', ['Read'], DIRECT);
    await fixture.share('account', second, 'bob', ['Write'], inherited(first));
    const found = await findManyShares(fixture.records.tables, 'account', ids);
    expect([...found.keys()].sort()).toEqual([first, second].sort());
    expect(found.get(second)?.set.get('bob')?.inherited.get(first)).toBe(2);
  });
});
