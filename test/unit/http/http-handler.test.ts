import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ClaimRequest } from '../../../shared/http/claims.ts';
import { type Endpoint, endpoint } from '../../../shared/http/endpoint.ts';
import { listQuery } from '../../../shared/http/lists.ts';
import { Problem } from '../../../shared/problem.ts';
import type { Caller } from '../../../shared/security/caller.ts';
import { StorageUnavailable } from '../../../shared/storage/storage-errors.ts';
import { serve } from '../../support/http-call.ts';

const ANYTHING = { answers: { 200: z.unknown(), 201: z.unknown() }, problems: [] };
const echoSpec = {
  ...ANYTHING,
  ...({
    name: 'echo',
    summary: 'Echo.',
    method: 'PUT',
    route: 'things/{thing}',
    roles: ['Administrator', 'User'],
  } as const),
};

const echo = endpoint({
  ...echoSpec,
  query: z.strictObject({ ...listQuery, mode: z.string().optional() }),
  body: z.strictObject({ name: z.string(), size: z.number().optional() }),
  maxBodyBytes: 100,
  handle: async ({ params, query, body, ifMatch, caller }) => ({
    status: 200,
    body: { params, query, body, ifMatch, by: caller.id },
  }),
});

const read = endpoint({
  ...ANYTHING,
  name: 'read',
  summary: 'Work.',
  method: 'GET',
  route: 'things/{thing}',
  roles: 'anyone',
  handle: async () => ({ status: 200, body: { open: true } }),
});

const failing = (error: unknown): Endpoint =>
  endpoint({
    ...{ name: 'fails', summary: 'Fail.', method: 'GET', route: 'fails', roles: 'anyone' },
    answers: {},
    problems: ['conflict', 'locked'],
    handle: () => Promise.reject(error),
  });

const good = { body: { name: 'a' } };

