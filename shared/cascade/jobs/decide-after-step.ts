/**
 * What follows from a step of a cascade: one decision for all kinds of outcome. Pure, total, and bounded: of
 * `maxAttempts` attempts at a step the last one ends in a pause, whatever fails.
 */
import { z } from 'zod';
import { PRIVILEGE_ACTIONS } from '../../security/privileges.ts';
import type { Settings } from '../../settings/settings.ts';
import { MAX_NAMED_RECORDS, type PauseReason } from './job.ts';

/** How a step of a lane, or of identifying, went. Running jobs carry its form in their histories. */
export const stepOutcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('applied') }),
  z.strictObject({ kind: z.literal('drained') }),
  /** Identifying found so little that it was changed at once: nothing is left for the lanes. */
  z.strictObject({ kind: z.literal('finished') }),
  /** The job wants no more steps of this round. */
  z.strictObject({ kind: z.literal('stopped') }),
  /** `tripped`: it failed, and so did so many of the latest steps of all lanes that the job is better paused. */
  z.strictObject({
    kind: z.literal('transient'),
    text: z.string(),
    tripped: z.strictObject({ failed: z.number(), of: z.number() }).optional(),
  }),
  z.strictObject({
    kind: z.literal('security'),
    code: z.enum(['missing-privilege', 'user-disabled', 'user-removed']),
    text: z.string(),
    user: z.string(),
    missing: z.array(z.strictObject({ privilege: z.enum(PRIVILEGE_ACTIONS), table: z.string() })).readonly(),
  }),
  z.strictObject({
    kind: z.enum(['permanent', 'broken']),
    text: z.string(),
    recordIds: z.array(z.string()).readonly(),
  }),
]);
export type StepOutcome = z.infer<typeof stepOutcomeSchema>;

/** What a lane does after a step. */
export type StepDecision =
  | { readonly kind: 'next' }
  /** Try the same step again after so many seconds; the job's messages say so by `text`. */
  | { readonly kind: 'wait'; readonly seconds: number; readonly text: string }
  | { readonly kind: 'pause'; readonly reason: PauseReason; readonly text: string }
  /** Nothing that anybody does can make the job go on. */
  | { readonly kind: 'fail'; readonly reason: PauseReason; readonly text: string }
  /** The lane is at its end. */
  | { readonly kind: 'end'; readonly result: 'drained' | 'finished' | 'stopped' };

/** Decides. `attempt` counts the attempts at this step, the one that just ended included: 1 for the first. */
export function decideAfterStep(outcome: StepOutcome, attempt: number, retry: Settings['retry']): StepDecision {
  switch (outcome.kind) {
    case 'applied':
      return { kind: 'next' };
    case 'drained':
    case 'finished':
    case 'stopped':
      return { kind: 'end', result: outcome.kind };
    case 'transient':
      return afterFailure(outcome, attempt, retry);
    case 'security': {
      const { code, user, missing, text } = outcome;
      const first = missing[0];
      const reason = { code, user, ...(first && { privilege: first.privilege, table: first.table }) };
      return { kind: 'pause', reason, text };
    }
    case 'permanent':
    case 'broken': {
      const records = outcome.recordIds.slice(0, MAX_NAMED_RECORDS);
      const kind = outcome.kind === 'broken' ? 'fail' : 'pause';
      return { kind, reason: { code: 'permanent-error', records }, text: outcome.text };
    }
  }
}

function afterFailure(
  { text: problem, tripped }: Extract<StepOutcome, { kind: 'transient' }>,
  attempt: number,
  retry: Settings['retry'],
): StepDecision {
  if (tripped) {
    const { failed, of } = tripped;
    const text = `${failed} of the last ${of} batches failed, the last one: ${problem} Remove the cause and resume the job.`;
    return { kind: 'pause', reason: { code: 'circuit-breaker' }, text };
  }
  if (attempt < retry.maxAttempts) {
    const seconds = backOffSeconds(attempt, retry);
    return {
      kind: 'wait',
      seconds,
      text: `${problem} Attempt ${attempt + 1} of ${retry.maxAttempts} in ${seconds} s.`,
    };
  }
  const text = `Tried ${attempt} ${attempt === 1 ? 'time' : 'times'} without success: ${problem} Remove the cause and resume the job.`;
  return { kind: 'pause', reason: { code: 'retries-exhausted' }, text };
}

/** The wait after so many failed attempts, in seconds to the millisecond: doubles from the first delay up to the longest. */
export function backOffSeconds(
  attempt: number,
  { firstDelaySeconds, maxDelaySeconds }: Pick<Settings['retry'], 'firstDelaySeconds' | 'maxDelaySeconds'>,
): number {
  const doublings = Math.min(Math.max(attempt - 1, 0), 40);
  return Math.round(Math.min(firstDelaySeconds * 2 ** doublings, maxDelaySeconds) * 1000) / 1000;
}
