import { beforeEach, describe, expect, it } from 'vitest';
import { type Claims, createClaims } from '../../../shared/http/claims.ts';
import type { Answer, ClaimHandle } from '../../../shared/http/endpoint.ts';
import { Problem } from '../../../shared/problem.ts';
import { createFailingStorage, type FailingStorage } from '../../support/failing-storage.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';

let nowMs: number;
let claims: Claims;
let failing: FailingStorage;
let drawn: number;
beforeEach(() => {
  nowMs = 1_772_366_400_000;
  drawn = 0;
  failing = createFailingStorage();
  const storage = openTestStorage({ prefix: uniquePrefix(), policies: [failing.policy] });
  claims = createClaims(storage, () => nowMs);
});

const request = { scope: 'ann', key: 'k1', fingerprint: 'f1', reserve: () => `id-${++drawn}` };
type Work = (reserved: unknown, claim: ClaimHandle) => Promise<Answer>;
const run = (work: Work, change: Partial<typeof request> = {}) => claims.run({ ...request, ...change }, work);

/** Work that answers 201 with the ids that it was given, and remembers them. */
function making() {
  const madeWith: unknown[] = [];
  const work: Work = async (reserved) => {
    madeWith.push(reserved);
    return { status: 201, body: { id: reserved }, headers: { Location: `/things/${String(reserved)}` } };
  };
  return { madeWith, work };
}

/** Work that stands still until the test lets it go on. */
function held(answer: Answer = { status: 201, body: 'held' }) {
  let begin: (held: { reserved: unknown; claim: ClaimHandle }) => void;
  let end: (answer: Answer | Error) => void;
  const begun = new Promise<{ reserved: unknown; claim: ClaimHandle }>((resolve) => {
    begin = resolve;
  });
  const ended = new Promise<Answer | Error>((resolve) => {
    end = resolve;
  });
  const work: Work = async (reserved, claim) => {
    begin({ reserved, claim });
    const outcome = await ended;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return { work, begun, finish: () => end(answer), fail: (error: Error) => end(error) };
}

describe('A11 a repeated request', () => {
  it('gets the kept answer, and the work is done once', async () => {
    const { madeWith, work } = making();
    const first = await run(work);
    expect(await run(work)).toEqual(first);
    expect(await run(work)).toEqual({ status: 201, body: { id: 'id-1' }, headers: { Location: '/things/id-1' } });
    expect(madeWith).toEqual(['id-1']);
  });

  it('gets an answer without a body again too', async () => {
    await run(async () => ({ status: 204 }));
    expect(await run(async () => ({ status: 200 }))).toEqual({ status: 204 });
  });

  it('gets a long answer again in full', async () => {
    const detail = 'Mend these and send again: '.repeat(20);
    const body = { results: Array.from({ length: 1000 }, (_, index) => ({ index, status: 400, problem: { detail } })) };
    await run(async () => ({ status: 207, body }));
    expect(await run(making().work)).toEqual({ status: 207, body });
  });

  it('with another body is refused with 422', async () => {
    const { madeWith, work } = making();
    await run(work);
    const refused = { status: 422, slug: 'idempotency-key-reused' };
    await expect(run(work, { fingerprint: 'f2' })).rejects.toMatchObject(refused);
    expect(madeWith).toHaveLength(1);
  });

  it('is another request when another caller makes it, or under another key', async () => {
    const { madeWith, work } = making();
    await run(work);
    await run(work, { scope: 'bob' });
    await run(work, { key: 'k2' });
    await run(work, { scope: 'annk', key: '1' });
    expect(madeWith).toEqual(['id-1', 'id-2', 'id-3', 'id-4']);
  });

  it('while the first is at work is refused with 409 and Retry-After', async () => {
    const slow = held();
    const first = run(slow.work);
    await slow.begun;
    nowMs += 1000;
    const refused = { status: 409, slug: 'request-in-flight', retryAfterSeconds: 4 };
    await expect(run(making().work)).rejects.toMatchObject(refused);
    slow.finish();
    await first;
    expect(await run(making().work)).toEqual({ status: 201, body: 'held' });
  });

  it('made twice at once is worked on by one of the two', async () => {
    const { madeWith, work } = making();
    const both = await Promise.allSettled([run(work), run(work)]);
    expect(madeWith).toEqual([both[0].status === 'fulfilled' ? 'id-1' : expect.any(String)]);
    for (const each of both) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ slug: 'request-in-flight' });
      else expect(each.value).toMatchObject({ status: 201 });
    }
    expect(await run(work)).toMatchObject({ body: { id: madeWith[0] } });
    expect(madeWith).toHaveLength(1);
  });
});

