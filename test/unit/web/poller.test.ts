import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Poller } from '../../../web/src/api/poller.ts';

let isVisible = true;
let poller: Poller;
let asked: { readonly name: string; readonly onMs: number }[];

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  isVisible = true;
  asked = [];
  poller = new Poller({ isVisible: () => isVisible, now: () => Date.now() });
});
afterEach(() => {
  vi.useRealTimers();
});

const poll = (name: string, everyMs: number, answer: Promise<unknown> = Promise.resolve()) =>
  poller.add({
    everyMs,
    ask: () => {
      asked.push({ name, onMs: Date.now() });
      return answer;
    },
  });

describe('E2 what the page shows live', () => {
  it('asks at most once a second, whatever is shown, and leaves nothing out', async () => {
    for (const name of ['a', 'b', 'c', 'd']) poll(name, 2_000);
    await vi.advanceTimersByTimeAsync(60_000);
    const gaps = asked.slice(1).map(({ onMs }, at) => onMs - (asked[at]?.onMs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
    const counts = ['a', 'b', 'c', 'd'].map((name) => asked.filter((each) => each.name === name).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(14);
  });

  it('asks nothing while nobody sees the page, and goes on when somebody does', async () => {
    poll('a', 2_000);
    isVisible = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual([]);
    isVisible = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(1);
  });

  it('waits for an answer before it asks again', async () => {
    let answer = () => {};
    poll('slow', 2_000, new Promise<void>((resolve) => (answer = resolve)));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked).toHaveLength(1);
    answer();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked).toHaveLength(2);
  });

  it('asks no more for what is no longer shown', async () => {
    const stop = poll('a', 2_000);
    stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
