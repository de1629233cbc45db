import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterPrefix, decodeKeyPart, encodeKeyPart, numberKey } from '../../shared/storage/keys.ts';
import { joinLongText, splitLongText } from '../../shared/storage/long-text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });

describe('keys of rows', () => {
  it('give back any text that they were made of, and hold nothing that Table Storage forbids', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const key = encodeKeyPart(text);
        expect(decodeKeyPart(key)).toBe(text);
        expect(key).toMatch(/^[A-Za-z0-9._~-]*$/);
      }),
    );
  });

  it('of texts with a common beginning lie between that beginning and the end of its range', () => {
    fc.assert(
      fc.property(anyText, anyText, (beginning, rest) => {
        const prefix = encodeKeyPart(beginning);
        const key = encodeKeyPart(beginning + rest);
        expect(key.startsWith(prefix)).toBe(true);
        expect(key >= prefix && key < afterPrefix(prefix)).toBe(true);
      }),
    );
  });

  it('of numbers sort as the numbers do', () => {
    const number = fc.integer({ min: 0, max: 999_999_999 });
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(numberKey(a, 9) < numberKey(b, 9)).toBe(a < b);
        expect(numberKey(a, 9)).toHaveLength(9);
      }),
    );
  });

  it.each([-1, 1.5, Number.NaN, 1000])('refuse %d, which does not fit three digits', (value) => {
    expect(() => numberKey(value, 3)).toThrow(RangeError);
  });
});

describe('long texts', () => {
  it('come back from the properties that they were spread over', () => {
    const pieces = fc.array(fc.string({ unit: 'binary', maxLength: 8 }), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, fc.nat({ max: 20_000 }), (parts, repeats) => {
        const text = parts.join('').repeat(1 + (repeats % 3)) + 'x'.repeat(repeats * 4);
        const row = splitLongText('t', text);
        expect(joinLongText('t', row)).toBe(text);
        expect(Object.values(row).every((part) => part.length * 2 <= 64 * 1024)).toBe(true);
      }),
    );
  });

  it('are the same when they come back, and no part ends in half a character', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), (shift) => {
        const long = 'x'.repeat(shift) + '😀'.repeat(40_000);
        const parts = splitLongText('log', long);
        expect(joinLongText('log', parts)).toBe(long);
        for (const part of Object.values(parts)) expect(() => encodeURIComponent(part)).not.toThrow();
      }),
      { numRuns: 4 },
    );
  });

  it('that were never written are undefined', () => {
    expect(joinLongText('t', { other0: 'x' })).toBeUndefined();
  });
});
