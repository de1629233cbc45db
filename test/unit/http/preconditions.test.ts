import { describe, expect, it } from 'vitest';
import { checkIfMatch } from '../../../shared/storage/preconditions.ts';

const check = (ifMatch: number | undefined, version: number | undefined, required: boolean) => () =>
  checkIfMatch({ ifMatch, version, required, what: 'role clerk' });

describe('If-Match', () => {
  it('with the stored version lets the change through', () => {
    expect(check(3, 3, true)).not.toThrow();
    expect(check(3, 3, false)).not.toThrow();
  });

  it('with another version is 412 that tells the stored one', () => {
    for (const required of [true, false]) {
      const stale = { status: 412, extra: { version: 4 }, message: expect.stringContaining('role clerk') };
      expect(check(3, 4, required)).toThrow(expect.objectContaining(stale));
    }
  });

  it('on a thing that is not there is 412', () => {
    expect(check(1, undefined, true)).toThrow(expect.objectContaining({ status: 412, extra: {} }));
  });

  it('is 428 when it is missing where it is required, for things that exist', () => {
    expect(check(undefined, 1, true)).toThrow(expect.objectContaining({ status: 428 }));
    expect(check(undefined, 1, false)).not.toThrow();
    expect(check(undefined, undefined, true)).not.toThrow();
  });
});
