import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../../shared/http/rate-limiter.ts';

function limiter(perSecond: number, burst: number) {
  const clock = { nowMs: 1_000_000 };
  const { take } = createRateLimiter(
    () => ({ perSecond, burst }),
    () => clock.nowMs,
  );
  return { take, clock };
}

describe('E9 the rate limit', () => {
  it('lets a burst through, then as many as it says in the long run', () => {
    const { take, clock } = limiter(10, 3);
    expect(['a', 'a', 'a', 'a'].map(take)).toEqual([0, 0, 0, 1]);
    clock.nowMs += 100;
    expect([take('a'), take('a')]).toEqual([0, 1]);
    clock.nowMs += 60_000;
    expect(['a', 'a', 'a', 'a'].map(take)).toEqual([0, 0, 0, 1]);
  });

  it('counts each caller alone', () => {
    const { take } = limiter(1, 1);
    expect([take('a'), take('b'), take('a')]).toEqual([0, 0, 1]);
  });

  it('says how long a slow bucket takes, and is off at 0', () => {
    const { take } = limiter(0.1, 1);
    expect([take('a'), take('a')]).toEqual([0, 10]);
    const off = limiter(0, 1);
    expect(Array.from({ length: 50 }, () => off.take('a'))).toEqual(Array.from({ length: 50 }, () => 0));
  });

  it('goes on when the clock is put back', () => {
    const { take, clock } = limiter(1, 2);
    take('a');
    clock.nowMs -= 3_600_000;
    expect([take('a'), take('a')]).toEqual([0, 1]);
    clock.nowMs += 1_000;
    expect(take('a')).toBe(0);
  });

  it('forgets those who rested, not those who wait', () => {
    const { take, clock } = limiter(1, 1);
    take('late');
    for (let at = 0; at < 10_000; at++) take(`caller ${at}`);
    expect(take('late')).toBe(1);
    clock.nowMs += 2_000;
    take('another');
    expect(take('late')).toBe(0);
  });
});