describe('a request', () => {
  it('reaches its endpoint with parameters decoded, and query, body and If-Match parsed', async () => {
    const answer = await serve([echo])('PUT', '/api/things/a%20b?pageSize=7', {
      ...good,
      headers: { 'If-Match': '"7"' },
    });
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: {
        params: { thing: 'a b' },
        query: { pageSize: 7 },
        body: { name: 'a' },
        ifMatch: 7,
        by: 'admin',
      },
    });
  });

  it.each([
    ['an unknown field in the body', { body: { name: 'a', nmae: 'b' } }, /nmae/],
    ['a prototype in the body', { text: '{"name":"a","__proto__":{"size":1}}' }, /__proto__/],
    ['a field of another type', { body: { name: 5 } }, /body\.name/],
    ['a missing field', { body: {} }, /body\.name/],
    ['a body that is no object', { body: ['a'] }, /body/],
    ['no body', {}, /body/],
    ['broken JSON', { text: '{"name":' }, /not JSON/],
    ['a name that stands twice', { text: '{"name":"a","name":"b"}' }, /twice/],
  ])('with %s is answered 400 that names it', async (_what, request, detail) => {
    const answer = await serve([echo])('PUT', '/api/things/a', request);
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringMatching(detail) } });
  });

  it.each([
    ['fields', { body: { mode: 'async' } }, 400],
    ['broken JSON', { text: '{' }, 400],
    ['another media type', { text: 'x', headers: { 'content-type': 'text/plain' } }, 415],
    ['an empty object', { body: {} }, 200],
    ['nothing', {}, 200],
  ])('with %s where no body is taken is answered as its form asks', async (_what, request, status) => {
    const command = endpoint({
      ...ANYTHING,
      name: 'command',
      summary: 'Work.',
      method: 'POST',
      route: 'things/{thing}/command',
      roles: ['User', 'Administrator'],
      handle: async ({ body }) => ({ status: 200, body: { body: body === undefined } }),
    });
    expect(await serve([command])('POST', '/api/things/a/command', request)).toMatchObject({ status });
  });

  it('goes on in the list alone whose continuation token it carries', async () => {
    const list = endpoint({
      ...ANYTHING,
      name: 'list',
      summary: 'Work.',
      method: 'GET',
      route: 'shelves/{shelf}',
      roles: ['Administrator'],
      query: z.strictObject({ ...listQuery, state: z.string().optional() }),
      handle: async ({ query }) => ({
        status: 200,
        body: { items: [query.continuationToken], continuationToken: 'p2' },
      }),
    });
    const call = serve([list]);
    const first = await call('GET', '/api/shelves/a');
    const token = (first.body as { continuationToken: string }).continuationToken;
    expect(await call('GET', `/api/shelves/a/?continuationToken=${token}`)).toMatchObject({ body: { items: ['p2'] } });
    expect(await call('GET', `/api/shelves/a?pageSize=5&continuationToken=${token}`)).toMatchObject({ status: 200 });
    for (const path of [
      `/api/shelves/b?continuationToken=${token}`,
      `/api/shelves/a?state=Open&continuationToken=${token}`,
      `/api/shelves/a?continuationToken=${token}x`,
      '/api/shelves/a?continuationToken=p2',
      '/api/shelves/a?continuationToken=',
    ]) {
      expect(await call('GET', path)).toMatchObject({ status: 400, body: { type: expect.stringContaining('token') } });
    }
  });

  it('lists every wrong field at once', async () => {
    const { body } = await serve([echo])('PUT', '/api/things/a', { body: { name: 1, size: 'x' } });
    expect(body).toMatchObject({ errors: [{ at: 'body.name' }, { at: 'body.size' }] });
  });

  it.each([
    'unknown=1',
    'pageSize=0',
    'pageSize=501',
    'pageSize=x',
    'pageSize=1.5',
    'pageSize=',
    'pageSize=1e1',
    'pageSize=0x10',
  ])('with the query ?%s is answered 400', async (query) => {
    expect(await serve([echo])('PUT', `/api/things/a?${query}`, good)).toMatchObject({ status: 400 });
  });

  it.each(['*', '7', 'W/"7"', '"a"', '"1", "2"', '""', '"-1"'])('with If-Match %s is answered 400', async (header) => {
    const answer = await serve([echo])('PUT', '/api/things/a', { ...good, headers: { 'If-Match': header } });
    expect(answer).toMatchObject({ status: 400, body: { type: '/problems/invalid-request' } });
  });

  it('with a body of another media type is answered 415', async () => {
    const answer = await serve([echo])('PUT', '/api/things/a', {
      text: 'name=a',
      headers: { 'content-type': 'text/plain' },
    });
    expect(answer).toMatchObject({ status: 415 });
    const json = { text: '{"name":"a"}', headers: { 'content-type': 'application/merge-patch+json; charset=utf-8' } };
    expect(await serve([echo])('PUT', '/api/things/a', json)).toMatchObject({ status: 200 });
  });

  it('with a body over the limit is answered 413, by its bytes or by what it announces', async () => {
    const body = { name: 'é'.repeat(60) };
    expect(await serve([echo])('PUT', '/api/things/a', { body })).toMatchObject({ status: 413 });
    const announced = { ...good, headers: { 'content-length': '101' } };
    expect(await serve([echo])('PUT', '/api/things/a', announced)).toMatchObject({ status: 413 });
  });

  it('with JSON in another encoding is answered 415', async () => {
    const headers = { 'content-type': 'application/json; charset=iso-8859-1' };
    expect(await serve([echo])('PUT', '/api/things/a', { ...good, headers })).toMatchObject({ status: 415 });
  });

  it.each([
    ['application/json;charset=utf8', 200],
    ['application/json; charset="UTF-8";', 200],
    ['application/merge-patch+json;', 200],
    ['application/json; charset=martian', 415],
    ['text/json', 415],
  ])('E9 with a body of the media type %s is answered %i', async (type, status) => {
    const headers = { 'content-type': type };
    expect(await serve([echo])('PUT', '/api/things/a', { ...good, headers })).toMatchObject({ status });
  });

  it('E9 with a compressed body is answered 415 that says so', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expect(await serve([echo])('PUT', '/api/things/a', { ...good, headers })).toMatchObject({
      status: 415,
      body: { detail: expect.stringContaining('Content-Encoding') },
    });
  });

  it.each([
    ['?mode=%ff', /UTF-8/],
    ['?mode=a&mode=b', /stands twice/],
  ])('E9 with the query %s is answered 400', async (query, detail) => {
    expect(await serve([echo])('PUT', `/api/things/a${query}`, good)).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(detail) },
    });
  });

  it('E9 that nests without end is answered 400, with an Idempotency-Key too', async () => {
    const open = endpoint({
      ...echoSpec,
      body: z.unknown(),
      idempotent: true,
      maxBodyBytes: 100_000,
      handle: async () => ({ status: 200 }),
    });
    const text = `${'['.repeat(8_000)}${']'.repeat(8_000)}`;
    const answer = await serve([open])('PUT', '/api/things/a', { text, headers: { 'idempotency-key': 'k' } });
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining('64 levels') } });
  });

  it('E9 of a caller who sends too many is answered 429 with the seconds to wait', async () => {
    const asked: string[] = [];
    const rateLimiter = { take: (caller: string) => asked.push(caller) && 7 };
    for (const endpoints of [[echo], [read]]) {
      const method = endpoints[0] === read ? 'GET' : 'PUT';
      const answer = await serve(endpoints, { rateLimiter })(method, '/api/things/a', method === 'PUT' ? good : {});
      expect(answer).toMatchObject({ status: 429, headers: { 'Retry-After': '7' } });
    }
    expect(asked).toEqual(['Administrator admin', 'nobody']);
  });

  it('with a query is answered 400 where there is nothing to ask, except where anyone may call', async () => {
    const plain: Endpoint = { ...read, route: 'plain/{thing}', roles: ['Administrator'] };
    expect(await serve([plain])('GET', '/api/plain/a?colour=red')).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('colour') },
    });
    expect(await serve([read])('GET', '/api/things/a?probe=1')).toMatchObject({ status: 200 });
  });

  it('of HEAD is answered as GET is, of OPTIONS with the methods of the address', async () => {
    expect(await serve([read])('HEAD', '/api/things/a')).toMatchObject({ status: 200, body: { open: true } });
    expect(await serve([echo])('HEAD', '/api/things/a')).toMatchObject({ status: 405, headers: { Allow: 'PUT' } });
    expect(await serve([echo, read])('OPTIONS', '/api/things/a')).toMatchObject({
      status: 204,
      headers: { Allow: 'GET, PUT' },
    });
    expect(await serve([echo])('OPTIONS', '/api/nothing')).toMatchObject({ status: 404 });
  });

  it('to an unknown address is answered 404, and to a known one with another method 405 with those it takes', async () => {
    expect(await serve([echo])('GET', '/api/nothing')).toMatchObject({ status: 404 });
    const answer = await serve([echo, read])('DELETE', '/api/things/a');
    expect(answer).toMatchObject({ status: 405, headers: { Allow: 'GET, PUT' }, body: { allowed: ['GET', 'PUT'] } });
  });

  it.each(['/api/things/%E0%A4%A', '/api/things/%'])('to the broken address %s is answered 404', async (path) => {
    expect(await serve([read])('GET', path)).toMatchObject({ status: 404, errors: [] });
  });
});

