import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { asksForCsv } from '../../../shared/http/csv-lists.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { listQuery } from '../../../shared/http/lists.ts';
import { serve } from '../../support/http-call.ts';

const asked: (number | string | undefined)[][] = [];

/** A list of so many items, each with a text of this length; its tokens are the items' places. */
function list(count: number, length = 1) {
  return endpoint({
    name: 'list',
    summary: 'List.',
    method: 'GET',
    route: 'things',
    roles: ['Administrator'],
    query: z.strictObject(listQuery),
    answers: { 200: z.unknown() },
    problems: [],
    async handle({ query: { pageSize, continuationToken } }) {
      asked.push([pageSize, continuationToken]);
      const from = Number(continuationToken ?? 0);
      const numbers = Array.from({ length: Math.min(pageSize, count - from) }, (_, at) => from + at);
      const items = numbers.map((n) => ({ n, text: 'x'.repeat(length), of: { name: 'a', list: [n] }, none: null }));
      const next = from + items.length;
      return { status: 200, body: { items, ...(next < count && { continuationToken: String(next) }) } };
    },
  });
}

const get = (count: number, path = '/api/things', length = 1) =>
  serve([list(count, length)])('GET', path, { headers: { Accept: 'text/csv' } });
const linkOf = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
  /^<(.*)>; rel="next"$/.exec(headers.Link ?? '')?.[1] ?? '';
const lines = (body: unknown) => String(body).trimEnd().split('\r\n');

describe('A12 every list as CSV', () => {
  it('has all pages in one file, a column for each field', async () => {
    asked.length = 0;
    const { status, headers, body } = await get(1_200);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'Content-Type': 'text/csv; charset=utf-8' });
    expect(headers.Link).toBeUndefined();
    expect(asked).toEqual([
      [500, undefined],
      [500, '500'],
      [500, '1000'],
    ]);
    expect(lines(body)).toHaveLength(1_201);
    expect(lines(body).slice(0, 2)).toEqual(['n,text,of.name,of.list,none', '0,x,a,[0],']);
  });

  it('has one page alone where a pageSize is asked for, and says how to go on', async () => {
    const first = await get(30, '/api/things?pageSize=10');
    const { headers, body } = await get(30, linkOf(first));
    expect(lines(body)).toHaveLength(11);
    expect(lines(body)[1]).toMatch(/^10,/);
    expect(linkOf({ headers })).toMatch(/^\/api\/things\?pageSize=10&continuationToken=[\w-]{22}20$/);
  });

  it('ends after some megabytes, and says how to go on', async () => {
    const { headers, body } = await get(5_000, '/api/things', 10_000);
    expect(String(body).length).toBeLessThan(16 * 1024 * 1024);
    expect(linkOf({ headers })).toMatch(/^\/api\/things\?continuationToken=[\w-]{22}1000$/);
  });

  it('leaves alone what is no list', async () => {
    const one = endpoint({
      ...{ name: 'one', summary: 'Read.', method: 'GET', route: 'one', roles: ['Administrator'] },
      answers: { 200: z.unknown() },
      problems: [],
      handle: async () => ({ status: 200, body: { id: 1 } }),
    });
    const { headers, body } = await serve([one])('GET', '/api/one', { headers: { Accept: 'text/csv' } });
    expect(headers).toMatchObject({ 'Content-Type': 'application/json; charset=utf-8' });
    expect(body).toEqual({ id: 1 });
  });
});

describe('an Accept header', () => {
  it.each([
    'text/csv',
    'TEXT/CSV',
    'text/csv; charset=utf-8',
    'text/csv, application/json',
    'application/json;q=0.5, text/csv',
    'text/csv;q=0.9, */*;q=0.1',
  ])('asks for CSV: %s', (accept) => expect(asksForCsv(accept)).toBe(true));

  it.each(['', '*/*', 'application/json', 'application/json, text/csv;q=0.1', 'text/csv;q=0', 'text/csvx'])(
    'does not ask for it: %s',
    (accept) => expect(asksForCsv(accept)).toBe(false),
  );
});
