import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backOffSeconds,
  decideAfterStep,
  type StepOutcome,
} from '../../../../shared/cascade/jobs/decide-after-step.ts';
import { MAX_NAMED_RECORDS } from '../../../../shared/cascade/jobs/job.ts';

const retry = { maxAttempts: 5, firstDelaySeconds: 1, maxDelaySeconds: 30 };
const transient: StepOutcome = { kind: 'transient', text: 'Storage is busy.' };

const settings = fc
  .record({
    maxAttempts: fc.integer({ min: 1, max: 100 }),
    firstDelaySeconds: fc.double({ min: 0, max: 3600, noNaN: true }),
    more: fc.double({ min: 0, max: 3600, noNaN: true }),
  })
  .map(({ more, ...rest }) => ({ ...rest, maxDelaySeconds: rest.firstDelaySeconds + more }));

const outcome: fc.Arbitrary<StepOutcome> = fc.oneof(
  fc.record({ kind: fc.constantFrom('applied' as const, 'drained' as const, 'finished' as const, 'stopped' as const) }),
  fc.record({ kind: fc.constant('transient' as const), text: fc.string() }),
  fc.record({
    kind: fc.constant('security' as const),
    code: fc.constantFrom('missing-privilege' as const, 'user-disabled' as const, 'user-removed' as const),
    text: fc.string(),
    user: fc.string(),
    missing: fc.array(fc.record({ privilege: fc.constant('Assign' as const), table: fc.string() })),
  }),
  fc.record({ kind: fc.constant('permanent' as const), text: fc.string(), recordIds: fc.array(fc.string()) }),
);

describe('C11 what follows from a batch', () => {
  it('waits 1, 2, 4 and 8 seconds by default, then pauses', () => {
    const decisions = [1, 2, 3, 4, 5].map((attempt) => decideAfterStep(transient, attempt, retry));
    expect(decisions.slice(0, 4)).toMatchObject([1, 2, 4, 8].map((seconds) => ({ kind: 'wait', seconds })));
    expect(decisions[1]).toMatchObject({ text: 'Storage is busy. Attempt 3 of 5 in 2 s.' });
    expect(decisions[4]).toMatchObject({ kind: 'pause', reason: { code: 'retries-exhausted' } });
  });

  it('says in the pause how often it tried and what went wrong', () => {
    const decision = decideAfterStep(transient, 5, retry);
    expect(decision).toMatchObject({ text: expect.stringMatching(/^Tried 5 times .*Storage is busy\./) });
  });

  it('pauses for good causes at once, whatever the attempt', () => {
    const security: StepOutcome = {
      kind: 'security',
      code: 'missing-privilege',
      text: 'ann lacks prvAssignContact.',
      user: 'ann',
      missing: [
        { privilege: 'Assign', table: 'contact' },
        { privilege: 'Write', table: 'contact' },
      ],
    };
    expect(decideAfterStep(security, 1, retry)).toEqual({
      kind: 'pause',
      reason: { code: 'missing-privilege', user: 'ann', privilege: 'Assign', table: 'contact' },
      text: 'ann lacks prvAssignContact.',
    });
    expect(decideAfterStep({ kind: 'permanent', text: 'No.', recordIds: ['a', 'b'] }, 3, retry)).toEqual({
      kind: 'pause',
      reason: { code: 'permanent-error', records: ['a', 'b'] },
      text: 'No.',
    });
  });

  it('names no more records than a job holds', () => {
    const recordIds = Array.from({ length: MAX_NAMED_RECORDS + 5 }, (_, at) => `r${at}`);
    const decision = decideAfterStep({ kind: 'permanent', text: 'No.', recordIds }, 1, retry);
    expect(decision).toMatchObject({ reason: { records: recordIds.slice(0, MAX_NAMED_RECORDS) } });
  });

  it('property: has an answer to everything, and never waits after the last attempt', () => {
    fc.assert(
      fc.property(outcome, fc.integer({ min: 1, max: 1000 }), settings, (given, attempt, limits) => {
        const decision = decideAfterStep(given, attempt, limits);
        if (decision.kind === 'next') return given.kind === 'applied';
        if (decision.kind === 'end') return decision.result === given.kind;
        if (decision.kind === 'wait') return given.kind === 'transient' && attempt < limits.maxAttempts;
        return given.kind !== 'applied' && (given.kind !== 'transient' || attempt >= limits.maxAttempts);
      }),
    );
  });

  it('property: a step that always fails is tried exactly maxAttempts times', () => {
    fc.assert(
      fc.property(settings, (limits) => {
        let attempt = 1;
        while (decideAfterStep(transient, attempt, limits).kind === 'wait') attempt++;
        expect(attempt).toBe(limits.maxAttempts);
      }),
    );
  });

  it('property: waits never become shorter and stay between the first and the longest', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 200 }), (limits, attempt) => {
        const seconds = backOffSeconds(attempt, limits);
        expect(seconds * 1000).toBeGreaterThanOrEqual(Math.round(limits.firstDelaySeconds * 1000) - 0.5);
        expect(seconds * 1000).toBeLessThanOrEqual(Math.round(limits.maxDelaySeconds * 1000) + 0.5);
        expect(backOffSeconds(attempt + 1, limits)).toBeGreaterThanOrEqual(seconds);
      }),
    );
  });
});
