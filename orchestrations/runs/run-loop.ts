/**
 * A run of a job of customer mode, from its start to its end:
 *
 *   begin → step after step → finish, or go on where somebody has joined meanwhile → … → end
 *
 * The instance's id is the run's. It ends when it has done what all who joined it want, continues as new after some steps,
 * and says that it failed before it does.
 */
import type { OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import type { Counts, JobName } from '../../shared/runs/run.ts';
import { callActivity, type Steps } from '../activity.ts';
import { beginRun, finishRun, type RunTask } from './run-activities.ts';

/** How a run's step went on: with more to do, or at the end of what it was asked for. */
export type Stepped<Progress> =
  | { readonly kind: 'more'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly progress: Progress }
  /** It can't go on, though nothing is broken: the run ends Failed and says why. */
  | { readonly kind: 'stuck'; readonly progress: Progress; readonly error: string };

/** A job that works step by step on what one run has to do. */
export interface RunLoop<Progress extends { readonly requests: number }> {
  readonly job: JobName;
  readonly progress: z.ZodType<Progress>;
  /** Steps in one execution; the history of a longer run would slow down each turn. */
  readonly stepsPerExecution: number;
  /** What a run begins with, or begins anew with because somebody has joined it. */
  begin(context: OrchestrationContext, task: RunTask, so: Progress | undefined): Steps<Progress>;
  step(context: OrchestrationContext, progress: Progress): Steps<Stepped<Progress>>;
  countsOf(progress: Progress): Counts;
  /** What the instance shows on the way; default: the counts. */
  statusOf?(progress: Progress): unknown;
}

/** The orchestrator of such a job. */
export function createRunLoop<Progress extends { readonly requests: number }>(loop: RunLoop<Progress>) {
  return function* (context: OrchestrationContext): Steps<unknown> {
    try {
      return yield* run(context, loop);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const failed = { job: loop.job, runId: context.df.instanceId, requests: 0, error: message };
      yield* callActivity(context, finishRun, failed);
      throw error;
    }
  };
}

function* run<Progress extends { readonly requests: number }>(
  context: OrchestrationContext,
  loop: RunLoop<Progress>,
): Steps<unknown> {
  const { job, countsOf, statusOf = countsOf } = loop;
  const runId = context.df.instanceId;
  const first = yield* firstProgress(context, loop);
  if (!first) return 'not a run';
  let progress = first;
  for (let step = 0; step < loop.stepsPerExecution; step++) {
    context.df.setCustomStatus(statusOf(progress));
    const stepped = yield* loop.step(context, progress);
    progress = stepped.progress;
    if (stepped.kind === 'more') continue;
    const counts = countsOf(progress);
    const end = { job, runId, requests: progress.requests, counts };
    const stuck = stepped.kind === 'stuck' && { error: stepped.error };
    const { turn: task } = yield* callActivity(context, finishRun, { ...end, ...stuck });
    context.df.setCustomStatus(counts);
    if (!task) return counts;
    progress = yield* loop.begin(context, task, progress);
  }
  context.df.continueAsNew(progress);
  return undefined;
}

function* firstProgress<Progress extends { readonly requests: number }>(
  context: OrchestrationContext,
  loop: RunLoop<Progress>,
): Steps<Progress | undefined> {
  const continued = loop.progress.safeParse(context.df.getInput());
  if (continued.success) return continued.data;
  const { turn: task } = yield* callActivity(context, beginRun, { job: loop.job, runId: context.df.instanceId });
  return task ? yield* loop.begin(context, task, undefined) : undefined;
}
