/**
 * The loop that the lanes of a cascade and identifying before them share: step after step; after each, decide. It never
 * waits for events: a command for this job is met at the edge of the next step, which looks at the job before it does
 * anything. Waits between attempts are timers of the orchestration, so that each retry is told to the job.
 */
import type { OrchestrationContext } from 'durable-functions';
import { z } from 'zod';
import { decideAfterStep } from '../../shared/cascade/jobs/decide-after-step.ts';
import { type ActivityRef, type Steps, waitSeconds } from '../activity.ts';
import { callSteadily } from './call-steadily.ts';
import { notePause, noteRetry, retrySettingsSchema, type StepInput, type StepOutput } from './cascade-activities.ts';

/** Steps in one execution; the history of a longer one would slow down each turn. */
const STEPS_PER_EXECUTION = 50;

/** Input of a lane, and what it carries from execution to execution. */
const laneStateSchema = z.strictObject({
  jobId: z.string(),
  /** Number of the lane; `identify` for identifying. */
  lane: z.string(),
  round: z.number(),
  /** Attempts at the step at hand that have failed. */
  failures: z.number(),
  /** Retries of this lane in all rounds. */
  retries: z.number(),
  retry: retrySettingsSchema,
});
export type LaneState = z.infer<typeof laneStateSchema>;

/** `finished`: by identifying, and the lanes need not run. `stopped`: by a command, or because it failed and has told the job why. */
export const laneResultSchema = z.enum(['drained', 'finished', 'stopped']);
export type LaneResult = z.infer<typeof laneResultSchema>;

/** Runs steps until the lane is drained or stopped, or for one execution's worth of them. */
export function* runSteps(context: OrchestrationContext, step: ActivityRef<StepInput, StepOutput>): Steps<unknown> {
  let state = laneStateSchema.parse(context.df.getInput());
  for (let count = 0; count < STEPS_PER_EXECUTION; count++) {
    const { jobId, lane, round, retries } = state;
    const input: StepInput = { jobId, lane, round, retries };
    const outcome = yield* attempt(context, step, input);
    const { kind } = outcome;
    if (kind === 'drained' || kind === 'finished' || kind === 'stopped') return kind satisfies LaneResult;
    const decision = decideAfterStep(outcome, state.failures + 1, state.retry);
    if (decision.kind === 'next') state = { ...state, failures: 0 };
    else if (decision.kind === 'pause' || decision.kind === 'fail') {
      const { reason, text } = decision;
      yield* callSteadily(context, notePause, { ...input, reason, text, isFinal: decision.kind === 'fail' });
      return 'stopped' satisfies LaneResult;
    } else {
      state = { ...state, failures: state.failures + 1, retries: retries + 1 };
      const seconds = decision.ms / 1000;
      const text = `${textOf(outcome)} Attempt ${state.failures + 1} of ${state.retry.maxAttempts} in ${seconds} s.`;
      yield* tell(context, { ...input, retries: state.retries, text });
      yield* waitSeconds(context, seconds);
    }
  }
  context.df.continueAsNew(state);
  return undefined;
}

/** A step that throws (its host died, storage was away) is tried again like one that says so. */
function* attempt(
  context: OrchestrationContext,
  step: ActivityRef<StepInput, StepOutput>,
  input: StepInput,
): Steps<StepOutput> {
  try {
    return step.output.parse(yield context.df.callActivity(step.name, input));
  } catch (error) {
    return { kind: 'transient', text: firstLine(error) };
  }
}

/** The job may not be reachable just now; the next step tells it the count again. */
function* tell(context: OrchestrationContext, input: z.infer<typeof noteRetry.input>): Steps<void> {
  try {
    yield context.df.callActivity(noteRetry.name, input);
  } catch {
    return;
  }
}

function textOf(outcome: StepOutput): string {
  return 'text' in outcome ? outcome.text : '';
}

const MAX_TEXT_LENGTH = 500;

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n', 1)[0] ?? '').trim().slice(0, MAX_TEXT_LENGTH);
}
