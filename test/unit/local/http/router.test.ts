import { describe, expect, it } from 'vitest';
import type { RegisteredFunction } from '../../../../local/functions-core/function-app.ts';
import { createRouter } from '../../../../local/http/router.ts';

function http(name: string, route?: string, methods: string[] = []): RegisteredFunction {
  const binding = { type: 'httpTrigger', direction: 'in', ...(route === undefined ? {} : { route }), methods };
  return { name, bindings: { req: binding }, trigger: { name: 'req', binding } };
}

/** Routes of functions a, b, c … in this order of names. */
const routerOf = (...routes: string[]) =>
  createRouter(
    routes.map((route, index) => http(String.fromCharCode(97 + index), route)),
    'api',
  );

const find = (route: string, path: string) => routerOf(route).find('GET', path)?.params;

describe('a route template', () => {
  it.each([
    ['things', '/api/things', {}],
    ['things', '/api/things/', {}],
    ['things', '/API/Things', {}],
    ['things/{id}', '/api/things/7', { id: '7' }],
    ['things/{id}', '/api/things', undefined],
    ['things/{id}', '/api/things/7/8', undefined],
    ['things/{id?}', '/api/things', {}],
    ['things/{id?}', '/api/things/7', { id: '7' }],
    ['things/{id=none}', '/api/things', { id: 'none' }],
    ['{table}/{id}/related/{name}', '/api/account/1/related/orders', { table: 'account', id: '1', name: 'orders' }],
    ['files/{*path}', '/api/files/a/b/c.txt', { path: 'a/b/c.txt' }],
    ['files/{*path}', '/api/files', {}],
    ['pages/{name}.html', '/api/pages/first.html', { name: 'first' }],
    ['pages/{name}.html', '/api/pages/first.txt', undefined],
    ['range/{from}-{to}', '/api/range/1-2-3', { from: '1-2', to: '3' }],
    ['things//{id}', '/api/things/7', undefined],
  ])('%s answers %s with %j', (route, path, params) => {
    expect(find(route, path)).toEqual(params);
  });

  it.each([
    ['int', '-12', '1.5'],
    ['int', '2147483647', '2147483648'],
    ['long', '2147483648', '9223372036854775808'],
    ['bool', 'TRUE', '1'],
    ['guid', '11111111-2222-3333-4444-555555555555', '11111111-2222'],
    ['alpha', 'abc', 'ab1'],
    ['decimal', '1.5', '1.5e3'],
    ['double', '1.5e3', 'x'],
    ['datetime', '2026-11-22', 'yesterday'],
    ['minlength(3)', 'abc', 'ab'],
    ['maxlength(3)', 'abc', 'abcd'],
    ['length(2)', 'ab', 'abc'],
    ['length(2,3)', 'abc', 'a'],
    ['min(5)', '5', '4'],
    ['max(5)', '5', '6'],
    ['range(1,9)', '9', '10'],
    ['regex(^a/?b$)', 'ab', 'ac'],
    ['required', 'x', ''],
  ])('keeps to the constraint :%s', (constraint, good, bad) => {
    expect(find(`x/{v:${constraint}}`, `/api/x/${good}`)).toEqual({ v: good });
    expect(find(`x/{v:${constraint}}`, `/api/x/${bad}`)).toBeUndefined();
    expect(find(`x/{v:${constraint}?}`, '/api/x')).toEqual({});
  });

  it('decodes parameters, but leaves an escaped slash and broken escapes as they are', () => {
    expect(find('x/{v}', '/api/x/gr%C3%BC%C3%9F%20dich')).toEqual({ v: 'grüß dich' });
    expect(find('x/{v}', '/api/x/a%2Fb')).toEqual({ v: 'a%2Fb' });
    expect(find('x/{v}', '/api/x/%zz')).toEqual({ v: '%zz' });
  });

  it.each(['a/{b', 'a/{b:nonsense}', 'a/{*b}/c', 'a/{b?}/c', 'a/{b}/{B}', 'a//b', '{b?}.html', 'admin/x', 'runtime'])(
    'that is unusable (%s) leaves its function without a route and says why',
    (route) => {
      const router = routerOf(route);
      expect(router.routes).toEqual([]);
      expect(router.problems).toEqual([{ level: 'error', message: expect.stringContaining("'a'") }]);
    },
  );
});

