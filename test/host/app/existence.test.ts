import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

let host: SpawnedHost;
const authorizations = new Map<string, string>();
/** A record of somebody else's with a number, one that is deleted, and an id that nothing has. */
const foreign = { id: randomUUID(), accountNumber: `F-${randomUUID().slice(0, 8)}` };
const deleted = { id: randomUUID(), accountNumber: `D-${randomUUID().slice(0, 8)}` };
const absent = { id: randomUUID(), accountNumber: `A-${randomUUID().slice(0, 8)}` };
const HIDDEN = [foreign, deleted, absent].flatMap(({ id, accountNumber }) => [id, accountNumber]);
let own: string;

beforeAll(async () => {
  host = await spawnLocalHost();
  for (const user of ['admin', 'ann']) {
    const role = user === 'admin' ? 'Administrator' : 'User';
    authorizations.set(user, `Bearer ${await host.token('--role', role, '--user', user)}`);
  }
  await call('admin', 'PUT', '/users/ann', { name: 'Ann', enabled: true, roles: ['User'] });
  await call('admin', 'PUT', '/users/gone', { name: 'Gone', enabled: false, roles: ['User'] });
  await call('admin', 'PUT', '/users/blind', { name: 'Blind', enabled: true, roles: [] });
  for (const each of [foreign, deleted]) await call('admin', 'POST', '/tables/account', { ...each, name: 'Foreign' });
  await call('admin', 'DELETE', `/tables/account/${deleted.id}`);
  own = String((await call('ann', 'POST', '/tables/account', { name: 'Own' })).body.id);
});
afterAll(() => host?.dispose());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(user: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await host.fetch(`/api${path}`, {
    method,
    headers: {
      authorization: authorizations.get(user) ?? '',
      ...(method === 'PATCH' && { 'if-match': '"1"' }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

/** What an answer tells, with the name that the caller itself gave put out of it. */
const toldOf = ({ status, body }: Answer, given: string) =>
  JSON.stringify({ status, body }).replaceAll(given, 'the one that was asked for');

/** The one thing that all of these requests are told. */
async function sameFor(names: readonly string[], ask: (name: string) => Promise<Answer>): Promise<string> {
  const told = new Set<string>();
  for (const name of names) told.add(toldOf(await ask(name), name));
  expect([...told]).toHaveLength(1);
  return [...told][0] ?? '';
}

describe('C28 who may not read a record cannot tell it from one that is not there', () => {
  it.each([
    ['GET', '', undefined],
    ['PATCH', '', { name: 'Mine' }],
    ['DELETE', '', undefined],
    ['GET', '/shares', undefined],
    ['GET', '/access', undefined],
    ['GET', '/rollup', undefined],
    ['GET', '/related/account_contacts', undefined],
    ['POST', '/restore', undefined],
    ['POST', '/assign', { ownerId: 'ann' }],
    ['POST', '/preview', { action: 'assign', ownerId: 'ann' }],
    ['POST', '/share', { principal: 'ann', rights: ['Read'] }],
  ])('by %s …%s', async (method, path, body) => {
    const told = await sameFor(HIDDEN, (name) => call('ann', method, `/tables/account/${name}${path}`, body));
    expect(told).toContain('"status":404');
  });

  it('by naming it as a parent, at creation and reparenting, or as what is to be merged', async () => {
    const contact = String((await call('ann', 'POST', '/tables/contact', { fullName: 'C' })).body.id);
    const asks: ((name: string) => Promise<Answer>)[] = [
      (name) => call('ann', 'POST', '/tables/contact', { fullName: 'C', lookups: { account_contacts: name } }),
      (name) =>
        call('ann', 'POST', `/tables/contact/${contact}/reparent`, {
          relationship: 'account_contacts',
          parentId: name,
        }),
      (name) => call('ann', 'POST', `/tables/account/${own}/merge`, { subordinateId: name }),
      (name) => call('ann', 'POST', `/tables/account/${own}/preview`, { action: 'merge', subordinateId: name }),
    ];
    for (const ask of asks) expect(await sameFor(HIDDEN, ask)).toContain('"status":422');
  });

  it('by trying its id with a number of one’s own: nothing is written, and the number stays free', async () => {
    const accountNumber = `N-${randomUUID().slice(0, 8)}`;
    const taken = await call('ann', 'POST', '/tables/account', { id: foreign.id, name: 'Mine', accountNumber });
    expect(taken.status).toBe(409);
    expect((await call('admin', 'GET', `/tables/account/${accountNumber}`)).status).toBe(404);
    expect((await call('ann', 'POST', '/tables/account', { name: 'Mine', accountNumber })).status).toBe(201);
  });

  it('nor which users there are: a new owner who is unknown, disabled or may not read is refused alike', async () => {
    const users = ['nobody-at-all', 'gone', 'blind'];
    const assigned = await sameFor(users, (ownerId) =>
      call('ann', 'POST', `/tables/account/${own}/assign`, { ownerId }),
    );
    expect(assigned).toContain('"status":422');
    const explained = await sameFor(users, (user) => call('ann', 'GET', `/tables/account/${own}/access?user=${user}`));
    expect(explained).toContain('"rights":[]');
  });
});

describe('C13 a job', () => {
  it('is looked for by its id alone: what is none is not found', async () => {
    for (const id of ['a%2Fb', 'x', '%E2%82%AC']) {
      expect((await call('admin', 'GET', `/system-jobs/${id}`)).status, id).toBe(404);
    }
  });
});
