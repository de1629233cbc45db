import { beforeEach, describe, expect, it } from 'vitest';
import { administrationEndpoints } from '../../../functions/administration/administration-endpoints.ts';
import { openTimerRuns, type TimerRuns } from '../../../shared/runs/timer-runs.ts';
import { createAccess } from '../../../shared/security/access.ts';
import type { Caller } from '../../../shared/security/caller.ts';
import { openRoles } from '../../../shared/security/roles.ts';
import { openUsers } from '../../../shared/security/users.ts';
import { defaultSettings, openSettings } from '../../../shared/settings/settings.ts';
import { createFailingStorage, type FailingStorage } from '../../support/failing-storage.ts';
import { ADMIN, serve, type TestCall } from '../../support/http-call.ts';
import { openTestStorage } from '../../support/test-storage.ts';

let failing: FailingStorage;
let callAs: (caller: Caller) => TestCall;
let timerRuns: TimerRuns;
let serviceBusFault: Error | undefined;
let call: TestCall;
beforeEach(() => {
  failing = createFailingStorage();
  const storage = openTestStorage({ policies: [failing.policy] });
  let nowMs = Date.parse('2026-03-01T12:00:00.000Z');
  const now = () => nowMs++;
  const [users, roles] = [openUsers(storage, now), openRoles(storage)];
  timerRuns = openTimerRuns(storage, now);
  serviceBusFault = undefined;
  const ports = {
    ...{ users, roles, timerRuns, now, access: createAccess({ users, roles }) },
    askServiceBus: async () => {
      if (serviceBusFault) throw serviceBusFault;
    },
    waitingSince: async () => ({ upload: '2026-03-01T11:00:00.000Z', synchronization: undefined, events: null }),
    settings: openSettings(storage, defaultSettings({ timersEnabled: true, disabledPlugins: [] })),
    pluginNames: ['order-lock-guard'],
    knowsTable: (table: string) => ['account', 'contact'].includes(table),
  };
  callAs = (caller) => serve(administrationEndpoints(ports), { caller });
  call = callAs(ADMIN);
});

const ifMatch = (etag: string) => ({ headers: { 'If-Match': etag } });

describe('E4 administration', () => {
  it.each([
    { role: 'User', id: 'ann', channel: undefined },
    { role: 'Channel', id: 'channel:store-1', channel: 'store-1' },
  ] as const)('is for administrators alone: a $role gets 403', async (caller) => {
    const other = callAs(caller);
    for (const [method, path] of [
      ['GET', '/users/ann'],
      ['PUT', '/users/ann'],
      ['DELETE', '/users/ann'],
      ['GET', '/roles/clerk'],
      ['PUT', '/roles/clerk'],
      ['GET', '/settings'],
      ['PATCH', '/settings'],
      ['GET', '/roles'],
      ['GET', '/health/details'],
    ] as const) {
      const request = method === 'GET' || method === 'DELETE' ? {} : { body: {} };
      expect(await other(method, `/api${path}`, request), `${method} ${path}`).toMatchObject({ status: 403 });
    }
  });
});

describe('GET /health', () => {
  it('answers ok when storage does', async () => {
    expect(await call('GET', '/api/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('answers 503 with Retry-After when storage does not', async () => {
    await call('GET', '/api/health');
    failing.refuse(100, () => true);
    const answer = await call('GET', '/api/health');
    expect(answer).toMatchObject({ status: 503, headers: { 'Retry-After': expect.any(String) } });
  });
});

describe('GET /health/details', () => {
  it('tells how storage and Service Bus answer, what waits since when, and of each timer when it ran last', async () => {
    await timerRuns.noted('purge', async () => {})();
    const failing = timerRuns.noted('drainEvents', async () => {
      throw new Error('no topic');
    });
    await expect(failing()).rejects.toThrow('no topic');
    const { status, body } = await call('GET', '/api/health/details');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      storage: { latencyMs: expect.any(Number) },
      serviceBus: { status: 'ok', latencyMs: expect.any(Number) },
      backlogs: [
        { of: 'upload', oldestOn: '2026-03-01T11:00:00.000Z' },
        { of: 'synchronization', oldestOn: null },
        { of: 'events', oldestOn: null },
      ],
    });
    const { timers } = body as { timers: { name: string; lastRunOn: string | null; outcome: string | null }[] };
    expect(timers.filter(({ lastRunOn }) => lastRunOn !== null)).toEqual([
      { name: 'drainEvents', lastRunOn: expect.any(String), outcome: 'failed' },
      { name: 'purge', lastRunOn: expect.any(String), outcome: 'done' },
    ]);
  });

  it('answers with what Service Bus said, where that fails', async () => {
    serviceBusFault = new Error('unauthorized');
    const { body } = await call('GET', '/api/health/details');
    expect(body).toMatchObject({ serviceBus: { status: 'failing', error: 'unauthorized' } });
  });

  it('lets a timer do its work where its end cannot be noted', async () => {
    failing.refuse(100, () => true);
    await timerRuns.noted('purge', async () => {})();
  });
});

