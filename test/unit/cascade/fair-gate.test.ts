/** Hunts work that is let through beyond the limit, that never gets its turn, and jobs that wait behind all the work of another. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFairGate } from '../../../shared/cascade/fair-gate.ts';
import { createRequestCounter, type RequestCounter } from '../../../shared/http/request-counter.ts';

/** Work of jobs at a gate, in the order in which it begins; `end` ends the oldest that is under way. */
function atGate(limit: number) {
  const gate = createFairGate({ limit });
  const begun: string[] = [];
  const open: (() => void)[] = [];
  const add = (jobId: string, fails = false) =>
    gate
      .run(jobId, async () => {
        begun.push(jobId);
        await new Promise<void>((resolve) => open.push(resolve));
        if (fails) throw new Error('It failed');
      })
      .catch(() => undefined);
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const end = async () => {
    open.shift()?.();
    await settle();
  };
  return { begun, open, add, end, settle };
}

describe('C23 parallelism is shared between the jobs of a process', () => {
  it('lets a job that has nothing under way go before the rest of one that has', async () => {
    const { begun, add, end, settle } = atGate(2);
    for (let count = 0; count < 5; count++) void add('large');
    void add('small');
    await settle();
    expect(begun).toEqual(['large', 'large']);
    await end();
    expect(begun).toEqual(['large', 'large', 'small']);
    await end();
    expect(begun.slice(3)).toEqual(['large']);
  });

  it('passes on the turn of work that fails', async () => {
    const { begun, add, end, settle } = atGate(1);
    void add('a', true);
    void add('b');
    await settle();
    await end();
    expect(begun).toEqual(['a', 'b']);
  });

  it('never exceeds the limit and lets everything through, each job in its order', async () => {
    const jobs = fc.array(fc.record({ job: fc.constantFrom('a', 'b', 'c'), fails: fc.boolean() }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), jobs, async (limit, work) => {
        const { begun, open, add, end, settle } = atGate(limit);
        const all = Promise.all(work.map(({ job, fails }) => add(job, fails)));
        await settle();
        for (let ended = 0; ended < work.length; ended++) {
          expect(open.length).toBe(Math.min(limit, work.length - ended));
          await end();
        }
        await all;
        expect([...begun].sort()).toEqual(work.map(({ job }) => job).sort());
      }),
      { numRuns: 50 },
    );
  });
});

describe('C14 jobs make way for requests', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Work that takes 10 ms each, at a gate for four at a time; gives how many were begun. */
  function queued(requests: RequestCounter, pieces: number) {
    const gate = createFairGate({ limit: 4, requests, now: Date.now });
    const seen = { begun: 0, underWay: 0, most: 0 };
    for (let count = 0; count < pieces; count++) {
      void gate.run('job', async () => {
        seen.begun++;
        seen.most = Math.max(seen.most, ++seen.underWay);
        await new Promise((resolve) => setTimeout(resolve, 10));
        seen.underWay--;
      });
    }
    return seen;
  }

  it('does one piece of work at a time and rests three times as long, while one is answered', async () => {
    const requests = createRequestCounter(20);
    void requests.during(() => new Promise((resolve) => setTimeout(resolve, 200)));
    const seen = queued(requests, 100);
    await vi.advanceTimersByTimeAsync(199);
    expect(seen.most).toBe(1);
    expect(seen.begun).toBe(5);
  });

  it('goes on in full once the client was silent for a while', async () => {
    const requests = createRequestCounter(20);
    const first = requests.during(() => new Promise((resolve) => setTimeout(resolve, 10)));
    const seen = queued(requests, 100);
    await vi.advanceTimersByTimeAsync(10);
    await first;
    expect(requests.isServing()).toBe(true);
    void requests.during(() => new Promise((resolve) => setTimeout(resolve, 10)));
    await vi.advanceTimersByTimeAsync(29);
    expect(seen.most).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests.isServing()).toBe(false);
    await vi.advanceTimersByTimeAsync(20);
    expect(seen.most).toBe(4);
  });

  it('finishes all of it though requests never end', async () => {
    const requests = createRequestCounter();
    void requests.during(() => new Promise(() => undefined));
    const seen = queued(requests, 50);
    await vi.advanceTimersByTimeAsync(2000);
    expect([seen.begun, seen.underWay]).toEqual([50, 0]);
  });
});
