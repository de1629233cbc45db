import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bucketAfter,
  bucketOf,
  createIdSource,
  derivedId,
  END_OF_BUCKETS,
  isGuid,
  isOwnId,
} from '../../shared/records/record-ids.ts';

const GUID_LENGTH = 36;

describe('E5 an id alone finds its row', () => {
  it('gives ids of ours in buckets of 250, in runs of 256 neighbouring buckets', () => {
    const next = createIdSource();
    const ids = Array.from({ length: 64_001 }, () => next());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => isGuid(id) && isOwnId(id) && id.length === GUID_LENGTH)).toBe(true);
    const perBucket = new Map<string, number>();
    for (const id of ids.slice(0, 64_000)) perBucket.set(bucketOf(id), (perBucket.get(bucketOf(id)) ?? 0) + 1);
    expect([...perBucket.values()]).toEqual(Array.from({ length: 256 }, () => 250));
    const [first = ''] = perBucket.keys();
    expect([...perBucket.keys()]).toEqual(Array.from({ length: 256 }, (_, at) => bucketAfter(first, at)));
    expect([...perBucket.keys()]).toEqual([...perBucket.keys()].sort());
    expect(perBucket.has(bucketOf(ids.at(-1) ?? ''))).toBe(false);
  });

  it('counts buckets of ours in their order, up to their end, which is below all others', () => {
    expect(bucketAfter('0000000f', 1)).toBe('00000010');
    expect(bucketAfter('fffffffe', 1)).toBe('ffffffff');
    expect(bucketAfter('ffffffff', 1)).toBe(END_OF_BUCKETS);
    expect(['ffffffff', END_OF_BUCKETS, 'h00']).toEqual(['ffffffff', END_OF_BUCKETS, 'h00'].sort());
  });

  it('leaves a bucket to the ids that are derived from one of it: none holds more than two fillings', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 400 }), (uses) => {
        const next = createIdSource();
        const perBucket = new Map<string, number>();
        for (const count of uses) {
          const bucket = bucketOf(derivedId(next(count), '0'));
          perBucket.set(bucket, (perBucket.get(bucket) ?? 0) + count);
        }
        expect(Math.max(...perBucket.values())).toBeLessThan(500);
      }),
    );
  });

  it('puts every id that a client brings into one of 256 buckets, apart from ours', () => {
    fc.assert(
      fc.property(fc.uuid({ version: [1, 2, 3, 4, 5, 6, 7] }), (id) => {
        expect(isOwnId(id)).toBe(false);
        expect(bucketOf(id)).toMatch(/^h[0-9a-f]{2}$/);
      }),
    );
  });

  it('derives the same id of ours from the same base and seed, beside the base when that is ours', () => {
    const own = createIdSource();
    fc.assert(
      fc.property(fc.boolean(), fc.uuid({ version: 4 }), fc.string(), fc.string(), (ours, foreign, seed, other) => {
        const base = ours ? own() : foreign;
        const id = derivedId(base, seed);
        expect(id).toBe(derivedId(base, seed));
        expect(isGuid(id) && isOwnId(id)).toBe(true);
        if (ours) expect(bucketOf(id)).toBe(bucketOf(base));
        if (seed !== other) expect(derivedId(base, other)).not.toBe(id);
      }),
    );
  });
});
