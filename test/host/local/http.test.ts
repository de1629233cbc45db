import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, FIXTURE_APP_PATH, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

let host: SpawnedHost;
beforeAll(async () => {
  const env = { OVERRIDDEN: 'env', 'AzureWebJobs.createThings.Disabled': 'true', AzureWebJobs_onMessage_Disabled: '1' };
  host = await spawnLocalHost({ projectPath: FIXTURE_APP_PATH, env });
});
afterAll(() => host?.dispose());

const get = <T = object>(path: string) => host.getJson<T>(path);

/** A request whose target and headers go out exactly as they are written. */
function raw(options: { method: string; path: string; headers?: Record<string, string | string[]>; body?: Buffer }) {
  const { body, ...rest } = options;
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port: new URL(host.url).port, ...rest }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('an HTTP function on the local host', () => {
  it('is given method, URL, parameters, query and headers (E6)', async () => {
    const response = await host.fetch('/api/Echo/gr%C3%BC%C3%9F?a=1&a=2&b=x%20y', { headers: { 'X-Test': 'v' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({
      method: 'GET',
      url: `${host.url}/api/Echo/gr%C3%BC%C3%9F?a=1&a=2&b=x%20y`,
      params: { id: 'grüß' },
      query: { a: '1,2', b: 'x y' },
      header: 'v',
    });
  });

  it.each([
    ['JSON', 'application/json', Buffer.from('{"name":"Ωmega"}')],
    ['text', 'text/plain; charset=utf-8', Buffer.from('grüß')],
    ['binary', 'application/octet-stream', Buffer.from([0, 1, 254, 255, 10])],
    ['an empty', 'application/json', Buffer.alloc(0)],
  ])('is given %s body byte by byte', async (_, contentType, body) => {
    const response = await host.fetch('/api/echo', { method: 'POST', body, headers: { 'content-type': contentType } });
    expect(await response.json()).toMatchObject({ contentType, body: body.toString('base64') });
  });

  it('is given a body that comes in chunks', async () => {
    const headers = { 'transfer-encoding': 'chunked' };
    const { body } = await raw({ method: 'PUT', path: '/api/echo', headers, body: Buffer.from('piece') });
    expect(JSON.parse(body)).toMatchObject({ method: 'PUT', body: Buffer.from('piece').toString('base64') });
  });

  it('answers with text, binary, status, headers and cookies', async () => {
    const text = await host.fetch('/api/answers/text');
    expect([text.status, text.headers.get('x-answer'), await text.text()]).toEqual([418, 'yes', 'grüß']);
    const binary = await host.fetch('/api/answers/binary');
    expect([...new Uint8Array(await binary.arrayBuffer())]).toEqual([0, 255, 10, 128]);
    expect(binary.headers.get('content-length')).toBe('4');
    const cookies = await host.fetch('/api/answers/cookies');
    expect(cookies.headers.getSetCookie()).toEqual([
      'a=1; path=/; samesite=strict; httponly',
      'b=x%20y; max-age=60; path=/api',
    ]);
  });

  it('answers 204 when it returns nothing, and 500 without a word when it throws', async () => {
    expect((await host.fetch('/api/answers/nothing')).status).toBe(204);
    expect((await host.fetch('/api/answers/empty')).status).toBe(204);
    const failed = await host.fetch('/api/answers/fails');
    expect([failed.status, await failed.text()]).toEqual([500, '']);
    expect(host.output()).toMatch(/error \[answers [\da-f-]{36}\] Failed: Error: this answer fails/);
  });

  it('answers HEAD without a body when it takes HEAD', async () => {
    const response = await host.fetch('/api/echo', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
  });

  it('is found by constraint, catch-all and name; nothing found is an empty 404, a wrong method too (E6)', async () => {
    expect(await get('/api/numbers/7')).toMatchObject({ params: { n: '7' } });
    expect(await get('/api/files/a/b%20c')).toMatchObject({ params: { path: 'a/b c' } });
    expect(await get('/api/unrouted')).toMatchObject({ params: {} });
    for (const [method, path] of [
      ['GET', '/api/nope'],
      ['GET', '/api/numbers/seven'],
      ['DELETE', '/api/echo'],
      ['HEAD', '/api/numbers/7'],
      ['GET', '/echo'],
      ['PURGE', '/api/echo'],
      ['GET', '//'],
      ['GET', '//api/echo'],
    ] as const) {
      const response = await host.fetch(path, { method });
      expect([path, response.status, await response.text()]).toEqual([path, 404, '']);
    }
  });

  it.each([
    ['POST', '/api/native/things', { name: 'createThing' }],
    ['GET', '/API/Native/Things/', { name: 'listThings' }],
    ['GET', '/api/native/things/batch', { name: 'getThing', id: 'batch' }],
    ['GET', '/api/native/things/a%2Fb%20c/', { name: 'getThing', id: 'a%2Fb c' }],
    ['DELETE', '/api/native/things', { name: 'zzUnmatched', path: 'things' }],
    ['OPTIONS', '/api/native/things', { name: 'zzUnmatched', path: 'things' }],
    ['PATCH', '/api/native', { name: 'zzUnmatched' }],
  ])('of its own takes each call, and the last one what nobody takes: %s %s (E8)', async (method, path, body) => {
    expect(await (await host.fetch(path, { method })).json()).toEqual(body);
  });

  it('answers HEAD where a function names HEAD; the last one answers it elsewhere (E8)', async () => {
    const lengths = ['things', 'things/7', 'nothing'].map(async (path) => {
      const response = await host.fetch(`/api/native/${path}`, { method: 'HEAD' });
      return response.headers.get('content-length');
    });
    const bodies = [{ name: 'listThings' }, { name: 'getThing', id: '7' }, { name: 'zzUnmatched', path: 'nothing' }];
    expect(await Promise.all(lengths)).toEqual(bodies.map((body) => String(JSON.stringify(body).length)));
  });

  it('that a setting switches off is given no request and listed as disabled; it runs by hand (E8)', async () => {
    const response = await host.fetch('/api/native/things/batch', { method: 'POST' });
    expect(await response.json()).toEqual({ name: 'zzUnmatched', path: 'things/batch' });
    const functions = await get<{ name: string; isDisabled: boolean }[]>('/admin/functions');
    const disabled = functions.filter(({ isDisabled }) => isDisabled).map(({ name }) => name);
    expect(disabled).toEqual(['createThings', 'onMessage']);
  });

  it('never sees a body of more than 100 MiB: that is an empty 500, by its length or by counting (E6)', async () => {
    const tooLong = Buffer.alloc(104_857_601);
    const path = '/api/echo';
    expect((await raw({ method: 'POST', path, body: tooLong })).status).toBe(500);
    const headers = { 'transfer-encoding': 'chunked' };
    expect((await raw({ method: 'POST', path, headers, body: tooLong })).status).toBe(500);
  });

  it('is not reached by a request that makes no URL: that is 400', async () => {
    expect((await raw({ method: 'GET', path: '/api/echo', headers: { host: 'a b' } })).status).toBe(400);
  });

  it("sees the sample's settings, existing variables first, and this host's storage and key", async () => {
    const settings = await get<Record<string, string>>('/api/settings');
    expect(settings).toMatchObject({ FROM_SAMPLE: 'sample', OVERRIDDEN: 'env', SPILLWAY_TIMERS_ENABLED: 'false' });
    expect(settings.AzureWebJobsStorage).toContain('TableEndpoint=http://127.0.0.1:');
    expect(JSON.parse(settings.AUTH_JWKS ?? '').keys).toHaveLength(1);
  });
});

describe('the admin API of the local host', () => {
  const runByHand = (name: string, body: string, contentType = 'application/json') =>
    host.fetch(`/admin/functions/${name}`, { method: 'POST', body, headers: { 'content-type': contentType } });

  it('tells the state, answers ping, and has a page at the root', async () => {
    expect(await get('/admin/host/status')).toMatchObject({ id: new URL(host.url).host, state: 'Running' });
    expect((await host.fetch('/admin/host/ping', { method: 'POST' })).status).toBe(200);
    const root = await host.fetch('/');
    expect([root.status, root.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  it('lists functions as the Functions host does (E6)', async () => {
    const functions = await get<{ name: string }[]>('/admin/functions');
    expect(functions.map((fn) => fn.name)).toContain('tick');
    expect(await get('/admin/functions/ECHO')).toMatchObject({
      name: 'echo',
      href: `${host.url}/admin/functions/echo`,
      invoke_url_template: `${host.url}/api/echo/{id?}`,
      language: 'node',
      config: { name: 'echo', bindings: expect.arrayContaining([expect.objectContaining({ type: 'httpTrigger' })]) },
      isDisabled: false,
    });
    expect(await get('/admin/functions/tick/status')).toEqual({});
    expect((await host.fetch('/admin/functions/nope')).status).toBe(404);
  });

  it('runs a timer and a function of any other trigger by hand (E6)', async () => {
    expect((await runByHand('tick', '{"input":""}')).status).toBe(202);
    expect((await runByHand('onMessage', '{"input":"{\\"id\\":7}"}')).status).toBe(202);
    const runs = await eventually(async () => {
      const list = await get<unknown[]>('/api/runs');
      return list.length === 2 ? list : undefined;
    });
    expect(runs).toContainEqual({
      name: 'tick',
      timer: {
        schedule: { adjustForDST: true },
        scheduleStatus: expect.objectContaining({ last: '0001-01-01T00:00:00+00:00' }),
        isPastDue: false,
      },
    });
    expect(runs).toContainEqual({ name: 'onMessage', message: { id: 7 } });
  });

  it.each([
    ['nope', '{"input":""}', 'application/json', 404],
    ['tick', 'no json', 'application/json', 400],
    ['tick', '"text"', 'application/json', 400],
    ['tick', '{"input":""}', 'text/plain', 415],
    ['echo', '{"input":""}', 'application/json', 400],
  ])('refuses to run %s by hand with %s as %s: %i', async (name, body, contentType, status) => {
    expect((await runByHand(name, body, contentType)).status).toBe(status);
  });
});
