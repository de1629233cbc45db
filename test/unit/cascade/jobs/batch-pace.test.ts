import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BatchPace,
  batchSizeOf,
  chunksOf,
  FIRST_PACE,
  type PacedStep,
  paceAfter,
  paceOfRound,
  trippedBy,
} from '../../../../shared/cascade/jobs/batch-pace.ts';

const TARGET_MS = 1000;
const fine = (chunks: number, durationMs: number): PacedStep => ({
  failed: false,
  busy: false,
  measured: { chunks, durationMs },
});
const stepped = (pace: BatchPace, ...steps: readonly PacedStep[]) =>
  steps.reduce((now, step) => paceAfter(now, step, TARGET_MS), pace);
/** A job that takes ten chunks at a time. */
const TEN: BatchPace = { ...FIRST_PACE, chunks: 10 };
const failure: PacedStep = { failed: true, busy: false };
const success: PacedStep = { failed: false, busy: false };

describe('C22 the size of batches', () => {
  it.each([
    ['on target, with what the host takes', 890, 10],
    ['a little too fast', 850, 10.47],
    ['much too fast: grows by a fifth', 100, 12],
    ['in no time: grows by a fifth', 0, 12],
    ['a little too slow', 950, 9.37],
    ['much too slow: shrinks at once, to as many as are under way at a time', 9500, 8],
    ['far too slow: no further', 100_000, 8],
  ])('%s', (_name, durationMs, chunks) => {
    expect(stepped(TEN, fine(10, durationMs)).chunks).toBeCloseTo(chunks, 1);
  });

  it('follows a moving average, so that one slow batch among fast ones shrinks less than it alone would', () => {
    const steady = stepped({ ...TEN, chunks: 20 }, fine(20, 890), fine(20, 890), fine(20, 890));
    const hiccup = stepped(steady, fine(20, 1780));
    expect(hiccup.chunks).toBeCloseTo(14.3, 1);
  });

  it('never falls below what is worth an activity of the host, whatever the target', () => {
    const small = paceAfter({ ...FIRST_PACE, chunks: 30 }, fine(30, 300), 100);
    expect(small.chunks).toBe(24);
    const hasty = stepped(small, ...Array.from({ length: 9 }, () => ({ failed: true, busy: true })));
    expect(hasty.chunks).toBe(24);
  });

  it('grows a fifth at a time', () => {
    const grown = stepped({ ...FIRST_PACE, chunks: 8 }, ...Array.from({ length: 4 }, () => fine(1, 1)));
    expect(chunksOf(grown)).toBe(16);
  });

  it('has a ceiling', () => {
    const grown = stepped(TEN, ...Array.from({ length: 50 }, () => fine(10, 1)));
    expect(chunksOf(grown)).toBe(40);
  });

  it('stays where nothing is known: a smaller last batch, a failure that storage has no part in', () => {
    expect(stepped(FIRST_PACE, success).chunks).toBe(FIRST_PACE.chunks);
    expect(stepped(FIRST_PACE, failure).chunks).toBe(FIRST_PACE.chunks);
  });

  it('is halved when busy storage made a batch fail, and lessened when it came through; shown until a batch meets none', () => {
    const busy = stepped(FIRST_PACE, { failed: true, busy: true });
    expect(busy).toMatchObject({ chunks: 12, isBusy: true });
    const through = stepped(busy, { ...fine(12, 100), busy: true });
    expect(through).toMatchObject({ chunks: 9, isBusy: true, msPerChunk: null });
    expect(stepped(through, fine(9, 900))).toMatchObject({ isBusy: false });
    expect(stepped(through, { ...fine(9, 100), busy: true }).chunks).toBe(8);
  });

  it('is told in records', () => {
    expect(batchSizeOf({ ...FIRST_PACE, chunks: 2.9 })).toBe(198);
  });
});

describe('C22 the circuit breaker', () => {
  const steps = (text: string) =>
    stepped(FIRST_PACE, ...text.split('').map((step) => (step === 'x' ? failure : success)));

  it('trips when half of the last 20 steps failed, and not on fewer steps', () => {
    expect(trippedBy(steps('.x'.repeat(10)))).toEqual({ failed: 10, of: 20 });
    expect(trippedBy(steps(`${'.x'.repeat(9)}..`))).toBeUndefined();
    expect(trippedBy(steps('x'.repeat(19)))).toBeUndefined();
    expect(trippedBy(steps(`${'x'.repeat(11)}${'.'.repeat(11)}`))).toBeUndefined();
  });

  it('forgets in a new round what failed in the last one, and keeps the size', () => {
    const tripped = { ...steps('x'.repeat(20)), chunks: 3 };
    expect(paceOfRound(tripped, 1)).toMatchObject({ recent: '', chunks: 3, round: 1 });
    expect(paceOfRound({ ...tripped, round: 1 }, 1).recent).toHaveLength(20);
  });
});

describe('property: whatever steps come', () => {
  const anyStep: fc.Arbitrary<PacedStep> = fc.record({
    failed: fc.boolean(),
    busy: fc.boolean(),
    measured: fc.option(fc.record({ chunks: fc.integer({ min: 0, max: 40 }), durationMs: fc.nat(1_000_000) }), {
      nil: undefined,
    }),
  });

  it('a batch has 8 to 40 chunks, grows by a fifth at most, and shrinks no further than is worthwhile', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), fc.integer({ min: 100, max: 60_000 }), (all, targetMs) => {
        all.reduce((pace, step) => {
          const next = paceAfter(pace, step, targetMs);
          expect(next.chunks).toBeGreaterThanOrEqual(8);
          expect(next.chunks).toBeLessThanOrEqual(Math.min(40, pace.chunks * 1.2) + 1e-9);
          if (next.chunks < pace.chunks && next.chunks > 8 && next.msPerChunk !== null) {
            expect(next.chunks * next.msPerChunk).toBeGreaterThanOrEqual(240 - 1e-6);
          }
          expect(next.recent.length).toBeLessThanOrEqual(20);
          return next;
        }, FIRST_PACE);
      }),
    );
  });
});
