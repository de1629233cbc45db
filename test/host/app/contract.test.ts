import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & {
    readonly items: Record<string, unknown>[];
    readonly continuationToken?: string;
  };
  readonly headers: Headers;
}

let host: SpawnedHost;
const tokens = new Map<string, string>();

beforeAll(async () => {
  host = await spawnLocalHost();
  tokens.set('admin', await host.token('--role', 'Administrator'));
  tokens.set('ann', await host.token('--role', 'User', '--user', 'ann'));
  tokens.set('ben', await host.token('--role', 'User', '--user', 'ben'));
  tokens.set('nobody', await host.token('--role', 'User', '--user', 'nobody'));
  tokens.set('store', await host.token('--role', 'Channel', '--channel', 'store'));
  await call('PUT', '/roles/clerk', {
    body: {
      privileges: ['Create', 'Read', 'Write', 'Append', 'AppendTo'].map((action) => ({
        table: '*',
        action,
        depth: 'User',
      })),
    },
  });
  for (const user of ['ann', 'ben'])
    await call('PUT', `/users/${user}`, { body: { name: user, enabled: true, roles: ['clerk'] } });
  for (const channel of ['store', 'other']) {
    await call('PUT', `/channels/${channel}`, {
      body: { name: channel, kind: 'POS', profile: { createCustomerInAsyncMode: true } },
    });
  }
});

afterAll(() => host?.dispose());

