import type { OrchestrationContext } from 'durable-functions';
import { z } from 'zod';
import type { JobName } from '../../shared/runs/run.ts';
import { callActivities, callActivity, type Steps } from '../activity.ts';
import { beginRun, finishRun, reportingFailure, runTurnSchema } from '../run-activities.ts';
import { downloadPage, planDownload, stretchSchema } from './cdx-download-activities.ts';

const JOB: JobName = '1010';
/** Channels that are downloaded to at the same time. */
const CHANNELS_AT_ONCE = 4;
/** Rounds of pages in one execution; the history of a longer run would slow down each turn. */
const MAX_ROUNDS_PER_EXECUTION = 50;

/** How far a run of 1010 is; its input when it continues as new. */
const progressSchema = z.strictObject({
  turn: runTurnSchema,
  applied: z.number(),
  /** Channels that don't have all yet, those at work first. */
  open: z.array(stretchSchema),
});
type Progress = z.infer<typeof progressSchema>;

/** 1010: brings changed customers to the channels, some channels at a time, page after page. The instance's id is the run's. */
export function* cdxDownload(context: OrchestrationContext): Steps<unknown> {
  return yield* reportingFailure(context, JOB, download(context));
}

function* download(context: OrchestrationContext): Steps<unknown> {
  const runId = context.df.instanceId;
  const first = yield* firstProgress(context, runId);
  if (!first) return 'not a run';
  let progress: Progress = first;
  for (let round = 0; round < MAX_ROUNDS_PER_EXECUTION; round++) {
    context.df.setCustomStatus({ applied: progress.applied, channelsLeft: progress.open.length });
    const { turn, open } = progress;
    if (open.length > 0) {
      const pages = yield* callActivities(context, downloadPage, open.slice(0, CHANNELS_AT_ONCE));
      const left = pages.flatMap(({ next }) => (next ? [next] : []));
      const applied = pages.reduce((sum, { customers }) => sum + customers, progress.applied);
      progress = { turn, applied, open: [...left, ...open.slice(CHANNELS_AT_ONCE)] };
      continue;
    }
    const counts = { applied: progress.applied };
    const finished = yield* callActivity(context, finishRun, { job: JOB, runId, requests: turn.requests, counts });
    if (!finished.turn) return counts;
    const planned = yield* callActivity(context, planDownload, finished.turn.input);
    progress = { ...progress, turn: finished.turn, open: planned.stretches };
  }
  context.df.continueAsNew(progress);
  return undefined;
}

function* firstProgress(context: OrchestrationContext, runId: string): Steps<Progress | undefined> {
  const continued = progressSchema.safeParse(context.df.getInput());
  if (continued.success) return continued.data;
  const { turn } = yield* callActivity(context, beginRun, { job: JOB, runId });
  if (!turn) return undefined;
  const { stretches } = yield* callActivity(context, planDownload, turn.input);
  return { turn, applied: 0, open: stretches };
}
