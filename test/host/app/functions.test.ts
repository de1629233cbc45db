import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overlap } from '../../../shared/http/routes.ts';
import { TIMER_NAMES } from '../../../shared/runs/timer-runs.ts';
import { PROJECT_PATH, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';
import { describedCalls, isDescribedBy } from '../../unit/house/described-calls.ts';
import { readText } from '../../unit/house/documents.ts';

/** Whom a function answers: all the world; whoever proves who they are; administrators; HQ users too; channels for their own and administrators. */
type Audience = 'anyone' | 'proven' | 'administrators' | 'users' | 'channels';

/** Every function with an address. One that isn't here fails the test: say whom it answers. */
const AUDIENCES: Readonly<Record<Audience, readonly string[]>> = {
  anyone: ['getDocs', 'getOpenapi', 'getSignIn', 'getUi', 'health'],
  proven: ['getMe'],
  administrators: [
    ...['deleteUser', 'getRole', 'getSettings', 'getUser', 'patchSettings', 'putRole', 'putUser'],
    ...['getHealthDetails', 'listRoles'],
    ...['getChannel', 'listChannels', 'putChannel', 'refreshCache'],
    ...['cancelCdxSession', 'createCdxRun', 'getCdxRun', 'listCdxJobs', 'listCdxSessions', 'retryCdxSession'],
    ...['createBulkChange', 'createSyncRun', 'explainCustomer', 'getBulkChange', 'getOperation', 'getPipeline'],
    ...['getSyncRun', 'listFeatures', 'listOperations', 'listSyncRuns', 'patchOperation', 'putFeature'],
    ...['discardOperation', 'reinstateOperation'],
    ...['synchronizeOperation', 'getOutbox', 'listDeadLetters', 'requeueDeadLetters', 'listPlugins', 'handoverJob'],
    ...['getRelationship', 'listRelationshipChanges', 'listRelationships', 'putRelationship', 'revokeInheritedAccess'],
    'getAccessReport',
  ],
  users: [
    ...['createRecord', 'createRecordBatch', 'getAccess', 'getRecord', 'listRecords', 'listRelated', 'listRollup'],
    ...['listShares', 'listUsers', 'patchRecord', 'restoreRecord'],
    ...['assignRecord', 'deleteRecord', 'mergeRecord', 'previewRecord', 'reparentRecord', 'shareRecord'],
    'reconcileAccess',
    ...['unshareRecord', 'getJob', 'listJobChanges', 'listJobs', 'previewJob'],
    ...['cancelJob', 'pauseJob', 'rerunJob', 'resumeJob', 'retryJob', 'skipJob', 'undoJob'],
  ],
  channels: [
    ...['createAddress', 'createCustomer', 'deactivateAddress', 'editAddress', 'editCustomer', 'removeAffiliation'],
    ...['removeAttribute', 'removeContact', 'setAffiliation', 'setAttribute', 'setContact', 'submitChanges'],
    ...['getChannelCustomer', 'getChannelOperation', 'listChannelCustomers'],
  ],
};

/** Who knocks. `channel` is the channel in the address, `other` another one; `stranger` has no user. */
const CALLERS = ['nobody', 'forger', 'stranger', 'user', 'administrator', 'channel', 'other'] as const;
type Caller = (typeof CALLERS)[number];

const UNPROVEN: Partial<Record<Caller, number>> = { nobody: 401, forger: 401, stranger: 401 };
/** What stops a caller at the door; a caller who isn't named here is let in. */
const REFUSALS: Readonly<Record<Audience, Partial<Record<Caller, number>>>> = {
  anyone: {},
  proven: UNPROVEN,
  administrators: { ...UNPROVEN, user: 403, channel: 403, other: 403 },
  users: { ...UNPROVEN, channel: 403, other: 403 },
  channels: { ...UNPROVEN, user: 403, other: 403 },
};

interface ListedFunction {
  readonly name: string;
  readonly invoke_url_template: string;
  readonly config: { readonly bindings: readonly Record<string, unknown>[] };
}

interface HttpFunction {
  readonly name: string;
  readonly method: string;
  readonly route: string;
  readonly isDurable: boolean;
}

let host: SpawnedHost;
let listed: readonly ListedFunction[];
let functions: readonly HttpFunction[];
const authorizations = new Map<Caller, string>();

beforeAll(async () => {
  host = await spawnLocalHost();
  const issue = async (caller: Caller, ...args: string[]) =>
    authorizations.set(caller, `Bearer ${await host.token(...args)}`);
  await issue('administrator', '--role', 'Administrator');
  await issue('user', '--role', 'User', '--user', 'ann');
  await issue('stranger', '--role', 'User', '--user', 'stranger');
  await issue('channel', '--role', 'Channel', '--channel', 'store');
  await issue('other', '--role', 'Channel', '--channel', 'other');
  authorizations.set('forger', `${authorizations.get('administrator')?.slice(0, -4)}AAAA`);
  await put('/users/ann', { name: 'Ann', enabled: true, roles: ['User'] });
  for (const channel of ['store', 'other']) {
    await put(`/channels/${channel}`, { name: channel, kind: 'POS', profile: { createCustomerInAsyncMode: true } });
  }
  listed = (await (await host.fetch('/admin/functions')).json()) as ListedFunction[];
  functions = listed.flatMap(({ name, config: { bindings } }) => {
    const trigger = bindings.find(({ type }) => type === 'httpTrigger');
    if (!trigger || name === 'zzUnmatched') return [];
    const isDurable = bindings.some(({ type }) => type === 'durableClient');
    return [{ name, method: methodsOf(trigger)[0] ?? '', route: String(trigger.route), isDurable }];
  });
});
afterAll(() => host?.dispose());

const methodsOf = (trigger: Record<string, unknown>) =>
  (trigger.methods as string[]).map((method) => method.toUpperCase()).filter((method) => method !== 'HEAD');

async function put(path: string, body: unknown): Promise<void> {
  const headers = { authorization: authorizations.get('administrator') ?? '', 'content-type': 'application/json' };
  const { status } = await host.fetch(`/api${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
  expect(status).toBeLessThan(300);
}

/** An address of the function, with values that stand for nothing, except for the channel and the table. */
const addressOf = ({ route }: HttpFunction) =>
  `/api/${route
    .replace('{channel}', 'store')
    .replace('{table}', 'account')
    .replaceAll(/\{\*?\w+\}/g, 'zzz')}`;

/** The status and `type` that a caller is answered at the door: asked with a form that no call takes, so that nothing is done. */
async function knock(fn: HttpFunction, caller: Caller): Promise<number> {
  const authorization = authorizations.get(caller);
  const { status } = await host.fetch(`${addressOf(fn)}?knock=1`, {
    method: fn.method,
    headers: authorization === undefined ? {} : { authorization },
  });
  return status;
}

describe('E8 native functions', () => {
  it('are named as the file that declares them', () => {
    const files = readdirSync(join(PROJECT_PATH, 'functions'), { recursive: true, encoding: 'utf8' });
    const names = new Set(
      files.map((file) => basename(file, '.ts').replaceAll(/-(\w)/g, (_, first: string) => first.toUpperCase())),
    );
    expect(functions.length).toBeGreaterThan(70);
    expect(functions.filter(({ name }) => !names.has(name))).toEqual([]);
  });

  it('leave no address with a method to two of them, but for one that is tried before the rest of its folder', () => {
    const isExcepted = (one: HttpFunction, other: HttpFunction) => {
      const [first, last] = [one, other].sort((a, b) => (a.name < b.name ? -1 : 1));
      return !first?.route.includes('{') && last?.route.includes('{*');
    };
    const doubles = functions.flatMap((one, at) =>
      functions
        .slice(at + 1)
        .filter((other) => other.method === one.method && overlap(one.route, other.route) && !isExcepted(one, other))
        .map((other) => `${one.name} and ${other.name}`),
    );
    expect(doubles).toEqual([]);
  });

  it('leave the rest to one whose name sorts last, and keep off the words of the host', () => {
    const names = listed.map(({ name }) => name).sort((a, b) => a.localeCompare(b, 'en', { sensitivity: 'base' }));
    expect(names.at(-1)).toBe('zzUnmatched');
    for (const { name, route } of functions) expect(`${name} ${route}`).not.toMatch(/(?:^| )(?:admin|runtime)/i);
  });

  it('that are timers are those of which the app tells when they ran last', () => {
    const timers = listed.filter(({ config }) => config.bindings.some(({ type }) => type === 'timerTrigger'));
    expect(timers.map(({ name }) => name).sort()).toEqual([...TIMER_NAMES].sort());
  });

  it('take one method each, GET with HEAD', () => {
    for (const { name, config } of listed) {
      const trigger = config.bindings.find(({ type }) => type === 'httpTrigger');
      if (!trigger || name === 'zzUnmatched') continue;
      const methods = (trigger.methods as string[]).map((method) => method.toUpperCase());
      expect(methods, name).toEqual(methods[0] === 'GET' ? ['GET', 'HEAD'] : [expect.any(String)]);
    }
  });

  it('have the durable client bound where they work with orchestrations, and nowhere else', () => {
    const bound = functions.filter(({ isDurable }) => isDurable).map(({ name }) => name);
    expect(bound).toContain('assignRecord');
    expect(bound).toContain('resumeJob');
    for (const name of ['health', 'getRecord', 'createCustomer', 'listJobs']) expect(bound).not.toContain(name);
  });
});

describe('E4 E8 who is let in', () => {
  it('is said for every function', () => {
    const said = Object.values(AUDIENCES).flat().sort();
    expect(functions.map(({ name }) => name).sort()).toEqual(said);
  });

  it.each(CALLERS)('by every function to: %s', async (caller) => {
    const wrong: string[] = [];
    for (const [audience, names] of Object.entries(AUDIENCES) as [Audience, readonly string[]][]) {
      for (const fn of functions.filter(({ name }) => names.includes(name))) {
        const status = await knock(fn, caller);
        const expected = REFUSALS[audience][caller];
        const isRight = expected === undefined ? status !== 401 && status !== 403 : status === expected;
        if (!isRight) wrong.push(`${fn.name} answers ${status}, not ${expected ?? 'from behind the door'}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('shows no other channel’s operations, customers or views under one’s own address', async () => {
    const own = functions.filter(({ route }) => route.startsWith('channels/{channel}'));
    expect(own.length).toBeGreaterThan(15);
    for (const fn of own) expect(await knock(fn, 'other'), fn.name).toBe(403);
  });
});

describe('the page of all calls (docs/api.md)', () => {
  const WHO: Readonly<Record<Audience, string>> = {
    ...{ anyone: 'anyone', proven: 'A U C', administrators: 'A', users: 'A U', channels: 'A C' },
  };
  const described = describedCalls(readText('docs/api.md'));

  it('describes each function with whom it answers', () => {
    const missing = Object.entries(AUDIENCES).flatMap(([audience, names]) =>
      functions.filter(({ name, method, route }) => {
        if (!names.includes(name)) return false;
        const fits = described.filter((call) => call.method === method && isDescribedBy(route, call));
        return !fits.some(({ who }) => who === WHO[audience as Audience]);
      }),
    );
    expect(missing).toEqual([]);
  });

  it('describes no call that no function takes', () => {
    const isThere = (call: (typeof described)[number]) =>
      functions.some(({ method, route }) => method === call.method && isDescribedBy(route, call));
    expect(described.filter((call) => !isThere(call))).toEqual([]);
  });
});

describe('E8 what no function takes', () => {
  const fetchStatus = async (method: string, path: string) => {
    const response = await host.fetch(path, { method });
    return {
      status: response.status,
      allow: response.headers.get('allow'),
      type: response.headers.get('content-type'),
    };
  };

  it('is answered with a problem: 404, and 405 with the methods that the address takes', async () => {
    const problem = expect.stringContaining('application/problem+json');
    expect(await fetchStatus('GET', '/api/nowhere')).toEqual({ status: 404, allow: null, type: problem });
    expect(await fetchStatus('DELETE', '/api/settings')).toEqual({ status: 405, allow: 'GET, PATCH', type: problem });
  });

  it('says to OPTIONS what the address takes, without a token', async () => {
    expect(await fetchStatus('OPTIONS', '/api/tables/account/x')).toMatchObject({
      status: 204,
      allow: 'GET, PATCH, DELETE',
    });
    expect(await fetchStatus('OPTIONS', '/api/nowhere')).toMatchObject({ status: 404 });
  });

  it('does not depend on letter case or a slash at the end', async () => {
    expect(await fetchStatus('GET', '/api/Health/')).toMatchObject({ status: 200 });
    expect(await fetchStatus('HEAD', '/api/HEALTH')).toMatchObject({ status: 200 });
    expect(await fetchStatus('DELETE', '/api/SETTINGS/')).toMatchObject({ status: 405, allow: 'GET, PATCH' });
  });
});

describe('E8 a function that is switched off', () => {
  it('answers 503 and says how to switch it on; the others go on', async () => {
    const off = await spawnLocalHost({ env: { 'AzureWebJobs.listUsers.Disabled': 'true' } });
    try {
      const answer = await off.fetch('/api/users');
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('AzureWebJobs.listUsers.Disabled') });
      expect((await off.fetch('/api/users/ann')).status).toBe(401);
      expect((await off.fetch('/api/health')).status).toBe(200);
    } finally {
      await off.dispose();
    }
  });
});
