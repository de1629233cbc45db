import { z } from 'zod';
import { countsSchema, jobSchema, runInputSchema } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';
import { activityRef } from '../activity.ts';
import { registerActivity } from '../register-activity.ts';

/** What a run is to do, and the counter of requests that it has seen. */
const runTaskSchema = z.strictObject({ input: runInputSchema, requests: z.number() });
export type RunTask = z.infer<typeof runTaskSchema>;

const runSchema = z.strictObject({ job: jobSchema, runId: z.string() });

/** An object around it, because a bare null doesn't come through every host as what it was. Running jobs carry the name `turn`. */
const taskOutput = z.strictObject({ turn: runTaskSchema.nullable() });

/** Begins a run; null: this instance is no run of the job, and has to end. */
export const beginRun = activityRef('beginRun', runSchema, taskOutput);

/** Ends a run; an answer other than null: somebody has joined it, and it has to look again. */
export const finishRun = activityRef(
  'finishRun',
  runSchema.extend({ requests: z.number(), counts: countsSchema.optional(), error: z.string().optional() }),
  taskOutput,
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

/** Tells the Functions runtime of the activities of every run. To be called once, at the start. */
export function registerRuns({ runs }: { readonly runs: RunRegistry }): void {
  const activities = createRunActivities(runs);
  registerActivity(beginRun, activities.beginRun);
  registerActivity(finishRun, activities.finishRun);
}
