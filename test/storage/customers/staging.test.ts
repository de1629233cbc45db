import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { StagedOperation } from '../../../shared/customers/customer-operation.ts';
import type { NewOperation, StageRequest } from '../../../shared/customers/staging/stage-request.ts';
import { openStaging, type Staging } from '../../../shared/customers/staging/staging.ts';
import {
  MAX_OPERATIONS_PER_REQUEST,
  operationRowKey,
  SEGMENT_SIZE,
  segmentPartition,
} from '../../../shared/customers/staging/staging-format.ts';
import { createCrashingStorage } from '../../support/crashing-storage.ts';
import { createFailingStorage } from '../../support/failing-storage.ts';
import { createSlowStorage } from '../../support/slow-storage.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';

function operations(count: number, name = 'Anna'): NewOperation[] {
  const customerAsyncId = randomUUID();
  return Array.from({ length: count }, (_, at) => ({
    operation: 'editCustomer' as const,
    customerAsyncId,
    targetId: customerAsyncId,
    body: { name: `${name} ${at}` },
    createdOn: '2026-03-01T10:00:00.000Z',
    createdBy: 'channel:pos',
  }));
}

/** A claim's note, kept where every attempt of the request finds it. */
function newRequest(count = 1, name?: string) {
  const note: { segment: number | undefined } = { segment: undefined };
  const content = { channel: 'pos', requestId: randomUUID(), operations: operations(count, name) };
  const attempt = (): StageRequest => ({
    ...content,
    notedSegment: note.segment,
    noteSegment: async (segment) => {
      note.segment = segment;
    },
  });
  return { attempt, note };
}

