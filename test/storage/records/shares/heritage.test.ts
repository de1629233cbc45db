/** Hunts new records that a user who has their parent can't see, or that one sees who shouldn't. */
import { beforeEach, describe, expect, it } from 'vitest';
import { findRelationship, type RelationshipAction } from '../../../../shared/catalogue/relationships.ts';
import type { TableName } from '../../../../shared/catalogue/tables.ts';
import type { StoragePolicy } from '../../../../shared/storage/size-limits.ts';
import { createShareFixture, type ShareFixture } from './share-fixture.ts';

let fixture: ShareFixture;
let reads: string[];
let account: string;
let contact: string;
beforeEach(async () => {
  reads = [];
  const counting: StoragePolicy = {
    name: 'counting',
    sendRequest(request, next) {
      if (request.method === 'GET') reads.push(decodeURIComponent(request.url));
      return next(request);
    },
  };
  fixture = createShareFixture([counting]);
  for (const user of ['olga', 'bob', 'carl']) await fixture.putUser(user);
  account = await fixture.make('account', 'olga');
  contact = await fixture.make('contact', 'olga', { account_contacts: account });
  await fixture.share('account', account, 'bob', ['Read', 'Write'], { kind: 'direct' });
  await fixture.share('contact', contact, 'bob', ['Read'], { kind: 'inherited', from: account });
  await fixture.share('contact', contact, 'carl', ['Read'], { kind: 'direct' });
});

async function create(table: TableName, body: object, as = 'olga'): Promise<string> {
  const { status, body: made } = await fixture.callAs(as)('POST', `/api/tables/${table}`, { body });
  expect(status).toBe(201);
  return (made as { id: string }).id;
}

async function sharesOf(table: TableName, id: string): Promise<unknown> {
  const { body } = await fixture.callAs()('GET', `/api/tables/${table}/${id}/shares`);
  return (body as { items: unknown }).items;
}

async function behave(
  name: string,
  behaviors: Partial<Record<RelationshipAction, 'All' | 'Active' | 'UserOwned' | 'None'>>,
) {
  const relationship = findRelationship(name);
  if (!relationship) throw new Error(name);
  const ifMatch = (await fixture.relationships.find(name))?.version;
  const decide = (current: typeof relationship.defaults) => ({ ...current, ...behaviors });
  await fixture.relationships.change({ relationship, decide, by: 'admin', ifMatch });
}

const by = (from: string, ...rights: string[]) => [{ from, rights }];

describe('C16 a new record of a shared parent', () => {
  it('inherits what its parent was given, and what that inherits itself, each with its source', async () => {
    const order = await create('order', { orderNumber: 'O-1', lookups: { contact_orders: contact } });
    expect(await sharesOf('order', order)).toEqual([
      { principal: 'bob', direct: [], inherited: by(account, 'Read') },
      { principal: 'carl', direct: [], inherited: by(contact, 'Read') },
    ]);
    const { body } = await fixture.callAs('carl')('GET', '/api/tables/order');
    expect((body as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual([order]);
  });

  it('takes the rights of both parents together', async () => {
    const lookups = { contact_orders: contact, account_orders: account };
    const order = await create('order', { orderNumber: 'O-1', lookups });
    expect(await sharesOf('order', order)).toEqual([
      { principal: 'bob', direct: [], inherited: by(account, 'Read', 'Write') },
      { principal: 'carl', direct: [], inherited: by(contact, 'Read') },
    ]);
  });

  it('inherits by the Reparent behaviour as it is now', async () => {
    const lookups = { account_orders: account };
    const made = async (body: object = {}, as = 'olga') =>
      sharesOf('order', await create('order', { orderNumber: 'O-1', lookups, ...body }, as));
    const inherited = [{ principal: 'bob', direct: [], inherited: by(account, 'Read', 'Write') }];
    await behave('account_orders', { Reparent: 'Active' });
    expect(await made({ state: 'Inactive' })).toEqual([]);
    expect(await made()).toEqual(inherited);
    await behave('account_orders', { Reparent: 'UserOwned' });
    await fixture.share('account', account, 'carl', ['Read', 'AppendTo'], { kind: 'direct' });
    expect(await made({}, 'carl')).toEqual([]);
    expect(await made()).toHaveLength(2);
    await behave('account_orders', { Reparent: 'None' });
    expect(await made()).toEqual([]);
  });

  it('inherits in batches too, and reads parents once however many records are under them', async () => {
    const records = Array.from({ length: 130 }, (_, at) => ({
      orderNumber: `O-${at}`,
      ownerId: 'bob',
      lookups: { contact_orders: contact },
    }));
    reads = [];
    const { body } = await fixture.callAs()('POST', '/api/tables/order/batch', { body: { records } });
    const readOf = (table: string) => reads.filter((url) => url.includes(`${table}(PartitionKey=`)).length;
    // Whether it may be put there, whether it lives when it is, and its shares; no order is read at all.
    expect([readOf('recordscontact'), readOf('recordsorder'), readOf('users')]).toEqual([3, 0, 2]);
    const ids = (body as { results: { id: string; status: number }[] }).results.map(({ id }) => id);
    expect(new Set(ids).size).toBe(130);
    for (const id of ids) expect(await sharesOf('order', id)).toHaveLength(2);
  });

  it('costs one read more, and nothing else, under a parent without shares', async () => {
    const plain = await fixture.make('account', 'olga');
    reads = [];
    await create('order', { orderNumber: 'O-1', lookups: { account_orders: plain } });
    expect(reads.filter((url) => url.includes('~s|'))).toHaveLength(1);
    expect(reads.filter((url) => url.includes('relationships'))).toEqual([]);
  });
});
