/** Hunts lists that storage would give back otherwise than they were. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../shared/cascade/chunks/packed.ts';

/** Values that begin and end alike more often than not, with characters beyond 16 bits among them. */
const text = fc
  .array(fc.constantFrom('a', 'b', '"', '😀', '😁', '🀀', ''), { maxLength: 6 })
  .map((letters) => letters.join(''));
const values = fc.tuple(text, fc.array(text, { maxLength: 20 }), text).map(([begin, middles, end]) => {
  return middles.map((middle) => begin + middle + end);
});

describe('C20 packed lists', () => {
  it('are the same when they come back, and hold no half of a character', () => {
    fc.assert(
      fc.property(values, (list) => {
        const packed = pack(list);
        expect(unpack(packed)).toEqual(list);
        for (const line of packed.split('\n')) expect(() => encodeURIComponent(line)).not.toThrow();
      }),
    );
  });

  it('are short where values differ in little', () => {
    const ids = Array.from(
      { length: 99 },
      (_, at) => `1a2b3c4d-0000-8000-a000-0000000000${String(at).padStart(2, '0')}`,
    );
    expect(pack(ids).length).toBeLessThan(99 * 3 + 40);
    expect(pack(ids.map(() => 'admin')).length).toBeLessThan(110);
  });
});
