import { describe, expect, it } from 'vitest';
import { toRpcRequest } from '../../../../local/http/rpc-request.ts';
import { fromInvocationResult } from '../../../../local/http/rpc-response.ts';

const request = (url: string, body = Buffer.alloc(0)) => ({ method: 'GET', url, headers: {}, body });

describe('a request on its way to the app', () => {
  it('has the values of a repeated query key joined by commas, as on the Functions host (E6)', () => {
    const { http } = toRpcRequest(request('http://h/api/x?a=1&b=2&A=3&a=%26&c'), {});
    expect(http?.query).toEqual({ a: '1,3,&', b: '2', c: '' });
  });

  it('has its body as bytes, and none when it is empty', () => {
    expect(toRpcRequest(request('http://h/'), {}).http).not.toHaveProperty('body');
    const body = Buffer.from([0, 255]);
    expect(toRpcRequest(request('http://h/', body), {}).http?.body).toEqual({ bytes: body });
  });
});

describe('an answer on its way from the app', () => {
  const answer = (http: object) => fromInvocationResult({ invocationId: 'i', returnValue: { http }, outputs: {} });

  it('is 204 when the function returned nothing', () => {
    expect(fromInvocationResult({ invocationId: 'i', outputs: {} })).toMatchObject({ status: 204, body: '' });
  });

  it('leaves the headers about connection and length to the server', () => {
    const headers = { 'Content-Length': '99', 'Transfer-Encoding': 'chunked', 'X-Mine': 'yes' };
    expect(answer({ statusCode: '200', headers, body: { string: 'x' } })).toEqual({
      status: 200,
      headers: { 'x-mine': 'yes' },
      body: 'x',
    });
  });

  it('carries one Set-Cookie line for each cookie', () => {
    const cookies = [
      { name: 'a', value: 'x y', sameSite: 'explicitNone', secure: { value: true } },
      { name: 'b', value: '2', path: { value: '/p' }, maxAge: { value: 5 }, httpOnly: { value: true } },
      { name: 'c', value: '', sameSite: 'none', domain: { value: 'd' }, expires: { value: { seconds: 0 } } },
    ];
    expect(answer({ statusCode: '200', headers: { 'set-cookie': 'own=1' }, cookies }).headers['set-cookie']).toEqual([
      'own=1',
      'a=x%20y; path=/; secure; samesite=none',
      'b=2; max-age=5; path=/p; httponly',
      'c=; expires=Thu, 01 Jan 1970 00:00:00 GMT; domain=d; path=/',
    ]);
  });
});