describe('E5 a request whose first attempt failed', () => {
  it('goes on at once, towards the same ids', async () => {
    const { madeWith, work } = making();
    await expect(run(() => Promise.reject(new Error('crash')))).rejects.toThrow('crash');
    expect(await run(work)).toMatchObject({ body: { id: 'id-1' } });
    expect(madeWith).toEqual(['id-1']);
    expect(drawn).toBe(1);
  });

  it('without a word, as a killed host does, goes on after the lease towards the same ids', async () => {
    const killed = held();
    void run(killed.work);
    expect((await killed.begun).reserved).toBe('id-1');
    nowMs += 4_999;
    await expect(run(making().work)).rejects.toMatchObject({ slug: 'request-in-flight' });
    nowMs += 1;
    expect(await run(making().work)).toMatchObject({ body: { id: 'id-1' } });
  });

  it('after the work and before the answer was kept does it again towards the same ids', async () => {
    const { madeWith, work } = making();
    const claimTaken: Work = async (reserved, claim) => {
      failing.refuse(100);
      return work(reserved, claim);
    };
    await expect(run(claimTaken)).rejects.toMatchObject({ name: 'StorageUnavailable' });
    failing.refuse(0);
    nowMs += 5_000;
    expect(await run(work)).toMatchObject({ body: { id: 'id-1' } });
    expect(madeWith).toEqual(['id-1', 'id-1']);
  });

  it('gets its notes again', async () => {
    const noting: Work = async (_reserved, claim) => {
      expect(claim.note).toBeUndefined();
      await claim.writeNote('segment 7');
      expect(claim.note).toBe('segment 7');
      throw new Error('crash');
    };
    await expect(run(noting)).rejects.toThrow('crash');
    const seen: unknown[] = [];
    await run(async (_reserved, claim) => {
      seen.push(claim.note, claim.id);
      return { status: 200 };
    });
    expect(seen).toEqual(['segment 7', expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it('keeps its ids also when a later attempt is refused: the first may have written something', async () => {
    await expect(run(() => Promise.reject(new Error('crash')))).rejects.toThrow('crash');
    const refusal = new Problem('rule-broken', 'Not now.');
    await expect(run(() => Promise.reject(refusal))).rejects.toBe(refusal);
    expect(await run(making().work)).toMatchObject({ body: { id: 'id-1' } });
  });

  it('makes one claim when the answers of storage get lost', async () => {
    const { madeWith, work } = making();
    failing.loseAnswers(1);
    const losing: Work = async (reserved, claim) => {
      failing.loseAnswers(1);
      return work(reserved, claim);
    };
    const first = await run(losing);
    expect(await run(work)).toEqual(first);
    expect(madeWith).toEqual(['id-1']);
  });
});

describe('a refusal', () => {
  it.each([
    ['thrown', () => Promise.reject(new Problem('rule-broken', 'No.'))],
    ['answered', async () => ({ status: 422 })],
  ])('that is %s frees the key, so that a mended request may use it', async (_how, work) => {
    await Promise.allSettled([run(work)]);
    expect(await run(making().work, { fingerprint: 'f2' })).toMatchObject({ body: { id: 'id-2' } });
  });

  it('because storage is busy keeps the claim', async () => {
    const busy = new Problem('storage-unavailable', 'Busy.');
    await expect(run(() => Promise.reject(busy))).rejects.toBe(busy);
    await expect(run(making().work, { fingerprint: 'f2' })).rejects.toMatchObject({ status: 422 });
    expect(await run(making().work)).toMatchObject({ body: { id: 'id-1' } });
  });
});

describe('A11 an attempt that was overtaken', () => {
  async function overtaken(answer?: Answer) {
    const slow = held(answer);
    const first = run(slow.work);
    const { claim } = await slow.begun;
    nowMs += 5_000;
    return { slow, first, claim };
  }

  it('learns of it when it writes a note', async () => {
    const { slow, first, claim } = await overtaken();
    await run(making().work);
    await expect(claim.writeNote('late')).rejects.toMatchObject({ slug: 'request-in-flight' });
    slow.finish();
    await first;
  });

  it('does not replace the answer that was kept', async () => {
    const { slow, first } = await overtaken({ status: 200, body: 'late' });
    await run(making().work);
    slow.finish();
    await first;
    expect(await run(making().work)).toMatchObject({ body: { id: 'id-1' } });
  });

  it('does not free the key when it is refused', async () => {
    const { slow, first } = await overtaken();
    await run(making().work);
    slow.fail(new Problem('rule-broken', 'Too late.'));
    await expect(first).rejects.toThrow('Too late.');
    expect(await run(making().work)).toMatchObject({ body: { id: 'id-1' } });
  });
});