describe('E3 a refusal', () => {
  it('is problem details with a stable type', async () => {
    const call = serve([failing(new Problem('conflict', 'It is in the way.', { extra: { jobId: 'j1' } }))]);
    expect(await call('GET', '/api/fails')).toMatchObject({
      status: 409,
      headers: { 'Content-Type': 'application/problem+json; charset=utf-8' },
      body: {
        type: '/problems/conflict',
        title: 'Conflict with the present state',
        status: 409,
        detail: 'It is in the way.',
        jobId: 'j1',
      },
    });
  });

  it('says when to try again', async () => {
    const call = serve([failing(new Problem('locked', 'Locked.', { retryAfterSeconds: 3 }))]);
    expect(await call('GET', '/api/fails')).toMatchObject({ status: 423, headers: { 'Retry-After': '3' } });
  });

  it('because of storage is 503 with Retry-After, and logged', async () => {
    const error = new StorageUnavailable('read x', new Error('busy'));
    const answer = await serve([failing(error)])('GET', '/api/fails');
    expect(answer).toMatchObject({ status: 503, headers: { 'Retry-After': expect.any(String) }, errors: [error] });
  });

  it('because of a fault of ours is 500, tells where to look, and nothing of the fault', async () => {
    const error = new Error('secret detail');
    const answer = await serve([failing(error)])('GET', '/api/fails');
    expect(answer).toMatchObject({ status: 500, errors: [error] });
    expect(JSON.stringify(answer.body)).toContain('test-invocation');
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });
});

