/**
 * What follows from a step of a cascade: one decision for all kinds of outcome. Pure, total, and bounded: of
 * `maxAttempts` attempts at a step the last one ends in a pause, whatever fails.
 */
import type { BatchOutcome } from '../ports.ts';
import { MAX_NAMED_RECORDS, type PauseReason } from './job.ts';

/** How often and how soon a failing step is tried again; the setting `retry`. */
export interface RetrySettings {
  /** Attempts at a step, the first included; from 1 on. */
  readonly maxAttempts: number;
  readonly firstDelaySeconds: number;
  readonly maxDelaySeconds: number;
}

/** How a step went, as far as deciding needs it. */
export type StepOutcome =
  | { readonly kind: 'applied' }
  | (Pick<Extract<BatchOutcome, { kind: 'transient' }>, 'kind' | 'text'> & {
      /** So many of the latest steps of the job failed that it isn't to be tried again by itself. */
      readonly tripped?: { readonly failed: number; readonly of: number } | undefined;
    })
  | Extract<BatchOutcome, { kind: 'security' | 'permanent' | 'broken' }>;

/** What a lane does after a step. */
export type StepDecision =
  | { readonly kind: 'next' }
  /** Try the same step again after so many milliseconds. */
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'pause'; readonly reason: PauseReason; readonly text: string }
  /** Nothing that anybody does can make the job go on. */
  | { readonly kind: 'fail'; readonly reason: PauseReason; readonly text: string };

/** Decides. `attempt` counts the attempts at this step, the one that just ended included: 1 for the first. */
export function decideAfterStep(outcome: StepOutcome, attempt: number, retry: RetrySettings): StepDecision {
  switch (outcome.kind) {
    case 'applied':
      return { kind: 'next' };
    case 'transient': {
      if (outcome.tripped) {
        const { failed, of } = outcome.tripped;
        const text = `${failed} of the last ${of} batches failed, the last one: ${outcome.text} Remove the cause and resume the job.`;
        return { kind: 'pause', reason: { code: 'circuit-breaker' }, text };
      }
      if (attempt < retry.maxAttempts) return { kind: 'wait', ms: backOffMs(attempt, retry) };
      const text = `Tried ${attempt} ${attempt === 1 ? 'time' : 'times'} without success: ${outcome.text} Remove the cause and resume the job.`;
      return { kind: 'pause', reason: { code: 'retries-exhausted' }, text };
    }
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

/** The wait after so many failed attempts, in milliseconds: doubles from the first delay up to the longest. */
export function backOffMs(attempt: number, { firstDelaySeconds, maxDelaySeconds }: RetrySettings): number {
  const doublings = Math.min(Math.max(attempt - 1, 0), 40);
  return Math.round(Math.min(firstDelaySeconds * 2 ** doublings, maxDelaySeconds) * 1000);
}
