import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeContinuation, encodeContinuation, listQuery } from '../../../shared/http/lists.ts';

const query = z.strictObject(listQuery);
const place = z.strictObject({ createdOn: z.string(), id: z.string() });

describe('a list', () => {
  it('has 50 items a page unless said otherwise, and 500 at most', () => {
    expect(query.parse({})).toEqual({ pageSize: 50 });
    expect(query.parse({ pageSize: '500' })).toEqual({ pageSize: 500 });
    expect(query.safeParse({ pageSize: '501' }).success).toBe(false);
  });

  it('goes on where its continuation token says', () => {
    const value = { createdOn: '2026-01-01T00:00:00.000Z', id: 'Åsa 山田' };
    const token = encodeContinuation(value);
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeContinuation(token, place)).toEqual(value);
  });

  it.each(['', 'abc', '%%%', encodeContinuation({ id: 1 }), encodeContinuation('x'), encodeContinuation(null)])(
    'refuses the continuation token "%s", which is none of its own, with 400',
    (token) => {
      const decode = () => decodeContinuation(token, place);
      expect(decode).toThrow(expect.objectContaining({ status: 400, slug: 'invalid-continuation-token' }));
    },
  );
});