describe('E4 who may call', () => {
  const unauthenticated = {
    authenticator: { authenticate: () => Promise.reject(new Problem('unauthenticated', 'Send a token.')) },
  };
  const channel: Caller = { role: 'Channel', id: 'channel:store-1', channel: 'store-1' };
  const ofChannel = endpoint({
    ...ANYTHING,
    name: 'ofChannel',
    summary: 'Work.',
    method: 'GET',
    route: 'channels/{channel}',
    roles: ['Channel', 'Administrator'],
    handle: async () => ({ status: 200, body: { seen: true } }),
  });

  it('nobody without a good token: 401 with WWW-Authenticate, before the body is looked at', async () => {
    const answer = await serve([echo], unauthenticated)('PUT', '/api/things/a', { text: 'nonsense' });
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'WWW-Authenticate': expect.stringMatching(/^Bearer/) },
      body: { type: '/problems/unauthenticated' },
    });
  });

  it('anyone where no token is asked for', async () => {
    expect(await serve([read], unauthenticated)('GET', '/api/things/a')).toMatchObject({ status: 200 });
  });

  it('no role that the call is not for: 403 that names those it is for', async () => {
    const answer = await serve([echo], { caller: channel })('PUT', '/api/things/a', good);
    expect(answer).toMatchObject({ status: 403, body: { detail: expect.stringContaining('Administrator and User') } });
  });

  it('a channel sees its own data alone; an administrator that of any', async () => {
    expect(await serve([ofChannel], { caller: channel })('GET', '/api/channels/store-1')).toMatchObject({
      status: 200,
    });
    expect(await serve([ofChannel], { caller: channel })('GET', '/api/channels/store-2')).toMatchObject({
      status: 403,
    });
    expect(await serve([ofChannel])('GET', '/api/channels/store-2')).toMatchObject({ status: 200 });
  });
});

describe('A11 the Idempotency-Key', () => {
  const make = endpoint({
    ...ANYTHING,
    name: 'make',
    summary: 'Work.',
    method: 'POST',
    route: 'things',
    roles: ['Administrator'],
    body: z.strictObject({ name: z.string() }),
    idempotent: true,
    reserve: ({ name }) => ({ id: `id of ${name}` }),
    handle: async ({ reserved, claim }) => ({ status: 201, body: { reserved, claimed: claim?.id } }),
  });

  function recording() {
    const requests: ClaimRequest[] = [];
    const call = serve([make, echo], {
      claims: {
        run(request, work) {
          requests.push(request);
          return work('kept ids', { id: 'claim-1', note: undefined, writeNote: async () => {} });
        },
      },
    });
    return { requests, call };
  }

  const withKey = (key: string, body: unknown = { name: 'a' }) => ({ body, headers: { 'Idempotency-Key': key } });

  it('makes a claim in the name of the caller, and the handler works with the ids that the claim keeps', async () => {
    const { requests, call } = recording();
    const answer = await call('POST', '/api/things', withKey('k1'));
    expect(answer.body).toEqual({ reserved: 'kept ids', claimed: 'claim-1' });
    expect(requests).toMatchObject([{ scope: 'admin', key: 'k1' }]);
    expect(requests[0]?.reserve()).toEqual({ id: 'id of a' });
  });

  it('names the same request by the same fingerprint, whatever the order of fields, and another by another', async () => {
    const { requests, call } = recording();
    const loose = endpoint({ ...make, route: 'loose', body: z.looseObject({}), reserve: () => undefined } as never);
    const other = serve([loose], {
      claims: {
        run(request, work) {
          requests.push(request);
          return work(undefined, { id: 'c', note: undefined, writeNote: async () => {} });
        },
      },
    });
    await other('POST', '/api/loose', withKey('k', { a: 1, b: { c: 2, d: 3 } }));
    await other('POST', '/api/loose', withKey('k', { b: { d: 3, c: 2 }, a: 1 }));
    await other('POST', '/api/loose', withKey('k', { a: 1, b: { c: 2, d: 4 } }));
    await call('POST', '/api/things', withKey('k'));
    const [first, same, changed, elsewhere] = requests.map(({ fingerprint }) => fingerprint);
    expect(same).toBe(first);
    expect(new Set([first, changed, elsewhere]).size).toBe(3);
  });

  it('may be left out: ids are drawn and no claim is made', async () => {
    const { requests, call } = recording();
    const answer = await call('POST', '/api/things', { body: { name: 'a' } });
    expect(answer.body).toEqual({ reserved: { id: 'id of a' } });
    expect(requests).toEqual([]);
  });

  it('means nothing to a call that does not take one', async () => {
    const { requests, call } = recording();
    expect(await call('PUT', '/api/things/a', withKey('k'))).toMatchObject({ status: 200 });
    expect(requests).toEqual([]);
  });

  it('has 1 to 256 characters', async () => {
    const { call } = recording();
    expect(await call('POST', '/api/things', withKey(''))).toMatchObject({ status: 400 });
    expect(await call('POST', '/api/things', withKey('k'.repeat(257)))).toMatchObject({ status: 400 });
    expect(await call('POST', '/api/things', withKey('k'.repeat(256)))).toMatchObject({ status: 201 });
  });
});