describe('GET /me', () => {
  it('says who an administrator is, and that there is nothing they may not do', async () => {
    const { body } = await call('GET', '/api/me');
    expect(body).toMatchObject({ id: 'admin', role: 'Administrator' });
    expect((body as { privileges: unknown[] }).privileges).toContainEqual({
      table: '*',
      action: 'Delete',
      depth: 'Organization',
    });
  });

  it('says of a user what its roles allow now, each privilege once', async () => {
    const grants = [{ table: 'account', action: 'Read', depth: 'Organization' }];
    await call('PUT', '/api/roles/reader', { body: { privileges: grants } });
    await call('PUT', '/api/users/ann', { body: { name: 'Ann', roles: ['reader'] } });
    const ann = callAs({ role: 'User', id: 'ann', channel: undefined });
    expect((await ann('GET', '/api/me')).body).toEqual({ id: 'ann', role: 'User', privileges: grants });
    await call('PUT', '/api/users/ann', { body: { name: 'Ann', roles: [] } });
    expect((await ann('GET', '/api/me')).body).toEqual({ id: 'ann', role: 'User', privileges: [] });
  });

  it('names the channel of a channel', async () => {
    const till = callAs({ role: 'Channel', id: 'channel:store-1', channel: 'store-1' });
    const me = { id: 'channel:store-1', role: 'Channel', channel: 'store-1', privileges: [] };
    expect((await till('GET', '/api/me')).body).toEqual(me);
  });
});

