import type { OrchestrationContext } from 'durable-functions';
import { type ActivityRef, type Steps, waitSeconds } from '../activity.ts';

const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 300;
/** With the waits above this outlasts three days without storage; a job that still can't be told then ends by reconciliation. */
const MAX_ATTEMPTS = 1000;

/**
 * Calls an activity that keeps the job's own books, and doesn't give up while storage is away: the job stands still
 * meanwhile, and goes on from there. Use with `yield*`.
 */
export function* callSteadily<I, O>(context: OrchestrationContext, ref: ActivityRef<I, O>, input: I): Steps<O> {
  for (let attempt = 1; ; attempt++) {
    try {
      return ref.output.parse(yield context.df.callActivity(ref.name, input));
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS) throw error;
    }
    yield* waitSeconds(context, Math.min(FIRST_WAIT_SECONDS * 2 ** Math.min(attempt - 1, 20), LONGEST_WAIT_SECONDS));
  }
}