describe('the router', () => {
  it('takes the function name for a missing route, and any prefix', () => {
    expect(createRouter([http('hello')], 'api').find('GET', '/api/HELLO')?.fn.name).toBe('hello');
    expect(createRouter([http('hello')], '').find('GET', '/hello')?.fn.name).toBe('hello');
  });

  it('finds nothing for a method that the function does not name, HEAD and OPTIONS included (E6)', () => {
    const router = createRouter([http('a', 'x', ['GET', 'post'])], 'api');
    expect(router.find('POST', '/api/x')?.fn.name).toBe('a');
    for (const method of ['PUT', 'HEAD', 'OPTIONS']) expect(router.find(method, '/api/x')).toBeUndefined();
  });

  it('tells functions of one route apart by their methods', () => {
    const router = createRouter([http('read', 'x/{id}', ['GET']), http('write', 'x/{id}', ['PUT'])], 'api');
    expect(router.problems).toEqual([]);
    expect(router.find('PUT', '/api/x/1')?.fn.name).toBe('write');
  });

  it('tries routes in the order of function names, as the Functions host does, and warns of what that hides (E6)', () => {
    const router = createRouter([http('b', 'items/recent'), http('A', 'items/{id}')], 'api');
    expect(router.find('GET', '/api/items/recent')?.fn.name).toBe('A');
    expect(router.problems).toEqual([{ level: 'warning', message: expect.stringContaining("'A'") }]);
  });

  it.each([
    [['items/recent', 'items/{id}'], 0],
    [['items/{id:int}', 'items/recent'], 0],
    [['items/{id}', 'items/{key}'], 1],
    [['items/{id}', 'items/{id:int}'], 1],
    [['{*rest}', 'items'], 1],
    [['items/{id?}', 'items'], 1],
    [['items/{id}/a', 'items/x/b'], 0],
    [['{table}/{id}/{what}', 'items/{id}/assign'], 1],
  ])('of %j warns %i times', (routes, count) => {
    expect(routerOf(...routes).problems.filter(({ level }) => level === 'warning')).toHaveLength(count);
  });

  it('gives a catch-all whose name sorts last what nobody else takes, without a warning (E8)', () => {
    const all = ['GET', 'HEAD', 'POST', 'OPTIONS'];
    const router = createRouter(
      [
        http('zzUnmatched', '{*path}', all),
        http('getThing', 'things/{id}', ['GET', 'HEAD']),
        http('createThings', 'things/batch', ['POST']),
      ],
      'api',
    );
    expect(router.problems).toEqual([]);
    const name = (method: string, path: string) => router.find(method, path)?.fn.name;
    expect(name('GET', '/api/things/batch')).toBe('getThing');
    expect(name('HEAD', '/api/things/7')).toBe('getThing');
    expect(name('POST', '/api/things/batch/')).toBe('createThings');
    for (const method of ['POST', 'OPTIONS']) expect(name(method, '/api/things/7')).toBe('zzUnmatched');
    expect(name('GET', '/api')).toBe('zzUnmatched');
    expect(name('PURGE', '/api/things/7')).toBeUndefined();
    expect(name('GET', '/things')).toBeUndefined();
  });

  it('gives a route that two functions claim to the first by name', () => {
    const router = createRouter([http('second', 'x/{id}'), http('first', '/X/{id}/')], 'api');
    expect(router.routes.map(({ fn }) => fn.name)).toEqual(['first']);
    expect(router.problems).toEqual([{ level: 'error', message: expect.stringContaining("'second'") }]);
  });
});