async function readAll(staging: Staging, pageSize = 1000): Promise<StagedOperation[]> {
  const all: StagedOperation[] = [];
  for (;;) {
    const page = await staging.readAfter('pos', all.length, pageSize);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

const counters = (all: readonly StagedOperation[]) => all.map(({ replicationCounter }) => replicationCounter);
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe('A5 staging', () => {
  it('gives what was staged, as it was staged', async () => {
    const staging = openStaging(openTestStorage());
    const request = newRequest(3).attempt();
    const staged = await staging.stage(request);
    const expected = request.operations.map((each, at) => ({ ...each, channel: 'pos', replicationCounter: at + 1 }));
    expect(staged).toEqual(expected);
    expect(await staging.readAfter('pos', 0, 10)).toEqual(expected);
    expect(await staging.readAfter('pos', 1, 1)).toEqual(expected.slice(1, 2));
    expect(await staging.find('pos', 3)).toEqual(expected[2]);
    expect(await staging.find('pos', 4)).toBeUndefined();
    expect(await staging.readAfter('web', 0, 10)).toEqual([]);
  });

  it('by 32 callers of as many processes at once leaves no gap, repeats nothing and tears no request', async () => {
    const prefix = uniquePrefix();
    const processes = Array.from({ length: 32 }, () => openStaging(openTestStorage({ prefix })));
    const answers = await Promise.all(
      processes.map(async (staging, at) => {
        const first = await staging.stage(newRequest(1 + (at % 3), `first of ${at}`).attempt());
        const second = await staging.stage(newRequest(2, `second of ${at}`).attempt());
        return { first, second };
      }),
    );
    const all = await readAll(openStaging(openTestStorage({ prefix })));
    const answered = answers.flatMap(({ first, second }) => [...first, ...second]);
    expect(counters(all)).toEqual(upTo(answered.length));
    expect(answered.sort((a, b) => a.replicationCounter - b.replicationCounter)).toEqual(all);
    for (const { first, second } of answers) {
      for (const staged of [first, second]) {
        expect(counters(staged)).toEqual(staged.map((_, at) => (staged[0]?.replicationCounter ?? 0) + at));
      }
      expect(second[0]?.replicationCounter).toBeGreaterThan(first.at(-1)?.replicationCounter ?? Number.NaN);
    }
  });

  it('never shows a reader a counter before the ones below it, while many write over the edge of a segment', async () => {
    const prefix = uniquePrefix();
    const writers = Array.from({ length: 8 }, () => openStaging(openTestStorage({ prefix })));
    const reader = openStaging(openTestStorage({ prefix }));
    let writing = true;
    const work = Promise.all(
      writers.map(async (staging) => {
        for (let round = 0; round < 5; round++) await staging.stage(newRequest(20).attempt());
      }),
    ).finally(() => {
      writing = false;
    });
    const read: StagedOperation[] = [];
    for (let isLast = false; !isLast; ) {
      isLast = !writing;
      read.push(...(await reader.readAfter('pos', read.length, 1000)));
    }
    await work;
    expect(counters(read)).toEqual(upTo(800));
  });

  it('goes on in a new segment when one is full, and finds each counter again', async () => {
    const prefix = uniquePrefix();
    const staging = openStaging(openTestStorage({ prefix }));
    const sizes = [...Array<number>(5).fill(MAX_OPERATIONS_PER_REQUEST), 9, MAX_OPERATIONS_PER_REQUEST, 3];
    for (const size of sizes) await staging.stage(newRequest(size).attempt());
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(SEGMENT_SIZE + MAX_OPERATIONS_PER_REQUEST);
    const later = openStaging(openTestStorage({ prefix }));
    const [next] = await later.stage(newRequest(1).attempt());
    expect(next?.replicationCounter).toBe(total + 1);
    expect(counters(await readAll(later))).toEqual(upTo(total + 1));
    for (const pageSize of [7, 499]) expect(counters(await readAll(later, pageSize))).toEqual(upTo(total + 1));
    for (const counter of [1, 499, 500, 501, 597, 598, 600, total + 1]) {
      expect((await later.find('pos', counter))?.replicationCounter).toBe(counter);
    }
  });

  it('is never read beyond a counter that is missing', async () => {
    const storage = openTestStorage();
    const staging = openStaging(storage);
    await staging.stage(newRequest(5).attempt());
    const table = storage.table('channelstaging');
    const row = await table.get(segmentPartition('pos', 0), operationRowKey(3));
    if (row) await table.delete(row.partitionKey, row.rowKey, row.etag);
    expect(counters(await staging.readAfter('pos', 0, 10))).toEqual([1, 2]);
    expect(await staging.readAfter('pos', 2, 10)).toEqual([]);
  });

  it('refuses what no transaction holds before anything is noted', async () => {
    const staging = openStaging(openTestStorage());
    const tooMany = newRequest(MAX_OPERATIONS_PER_REQUEST + 1);
    await expect(staging.stage(tooMany.attempt())).rejects.toMatchObject({ slug: 'too-large' });
    const tooLong = newRequest(1, 'x'.repeat(131_000));
    await expect(staging.stage(tooLong.attempt())).rejects.toMatchObject({ slug: 'too-large' });
    expect([tooMany.note.segment, tooLong.note.segment]).toEqual([undefined, undefined]);
    expect(await readAll(staging)).toEqual([]);
  });

  it('lets one request fail alone when it was taken over', async () => {
    const staging = openStaging(openTestStorage());
    const overtaken: StageRequest = {
      ...newRequest(1).attempt(),
      noteSegment: () => Promise.reject(new Error('overtaken')),
    };
    const results = await Promise.allSettled(
      [newRequest(1).attempt(), newRequest(1).attempt(), overtaken, newRequest(1).attempt()].map((request) =>
        staging.stage(request),
      ),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(counters(await readAll(staging))).toEqual([1, 2, 3]);
  });

  it('gives up with 503 when others are faster again and again', async () => {
    const prefix = uniquePrefix();
    const slow = createSlowStorage();
    const others = openStaging(openTestStorage({ prefix }));
    const staging = openStaging(openTestStorage({ prefix, policies: [slow.policy] }));
    await staging.stage(newRequest(1).attempt());
    slow.beforeWrite = async () => {
      await others.stage(newRequest(1).attempt());
    };
    await expect(staging.stage(newRequest(1).attempt())).rejects.toMatchObject({
      slug: 'storage-unavailable',
      retryAfterSeconds: 2,
    });
  });
});

describe('A11 a retry of the same request', () => {
  it('stages once, whatever write the attempt before died at', async () => {
    for (const moment of ['before', 'after'] as const) {
      // The note is not counted: it is in the memory of the test. What is left are the transaction and the hint.
      for (const at of [0, 1]) {
        const prefix = uniquePrefix();
        const crash = createCrashingStorage();
        const dying = openStaging(openTestStorage({ prefix, policies: [crash.policy] }));
        const request = newRequest(2);
        crash.crashAt(at + 1, moment);
        await dying.stage(request.attempt()).catch(() => undefined);
        expect(crash.isDead).toBe(true);
        const staging = openStaging(openTestStorage({ prefix }));
        const other = newRequest(1);
        await staging.stage(other.attempt());
        const staged = await staging.stage(request.attempt());
        expect(counters(await readAll(staging))).toEqual([1, 2, 3]);
        expect(counters(staged)).toEqual(at === 0 && moment === 'before' ? [2, 3] : [1, 2]);
        expect(await staging.stage(request.attempt())).toEqual(staged);
      }
    }
  });

  it('finds what was staged although the segment has been full since', async () => {
    const prefix = uniquePrefix();
    const staging = openStaging(openTestStorage({ prefix }));
    const request = newRequest(2);
    const staged = await staging.stage(request.attempt());
    for (let round = 0; round < 6; round++) await staging.stage(newRequest(MAX_OPERATIONS_PER_REQUEST).attempt());
    const before = (await readAll(staging)).length;
    expect(await openStaging(openTestStorage({ prefix })).stage(request.attempt())).toEqual(staged);
    expect((await readAll(staging)).length).toBe(before);
  });

  it('that overtakes a stalled attempt and a full segment leaves the stalled one nothing to stage', async () => {
    const prefix = uniquePrefix();
    const slow = createSlowStorage();
    const stalled = openStaging(openTestStorage({ prefix, policies: [slow.policy] }));
    const staging = openStaging(openTestStorage({ prefix }));
    const request = newRequest(2);
    let overtaken = false;
    let retried: readonly StagedOperation[] = [];
    // The stalled attempt has noted segment 0 and is about to write there.
    slow.beforeWrite = async () => {
      slow.beforeWrite = undefined;
      for (let round = 0; round < 6; round++) await staging.stage(newRequest(MAX_OPERATIONS_PER_REQUEST).attempt());
      overtaken = true;
      retried = await staging.stage(request.attempt());
    };
    const attempt: StageRequest = {
      ...request.attempt(),
      noteSegment: async (segment) => {
        if (overtaken) throw new Error('overtaken');
        request.note.segment = segment;
      },
    };
    await expect(stalled.stage(attempt)).rejects.toThrow('overtaken');
    expect(request.note.segment).toBe(1);
    const all = await readAll(staging);
    expect(all.filter(({ customerAsyncId }) => customerAsyncId === retried[0]?.customerAsyncId)).toEqual(retried);
    expect(counters(all)).toEqual(upTo(6 * MAX_OPERATIONS_PER_REQUEST + 2));
  });

  it('and the attempt itself, at once, stage once between them', async () => {
    const prefix = uniquePrefix();
    const request = newRequest(3);
    await openStaging(openTestStorage({ prefix })).stage(newRequest(1).attempt());
    const attempts = Array.from({ length: 6 }, () => openStaging(openTestStorage({ prefix })).stage(request.attempt()));
    const answers = await Promise.all(attempts);
    expect(new Set(answers.map((staged) => JSON.stringify(counters(staged))))).toEqual(new Set(['[2,3,4]']));
    expect(counters(await readAll(openStaging(openTestStorage({ prefix }))))).toEqual([1, 2, 3, 4]);
  });

  it('knows its own write whose answer was lost, although others have written since', async () => {
    const prefix = uniquePrefix();
    const failing = createFailingStorage();
    const staging = openStaging(openTestStorage({ prefix, policies: [failing.policy] }));
    const others = openStaging(openTestStorage({ prefix }));
    await staging.stage(newRequest(1).attempt());
    failing.afterLoss = async () => {
      await others.stage(newRequest(1).attempt());
    };
    failing.loseAnswers(1);
    expect(counters(await staging.stage(newRequest(1).attempt()))).toEqual([2]);
    expect(counters(await readAll(others))).toEqual([1, 2, 3]);
  });
});
