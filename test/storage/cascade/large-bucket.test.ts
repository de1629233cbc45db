/** Hunts records of a bucket too large for one transaction that are in no chunk, in two, or in others when a step is repeated. */
import { describe, expect, it } from 'vitest';
import { CHUNK_KEYS, type ChunkRow, fromChunkRow } from '../../../shared/cascade/chunks/chunk-rows.ts';
import { writeChunks } from '../../../shared/cascade/chunks/write-chunks.ts';
import { BufferedFound } from '../../../shared/cascade/identify/buffered-found.ts';
import type { FoundRecord } from '../../../shared/cascade/identify/found-records.ts';
import { chunksOf } from '../../../shared/cascade/identify/identify-cursor.ts';
import type { CascadePlan } from '../../../shared/cascade/plans.ts';
import { sharePlan } from '../records/shares/sharing-plans.ts';
import { CascadeFixture } from './cascade-fixture.ts';

const NO_LIMIT = { spend: () => undefined, isSpent: () => false };

/** Ids of one bucket, one after the other, as a client's may be. */
const idOf = (number: number) => `0000abcd-0000-8000-8000-${String(number).padStart(12, '0')}`;

function foundOf(numbers: readonly number[], level: number): BufferedFound {
  const found = new BufferedFound({ put: () => Promise.resolve() });
  const records = numbers.map((number): FoundRecord => {
    return { id: idOf(number), etag: 'e', version: 1, ownerId: 'anna', effect: 'change', links: [] };
  });
  void found.put({ table: 'contact', level, relationship: 'account_contacts', page: 0 }, records);
  // Some were found on another way, too.
  void found.put({ table: 'contact', level: 3, relationship: 'other', page: 0 }, records.slice(0, 500));
  return found;
}

const numbersTo = (count: number) => Array.from({ length: count }, (_, number) => number);

async function write(fixture: CascadeFixture, plan: CascadePlan, found: BufferedFound) {
  const services = { chunks: fixture.storage.table('chunks'), found, now: () => 0 };
  return writeChunks(services, plan, chunksOf({ contact: 1 }), NO_LIMIT);
}

async function stored(fixture: CascadeFixture, plan: CascadePlan) {
  const chunks = [];
  for (let lane = 0; lane < plan.lanes; lane++) {
    const range = { partitionKey: `${plan.jobId}|${lane}`, ...CHUNK_KEYS };
    for await (const row of fixture.storage.table('chunks').rows<ChunkRow>(range)) chunks.push(fromChunkRow(row));
  }
  return chunks;
}

describe('C18 a bucket with more records than fit one transaction', () => {
  const fixture = new CascadeFixture();
  const assign = fixture.plan('account', idOf(0), 'zoe');
  const share = sharePlan('account', idOf(0), 'bob', ['Read']);

  it.each([
    ['assign', assign, 20_000, 99],
    ['share', share, 9_000, 49],
  ] as const)('%s: every record is in one chunk, and is counted once', async (_, plan, count, most) => {
    expect(await write(fixture, plan, foundOf(numbersTo(count), 1))).toEqual({
      cursor: undefined,
      found: { contact: count },
    });
    const chunks = await stored(fixture, plan);
    const ids = chunks.flatMap(({ records }) => records.map(({ id }) => id));
    expect(ids.sort()).toEqual(numbersTo(count).map(idOf).sort());
    expect(Math.max(...chunks.map(({ records }) => records.length))).toBeLessThanOrEqual(most);
    expect(new Set(chunks.map(({ key }) => key)).size).toBe(chunks.length);
  });

  it('keeps its chunks when the step is repeated, whatever is found by then', async () => {
    const before = await stored(fixture, assign);
    const others = foundOf(numbersTo(27_000).slice(3_000), 2);
    expect(await write(fixture, assign, others)).toMatchObject({ found: { contact: 20_000 } });
    expect(await stored(fixture, assign)).toEqual(before);
  });

  it('finishes what a step that was cut off has begun, so that no record is in two parts', async () => {
    const plan = fixture.plan('account', idOf(1), 'zoe', { lanes: 1 });
    const cut = foundOf(numbersTo(12_000), 1);
    let rounds = 0;
    const dying = {
      chunks: fixture.storage.table('chunks'),
      found: cut,
      now: () => 0,
    };
    const table = dying.chunks;
    const some = {
      get: table.get.bind(table),
      write: (...given: Parameters<typeof table.write>) =>
        ++rounds > 3 ? Promise.reject(new Error('the process is dead')) : table.write(...given),
    } as unknown as typeof table;
    await expect(writeChunks({ ...dying, chunks: some }, plan, chunksOf({ contact: 1 }), NO_LIMIT)).rejects.toThrow(
      'dead',
    );
    await write(fixture, plan, foundOf(numbersTo(13_000).slice(1_000), 2));
    const ids = (await stored(fixture, plan)).flatMap(({ records }) => records.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set(ids);
    expect(
      numbersTo(12_000)
        .slice(1_000)
        .filter((number) => !known.has(idOf(number))),
    ).toEqual([]);
  });
});