async function call(
  method: string,
  path: string,
  options: { as?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { as = 'admin', body, headers = {} } = options;
  const response = await host.fetch(`/api${path}`, {
    method,
    headers: {
      ...(as && { authorization: `Bearer ${tokens.get(as) ?? as}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {}, headers: response.headers };
}

async function makeAccount(name: string, as = 'admin', more: Record<string, unknown> = {}): Promise<string> {
  const { body } = await call('POST', '/tables/account', { as, body: { name, ...more } });
  return String(body.id);
}

describe('E3 errors are problem details that say what to do', () => {
  it.each([
    ['an unknown path', 'GET', '/nowhere', {}, 404, 'not-found'],
    ['an unknown table', 'GET', '/tables/planet', {}, 404, 'not-found'],
    ['an unknown channel', 'GET', '/channels/moon/customers', {}, 404, 'not-found'],
    ['another method', 'DELETE', '/health', {}, 405, 'method-not-allowed'],
    ['unknown fields', 'POST', '/tables/account', { body: { name: 'A', colour: 'red' } }, 400, 'invalid-request'],
    ['unknown query names', 'GET', '/tables/account?sort=name', {}, 400, 'invalid-request'],
    ['a page that is too large', 'GET', '/tables/account?pageSize=501', {}, 400, 'invalid-request'],
    [
      'a continuation token of its own',
      'GET',
      '/tables/account?continuationToken=abc',
      {},
      400,
      'invalid-continuation-token',
    ],
    ['a body that is no JSON', 'POST', '/tables/account', { body: '{"name":' }, 400, 'invalid-request'],
    [
      'another media type',
      'POST',
      '/tables/account',
      { body: 'name=A', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported-media-type',
    ],
    [
      'a body that is too large',
      'POST',
      '/tables/account',
      { body: { name: 'x'.repeat(1_100_000) } },
      413,
      'too-large',
    ],
    ['If-Match: *', 'PATCH', '/tables/account/x', { body: {}, headers: { 'if-match': '*' } }, 400, 'invalid-request'],
    [
      'an id of our own version',
      'POST',
      '/tables/account',
      { body: { name: 'A', id: '11111111-1111-8111-8111-111111111111' } },
      422,
      'rule-broken',
    ],
    [
      'an owner that nobody knows',
      'POST',
      '/tables/account',
      { body: { name: 'A', ownerId: 'ghost' } },
      422,
      'rule-broken',
    ],
    [
      'fields in a call that takes none',
      'POST',
      '/customer-sync/runs',
      { body: { now: true } },
      400,
      'invalid-request',
    ],
    ['settings changed unseen', 'PATCH', '/settings', { body: { lanes: 2 } }, 428, 'version-required'],
    ['what is promised for later', 'GET', '/docs', {}, 501, 'not-yet-available'],
  ] as const)('answers %s', async (_what, method, path, options, status, slug) => {
    const answer = await call(method, path, options);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({
      type: `/problems/${slug}`,
      status,
      title: expect.any(String),
      detail: expect.any(String),
    });
  });
});

describe('E4 who calls is verified, and sees and does what it may', () => {
  it.each([
    ['no token', ''],
    ['a token that is none', 'abc.def.ghi'],
    ['a user that was never made', 'nobody'],
  ])('refuses %s with 401 and WWW-Authenticate', async (_what, as) => {
    const answer = await call('GET', '/tables/account', { as });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('keeps a channel to its own data', async () => {
    expect((await call('GET', '/channels/store/customers', { as: 'store' })).status).toBe(200);
    expect((await call('GET', '/channels/other/customers', { as: 'store' })).status).toBe(403);
    expect((await call('GET', '/tables/account', { as: 'store' })).status).toBe(403);
    expect((await call('GET', '/customer-sync/operations', { as: 'store' })).status).toBe(403);
  });

  it('keeps administration to administrators', async () => {
    for (const path of ['/roles', '/settings', '/cdx-jobs', '/customer-sync/runs']) {
      expect((await call('GET', path, { as: 'ann' })).status).toBe(403);
    }
  });

  it('shows a user with depth User its own records only, and hides the others as if they were not there', async () => {
    const own = await makeAccount('Ann’s', 'ann');
    const foreign = await makeAccount('Ben’s', 'ben');
    expect((await call('GET', `/tables/account/${own}`, { as: 'ann' })).status).toBe(200);
    expect((await call('GET', `/tables/account/${foreign}`, { as: 'ann' })).status).toBe(404);
    expect(
      (await call('PATCH', `/tables/account/${foreign}`, { as: 'ann', body: {}, headers: { 'if-match': '"1"' } }))
        .status,
    ).toBe(404);
    const { body } = await call('GET', '/tables/account', { as: 'ann' });
    expect(body.items.map(({ id }) => id)).toEqual([own]);
  });

  it('names the privilege and the table that are missing', async () => {
    const refused = await call('POST', '/tables/account', { as: 'ann', body: { name: 'A', ownerId: 'ben' } });
    expect(refused).toMatchObject({ status: 403, body: { privilege: 'Assign', table: 'account' } });
  });

  it('refuses a user from the moment it is disabled, and takes it again when it is enabled', async () => {
    await call('PUT', '/users/ben', { body: { name: 'ben', enabled: false, roles: ['clerk'] } });
    expect((await call('GET', '/tables/account', { as: 'ben' })).status).toBe(401);
    await call('PUT', '/users/ben', { body: { name: 'ben', enabled: true, roles: ['clerk'] } });
    expect((await call('GET', '/tables/account', { as: 'ben' })).status).toBe(200);
  });
});

describe('records over HTTP', () => {
  it('are changed only by who has seen their latest version', async () => {
    const id = await makeAccount('Contoso');
    const path = `/tables/account/${id}`;
    expect((await call('PATCH', path, { body: { phone: '1' } })).status).toBe(428);
    const changed = await call('PATCH', path, { body: { phone: '1' }, headers: { 'if-match': '"1"' } });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, phone: '1', modifiedBy: 'admin' } });
    expect(changed.headers.get('etag')).toBe('"2"');
    expect((await call('PATCH', path, { body: { phone: '2' }, headers: { 'if-match': '"1"' } })).status).toBe(412);
    const cleared = await call('PATCH', path, { body: { phone: null }, headers: { 'if-match': '"2"' } });
    expect(cleared.body).not.toHaveProperty('phone');
  });

  it('send whoever would change an owner or a cascading parent to the action for it', async () => {
    const account = await makeAccount('Parent');
    const contact = await call('POST', '/tables/contact', {
      body: { fullName: 'C', lookups: { account_contacts: account } },
    });
    const path = `/tables/contact/${String(contact.body.id)}`;
    const headers = { 'if-match': '"1"' };
    const owner = await call('PATCH', path, { body: { ownerId: 'ann' }, headers });
    expect(owner).toMatchObject({ status: 400, body: { detail: expect.stringContaining('/assign') } });
    const parent = await call('PATCH', path, { body: { lookups: { account_contacts: null } }, headers });
    expect(parent).toMatchObject({ status: 400, body: { detail: expect.stringContaining('/reparent') } });
  });

  it('are made once per Idempotency-Key, whatever is sent under it again', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await call('POST', '/tables/account', { body: { name: 'Once' }, headers });
    const again = await call('POST', '/tables/account', { body: { name: 'Once' }, headers });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('location')).toBe(`/api/tables/account/${String(first.body.id)}`);
    expect((await call('POST', '/tables/account', { body: { name: 'Other' }, headers })).status).toBe(422);
    expect((await call('POST', '/tables/account', { as: 'ann', body: { name: 'Other' }, headers })).status).toBe(201);
  });

  it('come in batches of up to 1,000, each with a result of its own, under their parents newest first', async () => {
    const account = await makeAccount('Many');
    const records: unknown[] = Array.from({ length: 300 }, (_, at) => ({
      fullName: `C ${at}`,
      lookups: { account_contacts: account },
    }));
    records[5] = { fullName: '' };
    records[6] = { fullName: 'Lost', lookups: { account_contacts: randomUUID() } };
    const { status, body } = await call('POST', '/tables/contact/batch', { body: { records } });
    const results = (body as unknown as { results: { index: number; status: number }[] }).results;
    expect(status).toBe(207);
    expect(results.map(({ index }) => index)).toEqual(records.map((_, at) => at));
    expect(results.filter((result) => result.status !== 201).map((result) => [result.index, result.status])).toEqual([
      [5, 400],
      [6, 422],
    ]);
    // 250 of them share a partition, and the rest lie in another: cascades take a partition's records in one go.
    const buckets = new Set((results as { id?: string }[]).flatMap(({ id }) => id?.slice(0, 8) ?? []));
    expect(buckets.size).toBe(2);
    const seen = new Set<unknown>();
    let token: string | undefined;
    do {
      const page = await call(
        'GET',
        `/tables/account/${account}/related/account_contacts?pageSize=120${token ? `&continuationToken=${token}` : ''}`,
      );
      for (const { id } of page.body.items) seen.add(id);
      token = page.body.continuationToken;
    } while (token);
    expect(seen.size).toBe(298);
    expect(
      (
        await call('POST', '/tables/contact/batch', {
          body: { records: Array.from({ length: 1001 }, () => ({ fullName: 'C' })) },
        })
      ).status,
    ).toBe(400);
  });

  it('are listed newest first, page by page, and found by the beginnings of words in any case', async () => {
    const tag = `q${randomUUID().slice(0, 6)}`;
    const ids: string[] = [];
    for (let at = 0; at < 5; at++) ids.unshift(await makeAccount(`${tag} Nr${at}`));
    const first = await call('GET', `/tables/account?search=${tag.toUpperCase()}&pageSize=3`);
    expect(first.body.items.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    const second = await call(
      'GET',
      `/tables/account?search=${tag.toUpperCase()}&pageSize=9&continuationToken=${first.body.continuationToken}`,
    );
    const other = `/tables/account?search=${tag}%20nr4&continuationToken=${first.body.continuationToken}`;
    expect((await call('GET', other)).status).toBe(400);
    expect(second.body.items.map(({ id }) => id)).toEqual(ids.slice(3));
    expect(second.body).not.toHaveProperty('continuationToken');
    expect((await call('GET', `/tables/account?search=${tag}%20nr4`)).body.items).toHaveLength(1);
    expect((await call('GET', `/tables/account?search=${tag.slice(1)}`)).body.items).toHaveLength(0);
  });

  it('keep an account number for one account, which it finds as the id does', async () => {
    const number = `N-${randomUUID().slice(0, 8)}`;
    const id = await makeAccount('Numbered', 'admin', { accountNumber: number });
    expect((await call('GET', `/tables/account/${number}`)).body.id).toBe(id);
    expect((await call('POST', '/tables/account', { body: { name: 'Copy', accountNumber: number } })).status).toBe(422);
  });
});

describe('E11 GET /health/details', () => {
  it('tells that storage and Service Bus answer, and of a timer that it ran', async () => {
    const timers = () => call('GET', '/health/details').then(({ body }) => body.timers as { outcome: string | null }[]);
    await expect
      .poll(timers, { timeout: 20_000 })
      .toContainEqual(expect.objectContaining({ name: 'drainEvents', outcome: 'done' }));
    expect((await call('GET', '/health/details')).body).toMatchObject({ serviceBus: { status: 'ok' } });
  });
});

describe('a start without demo data', () => {
  it('is empty but for the built-in user, and its timers wait for a call on demand', async () => {
    expect((await call('GET', '/settings')).body).toMatchObject({ timersEnabled: false });
    expect((await call('GET', '/users/admin')).body).toMatchObject({ id: 'admin', enabled: true });
    const run = await host.fetch('/admin/functions/pJobTimer', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(run.status).toBe(202);
    await expect
      .poll(async () => (await call('GET', '/cdx-jobs')).body, { timeout: 20_000 })
      .toMatchObject({
        items: expect.arrayContaining([
          expect.objectContaining({ job: 'P-0001', lastRun: expect.objectContaining({ status: 'Completed' }) }),
        ]),
      });
  });
});