describe('/users', () => {
  const ann = { name: 'Ann', enabled: true, roles: ['User'] };

  it('are made with 201, read, replaced with 200 and removed with 204, with their version as ETag', async () => {
    expect(await call('GET', '/api/users/ann')).toMatchObject({ status: 404 });
    const made = await call('PUT', '/api/users/ann', { body: ann });
    expect(made).toMatchObject({ status: 201, headers: { ETag: '"1"' }, body: { ...ann, id: 'ann', version: 1 } });
    expect(await call('GET', '/api/users/ann')).toMatchObject({
      status: 200,
      headers: { ETag: '"1"' },
      body: made.body,
    });
    const replaced = await call('PUT', '/api/users/ann', { body: { ...ann, enabled: false } });
    expect(replaced).toMatchObject({ status: 200, headers: { ETag: '"2"' }, body: { enabled: false } });
    expect(await call('DELETE', '/api/users/ann')).toMatchObject({
      status: 200,
      body: { id: 'ann', detail: expect.stringContaining('makes the same user again') },
    });
    const gone = { status: 404, body: { detail: expect.stringContaining('was removed') } };
    expect(await call('GET', '/api/users/ann')).toMatchObject(gone);
    expect(await call('DELETE', '/api/users/ann')).toMatchObject({ status: 404 });
    expect(await call('PUT', '/api/users/ann', { body: ann })).toMatchObject({ status: 201, headers: { ETag: '"4"' } });
  });

  it('record who changed them', async () => {
    const { body } = await callAs({ ...ADMIN, id: 'eve' })('PUT', '/api/users/ann', { body: ann });
    expect(body).toMatchObject({ modifiedBy: 'eve' });
  });

  it('honour If-Match without asking for it', async () => {
    await call('PUT', '/api/users/ann', { body: ann });
    expect(await call('PUT', '/api/users/ann', { body: ann, ...ifMatch('"2"') })).toMatchObject({ status: 412 });
    expect(await call('DELETE', '/api/users/ann', ifMatch('"2"'))).toMatchObject({ status: 412 });
    expect(await call('DELETE', '/api/users/ann', ifMatch('"1"'))).toMatchObject({ status: 200 });
  });

  it('refuse roles that do not exist with 422 that names them', async () => {
    const answer = await call('PUT', '/api/users/ann', { body: { ...ann, roles: ['User', 'clerk'] } });
    expect(answer).toMatchObject({ status: 422, body: { unknownRoles: ['clerk'] } });
    expect(await call('GET', '/api/users/ann')).toMatchObject({ status: 404 });
  });

  it.each([
    { enabled: true },
    { ...ann, name: ' ' },
    { ...ann, name: 'n'.repeat(201) },
    { ...ann, enabled: 'yes' },
    { ...ann, roles: 'User' },
    { ...ann, roles: ['no such name!'] },
    { ...ann, version: 3 },
  ])('refuse the body %j with 400', async (body) => {
    expect(await call('PUT', '/api/users/ann', { body })).toMatchObject({ status: 400 });
  });

  it.each(['a%20b', 'a%2Fb', '%C3%A5', 'a'.repeat(65)])('refuse the id %s with 400', async (id) => {
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const request = method === 'PUT' ? { body: ann } : {};
      expect(await call(method, `/api/users/${id}`, request), method).toMatchObject({ status: 400 });
    }
  });

  it('keep admin: not disabled, not removed, renamed if wished', async () => {
    const disabled = { body: { name: 'Administrator', enabled: false, roles: ['Administrator'] } };
    expect(await call('PUT', '/api/users/admin', disabled)).toMatchObject({ status: 409 });
    expect(await call('DELETE', '/api/users/admin')).toMatchObject({ status: 409 });
    expect(await call('PUT', '/api/users/admin', { body: { name: 'Root' } })).toMatchObject({
      status: 200,
      body: { name: 'Root', enabled: true, roles: ['Administrator'] },
    });
  });

  it('are listed newest first, a page at a time, each once', async () => {
    for (const id of ['u1', 'u2', 'u3', 'u4']) await call('PUT', `/api/users/${id}`, { body: ann });
    const pages: string[][] = [];
    let next = '/api/users?pageSize=2';
    while (next) {
      const { status, body } = await call('GET', next);
      expect(status).toBe(200);
      const page = body as { items: { id: string }[]; continuationToken?: string };
      pages.push(page.items.map(({ id }) => id));
      next = page.continuationToken ? `/api/users?pageSize=2&continuationToken=${page.continuationToken}` : '';
    }
    expect(pages).toEqual([['u4', 'u3'], ['u2', 'u1'], ['admin']]);
  });

  it('are found by beginnings of words in id and name, whatever their letter case', async () => {
    await call('PUT', '/api/users/u1', { body: { ...ann, name: 'Åsa Berg' } });
    await call('PUT', '/api/users/u2', { body: { ...ann, name: 'Bergman', enabled: false } });
    const found = async (search: string) => {
      const { body } = await call('GET', `/api/users?search=${encodeURIComponent(search)}`);
      return (body as { items: { id: string }[] }).items.map(({ id }) => id);
    };
    expect(await found('BERG')).toEqual(['u2', 'u1']);
    expect(await found('åSA b')).toEqual(['u1']);
    expect(await found('U1')).toEqual(['u1']);
    expect(await found('erg')).toEqual([]);
  });

  it('are shown to a user with id and name alone, and only those that are enabled', async () => {
    await call('PUT', '/api/users/u1', { body: { ...ann, enabled: false } });
    await call('PUT', '/api/users/u2', { body: ann });
    const { status, body } = await callAs({ role: 'User', id: 'u2', channel: undefined })('GET', '/api/users');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        items: [
          { id: 'u2', name: 'Ann' },
          { id: 'admin', name: 'Administrator' },
        ],
      },
    });
  });

  it('refuse a foreign continuation token and unknown filters with 400', async () => {
    expect(await call('GET', '/api/users?continuationToken=abc')).toMatchObject({
      status: 400,
      body: { type: '/problems/invalid-continuation-token' },
    });
    expect(await call('GET', '/api/users?name=ann')).toMatchObject({ status: 400 });
  });
});

