/**
 * How orchestrators call activities. An orchestrator is replayed from its history: it decides and yields, and gets all
 * else (time, storage, chance) from activities or its context. What is a generator here is called with `yield*`.
 */
import { type OrchestrationContext, RetryOptions, type Task } from 'durable-functions';
import type { z } from 'zod';

/** An activity by name, with the form of what goes in and comes out. Orchestrators and activities share it. */
export interface ActivityRef<I, O> {
  readonly name: string;
  readonly input: z.ZodType<I>;
  readonly output: z.ZodType<O>;
}

/** Declares an activity. */
export function activityRef<I, O>(name: string, input: z.ZodType<I>, output: z.ZodType<O>): ActivityRef<I, O> {
  return { name, input, output };
}

/** An orchestrator's steps: it yields tasks and is given their results. */
export type Steps<T> = Generator<Task, T, unknown>;

const FIRST_RETRY_MS = 1_000;
const MAX_ATTEMPTS = 6;
const MAX_RETRY_MS = 30_000;

/** Trouble with storage passes; what an activity refuses is a value of its output and isn't tried again. */
function retryOptions(): RetryOptions {
  const options = new RetryOptions(FIRST_RETRY_MS, MAX_ATTEMPTS);
  options.backoffCoefficient = 2;
  options.maxRetryIntervalInMilliseconds = MAX_RETRY_MS;
  return options;
}

/** Calls an activity, again after growing waits when it throws. */
export function* callActivity<I, O>(context: OrchestrationContext, ref: ActivityRef<I, O>, input: I): Steps<O> {
  return ref.output.parse(yield context.df.callActivityWithRetry(ref.name, retryOptions(), input));
}

/** Calls an activity once; what it throws comes back as a thrown TaskFailedError. */
export function* callActivityOnce<I, O>(context: OrchestrationContext, ref: ActivityRef<I, O>, input: I): Steps<O> {
  return ref.output.parse(yield context.df.callActivity(ref.name, input));
}

const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 300;
/** With the waits above this outlasts three days without storage. */
const MAX_PERSISTENT_ATTEMPTS = 1000;

/** Calls an activity that its orchestration can't go on without, and doesn't give up while storage is away. */
export function* callPersistently<I, O>(context: OrchestrationContext, ref: ActivityRef<I, O>, input: I): Steps<O> {
  for (let attempt = 1; ; attempt++) {
    try {
      return yield* callActivityOnce(context, ref, input);
    } catch (error) {
      if (attempt >= MAX_PERSISTENT_ATTEMPTS) throw error;
    }
    yield* waitSeconds(context, Math.min(FIRST_WAIT_SECONDS * 2 ** Math.min(attempt - 1, 20), LONGEST_WAIT_SECONDS));
  }
}

/** Calls an activity for each input at the same time; answers in the order of the inputs. */
export function* callActivities<I, O>(
  context: OrchestrationContext,
  ref: ActivityRef<I, O>,
  inputs: readonly I[],
): Steps<O[]> {
  if (inputs.length === 0) return [];
  const tasks = inputs.map((input) => context.df.callActivityWithRetry(ref.name, retryOptions(), input));
  const outputs = (yield context.df.Task.all(tasks)) as unknown[];
  return outputs.map((output) => ref.output.parse(output));
}

/** Waits. */
export function* waitSeconds(context: OrchestrationContext, seconds: number): Steps<void> {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.valueOf() + seconds * 1_000));
}

/** The first line of what an activity or a child orchestration threw, for people. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n', 1)[0] ?? '').trim().slice(0, 500);
}
