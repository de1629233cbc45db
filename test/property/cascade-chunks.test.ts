/** Hunts records that are in no chunk or in two, chunks too large for one transaction, and lanes that share a bucket. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutChunks, cutLanes, laneOf, RECORDS_PER_CHUNK } from '../../shared/cascade/chunks/cut-chunks.ts';
import type { FoundPart, FoundRecord } from '../../shared/cascade/identify/found-records.ts';

const record = fc.record({
  id: fc.integer({ min: 0, max: 400 }).map((number) => `id-${String(number).padStart(4, '0')}`),
  etag: fc.constant('e'),
  version: fc.integer({ min: 1, max: 4 }),
  ownerId: fc.constantFrom('anna', 'bert'),
  effect: fc.constant('change' as const),
  links: fc.constant([]),
});
const parts: fc.Arbitrary<FoundPart[]> = fc.array(
  fc.record({
    level: fc.integer({ min: 0, max: 3 }),
    records: fc.array(record, { minLength: 1, maxLength: 300, size: 'max' }),
  }),
  { minLength: 1, maxLength: 6 },
);

const buckets = fc
  .uniqueArray(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: 1, maxLength: 60, size: 'max' })
  .chain((numbers) =>
    fc
      .array(fc.integer({ min: 1, max: 500 }), { minLength: numbers.length, maxLength: numbers.length })
      .map((records) =>
        numbers
          .map((number) => number.toString(16).padStart(8, '0'))
          .sort()
          .map((bucket, at) => ({ bucket, records: records[at] ?? 1 })),
      ),
  );

describe('C1 C18 chunks of a bucket', () => {
  it('hold every record once, at its least level and in its latest version, at most 99 each, the nearest to the root first', () => {
    fc.assert(
      fc.property(parts, (found) => {
        const chunks = cutChunks(found);
        const all = found.flatMap(({ level, records }) => records.map((found) => ({ level, ...found })));
        const ids = chunks.flatMap(({ records }) => records.map(({ id }) => id));
        expect([...ids].sort()).toEqual([...new Set(all.map(({ id }) => id))].sort());
        for (const { level, records } of chunks) {
          expect(records.length).toBeGreaterThan(0);
          expect(records.length).toBeLessThanOrEqual(RECORDS_PER_CHUNK);
          for (const { id, version } of records) {
            const same = all.filter((found) => found.id === id);
            expect(level).toBe(Math.min(...same.map((found) => found.level)));
            expect(version).toBe(Math.max(...same.map((found) => found.version)));
          }
        }
        const levels = chunks.map(({ level }) => level);
        expect(levels).toEqual([...levels].sort((a, b) => a - b));
        expect(new Set(chunks.map(({ level, part }) => `${level}|${part}`)).size).toBe(chunks.length);
      }),
    );
  });

  it('are the same whatever the order in which the records were found', () => {
    const byId = (a: FoundRecord, b: FoundRecord) => a.id.localeCompare(b.id) || a.version - b.version;
    fc.assert(
      fc.property(parts, (found) => {
        const shuffled = [...found]
          .reverse()
          .map(({ level, records }) => ({ level, records: [...records].sort(byId) }));
        const shape = (chunks: ReturnType<typeof cutChunks>) =>
          chunks.map(({ records, ...key }) => ({ ...key, ids: records.map(({ id }) => id) }));
        expect(shape(cutChunks(shuffled))).toEqual(shape(cutChunks(found)));
      }),
    );
  });
});

describe('C4 lanes', () => {
  it('get neighbouring buckets, each bucket to one lane, and no lane more than its share and a bucket', () => {
    fc.assert(
      fc.property(buckets, fc.integer({ min: 1, max: 8 }), (sorted, lanes) => {
        const starts = cutLanes(sorted, lanes);
        expect(starts).toHaveLength(lanes);
        const given = sorted.map(({ bucket }) => laneOf(starts, bucket));
        expect(given).toEqual([...given].sort((a, b) => a - b));
        const total = sorted.reduce((sum, { records }) => sum + records, 0);
        for (let lane = 0; lane < lanes; lane++) {
          expect(given.every((number) => number >= 0 && number < lanes)).toBe(true);
          const share = sorted.filter((_, at) => given[at] === lane).reduce((sum, { records }) => sum + records, 0);
          expect(share).toBeLessThanOrEqual(total / lanes + 500);
        }
      }),
    );
  });

  it('give a bucket that nobody knew of when they were cut to the lane of its neighbours', () => {
    fc.assert(
      fc.property(
        buckets,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (sorted, lanes, number) => {
          const starts = cutLanes(sorted, lanes);
          const late = number.toString(16).padStart(8, '0');
          const [before, after] = [
            sorted.filter(({ bucket }) => bucket <= late).at(-1),
            sorted.find(({ bucket }) => bucket >= late),
          ];
          const lane = laneOf(starts, late);
          if (before) expect(lane).toBeGreaterThanOrEqual(laneOf(starts, before.bucket));
          if (after) expect(lane).toBeLessThanOrEqual(laneOf(starts, after.bucket));
        },
      ),
    );
  });
});