describe('/roles', () => {
  const privileges = [{ table: 'account', action: 'Assign', depth: 'Organization' }];

  it('are made with 201, and replaced with 200 by who sends the ETag', async () => {
    expect(await call('GET', '/api/roles/clerk')).toMatchObject({ status: 404 });
    const made = await call('PUT', '/api/roles/clerk', { body: { privileges } });
    expect(made).toMatchObject({ status: 201, headers: { ETag: '"1"' }, body: { name: 'clerk', privileges } });
    expect(await call('PUT', '/api/roles/clerk', { body: { privileges: [] } })).toMatchObject({ status: 428 });
    const stale = { body: { privileges: [] }, ...ifMatch('"9"') };
    expect(await call('PUT', '/api/roles/clerk', stale)).toMatchObject({ status: 412 });
    const replaced = await call('PUT', '/api/roles/clerk', { body: { privileges: [] }, ...ifMatch('"1"') });
    expect(replaced).toMatchObject({ status: 200, headers: { ETag: '"2"' } });
    expect(await call('GET', '/api/roles/clerk')).toMatchObject({ headers: { ETag: '"2"' }, body: replaced.body });
  });

  it('are listed with the built-in ones first, then by name, a page at a time', async () => {
    for (const name of ['zeta', 'clerk']) await call('PUT', `/api/roles/${name}`, { body: { privileges } });
    const names: string[][] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const { body } = await call('GET', `/api/roles?pageSize=3${next}`);
      const page = body as { items: { name: string }[]; continuationToken?: string };
      names.push(page.items.map(({ name }) => name));
      next = page.continuationToken && `&continuationToken=${page.continuationToken}`;
    }
    expect(names).toEqual([['Administrator', 'User', 'clerk'], ['zeta']]);
  });

  it('that are built in are read with every privilege, and refuse changes with 409', async () => {
    const { body } = await call('GET', '/api/roles/User');
    expect(body).toMatchObject({ builtIn: true, privileges: expect.any(Array) });
    expect((body as { privileges: unknown[] }).privileges).toContainEqual({
      table: '*',
      action: 'Merge',
      depth: 'User',
    });
    const change = { body: { privileges }, ...ifMatch('"1"') };
    expect(await call('PUT', '/api/roles/Administrator', change)).toMatchObject({ status: 409 });
  });

  it('may speak of every table by *, and of no table that does not exist', async () => {
    const of = (table: string) => ({ body: { privileges: [{ table, action: 'Read', depth: 'User' }] } });
    expect(await call('PUT', '/api/roles/all', of('*'))).toMatchObject({ status: 201 });
    const answer = await call('PUT', '/api/roles/typo', of('acount'));
    expect(answer).toMatchObject({ status: 422, body: { unknownTables: ['acount'] } });
  });

  it.each([
    {},
    { privileges: [{ table: 'account', action: 'assign', depth: 'User' }] },
    { privileges: [{ table: 'account', action: 'Assign', depth: 'BusinessUnit' }] },
    { privileges: [{ table: 'account', action: 'Assign' }] },
    { privileges, name: 'clerk' },
  ])('refuse the body %j with 400', async (body) => {
    expect(await call('PUT', '/api/roles/clerk', { body })).toMatchObject({ status: 400 });
  });
});

describe('/settings', () => {
  it('are read with their defaults and changed by merge-patch', async () => {
    const fresh = await call('GET', '/api/settings');
    expect(fresh).toMatchObject({ status: 200, headers: { ETag: '"0"' }, body: { timersEnabled: true } });
    expect(await call('PATCH', '/api/settings', { body: {} })).toMatchObject({ status: 428 });
    const changed = await call('PATCH', '/api/settings', { body: { timersEnabled: false }, ...ifMatch('"0"') });
    expect(changed).toMatchObject({
      status: 200,
      headers: { ETag: '"1"' },
      body: { timersEnabled: false, schedules: { pJob: '0 */1 * * * *' } },
    });
    expect(await call('GET', '/api/settings')).toMatchObject({ headers: { ETag: '"1"' }, body: changed.body });
    expect(await call('PATCH', '/api/settings', { body: {} })).toMatchObject({ status: 428 });
    const back = await call('PATCH', '/api/settings', { body: { timersEnabled: null }, ...ifMatch('"1"') });
    expect(back).toMatchObject({ status: 200, body: fresh.body });
  });

  it('refuse what they do not know with 400', async () => {
    for (const body of [{ timersEnabld: true }, { schedules: { pjob: '0 * * * * *' } }, { timersEnabled: 'yes' }, []]) {
      expect(await call('PATCH', '/api/settings', { body })).toMatchObject({ status: 400 });
    }
  });

  it('refuse a schedule finer than a minute with 422 that says so', async () => {
    const body = { schedules: { customerSync: '*/10 * * * * *' } };
    const answer = await call('PATCH', '/api/settings', { body, ...ifMatch('"0"') });
    expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringContaining('finer than a minute') } });
  });
});

describe('C10 the setting disabledPlugins', () => {
  it('takes names of plug-ins that there are, and changes nothing for another', async () => {
    const patch = async (disabledPlugins: readonly string[]) => {
      const { headers } = await call('GET', '/api/settings');
      return call('PATCH', '/api/settings', { body: { disabledPlugins }, ...ifMatch(headers.ETag ?? '') });
    };
    expect(await patch(['order-lock-guard'])).toMatchObject({ status: 200 });
    expect(await patch(['nope'])).toMatchObject({ status: 422, body: { detail: expect.stringContaining('nope') } });
    expect((await call('GET', '/api/settings')).body).toMatchObject({ disabledPlugins: ['order-lock-guard'] });
  });
});
