import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isFull,
  MAX_OPERATIONS_PER_REQUEST,
  SEGMENT_SIZE,
  segmentOf,
  segmentsToSearch,
} from '../../../shared/customers/staging/staging-format.ts';

/** Places transactions of these sizes as the writer does, and gives the segment of each counter's row. */
function place(sizes: readonly number[]): number[] {
  const segments: number[] = [];
  let segment = 0;
  for (const size of sizes) {
    while (isFull(segment, segments.length + 1)) segment++;
    for (let row = 0; row < size; row++) segments.push(segment);
  }
  return segments;
}

const sizes = fc.array(fc.integer({ min: 1, max: MAX_OPERATIONS_PER_REQUEST }), { minLength: 1, maxLength: 80 });

describe('A5 segments of replication counters', () => {
  it('keep each row where its counter is searched', () => {
    fc.assert(
      fc.property(sizes, (all) => {
        place(all).forEach((segment, at) => {
          expect(segmentsToSearch(at + 1)).toContain(segment);
        });
      }),
    );
  });

  it('never skip one, and hold no more than a bounded number of rows', () => {
    fc.assert(
      fc.property(sizes, (all) => {
        const placed = place(all);
        const counts = new Map<number, number>();
        for (const segment of placed) counts.set(segment, (counts.get(segment) ?? 0) + 1);
        expect([...counts.keys()]).toEqual(Array.from({ length: counts.size }, (_, at) => at));
        expect(Math.max(...counts.values())).toBeLessThan(SEGMENT_SIZE + MAX_OPERATIONS_PER_REQUEST);
      }),
    );
  });

  it('are reached at their edges: the widest overhang, and the first counter that needs no second look', () => {
    const placed = place([...Array<number>(SEGMENT_SIZE - 1).fill(1), MAX_OPERATIONS_PER_REQUEST, 1]);
    expect(placed.at(-2)).toBe(0);
    expect(segmentsToSearch(placed.length - 1)).toEqual([0, 1]);
    expect(placed.at(-1)).toBe(1);
    expect(segmentsToSearch(placed.length)).toEqual([1]);
    expect(segmentsToSearch(SEGMENT_SIZE)).toEqual([0]);
    expect(segmentOf(SEGMENT_SIZE + 1)).toBe(1);
  });
});
