import type { OrchestrationContext } from 'durable-functions';
import { z } from 'zod';
import { countsSchema, type JobName, jobSchema, runInputSchema } from '../shared/runs/run.ts';
import type { RunRegistry } from '../shared/runs/run-registry.ts';
import { activityRef, callActivity, type Steps } from './activity.ts';

/** What a run is to do, and the counter of requests that it has seen. */
const runTaskSchema = z.strictObject({ input: runInputSchema, requests: z.number() });
export type RunTask = z.infer<typeof runTaskSchema>;

const runSchema = z.strictObject({ job: jobSchema, runId: z.string() });

/** An object around it, because a bare null doesn't come through every host as what it was. */
const turnOutput = z.strictObject({ turn: runTaskSchema.nullable() });

/** Begins a run; null: this instance is no run of the job, and has to end. */
export const beginRun = activityRef('beginRun', runSchema, turnOutput);

/** Ends a run; an answer other than null: somebody has joined it, and it has to look again. */
export const finishRun = activityRef(
  'finishRun',
  runSchema.extend({ requests: z.number(), counts: countsSchema.optional(), error: z.string().optional() }),
  turnOutput,
);

/** The activities of every run. */
export function createRunActivities(registry: Pick<RunRegistry, 'begin' | 'finish'>) {
  return {
    beginRun: async ({ job, runId }: z.infer<typeof beginRun.input>) => ({
      turn: (await registry.begin(job, runId)) ?? null,
    }),
    finishRun: async ({ job, runId, requests, counts, error }: z.infer<typeof finishRun.input>) => {
      const end = { requests, counts, ...(error !== undefined && { error }) };
      return { turn: (await registry.finish(job, runId, end)) ?? null };
    },
  };
}

/** Runs an orchestrator's steps; when they fail for good, the run says so before the instance does. */
export function* reportingFailure<T>(context: OrchestrationContext, job: JobName, steps: Steps<T>): Steps<T> {
  try {
    return yield* steps;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    yield* callActivity(context, finishRun, { job, runId: context.df.instanceId, requests: 0, error: message });
    throw error;
  }
}
