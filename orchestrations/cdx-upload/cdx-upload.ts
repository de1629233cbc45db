import type { OrchestrationContext } from 'durable-functions';
import { z } from 'zod';
import { type JobName, runInputSchema } from '../../shared/runs/run.ts';
import { callActivity, type Steps } from '../activity.ts';
import { beginRun, finishRun, reportingFailure } from '../run-activities.ts';
import { uploadedTotal, uploadPage } from './cdx-upload-activities.ts';

const JOB: JobName = 'P-0001';
/** Pages in one execution; the history of a longer run would slow down each turn. */
const MAX_PAGES_PER_EXECUTION = 100;

/** How far a run of P-0001 is; its input when it continues as new. */
const progressSchema = z.strictObject({
  input: runInputSchema,
  requests: z.number(),
  /** Operations uploaded by all runs before this one. */
  before: z.number(),
  uploaded: z.number(),
  /** Channels that had no more when they were asked. */
  emptied: z.array(z.string()),
});
type Progress = z.infer<typeof progressSchema>;

/** P-0001: uploads page after page, channel after channel, until each has been found empty once. The instance's id is the run's. */
export function* cdxUpload(context: OrchestrationContext): Steps<unknown> {
  return yield* reportingFailure(context, JOB, upload(context));
}

function* upload(context: OrchestrationContext): Steps<unknown> {
  const runId = context.df.instanceId;
  const first = yield* firstProgress(context, runId);
  if (!first) return 'not a run';
  let progress: Progress = first;
  for (let page = 0; page < MAX_PAGES_PER_EXECUTION; page++) {
    context.df.setCustomStatus({ uploaded: progress.uploaded });
    const { input, emptied, before, requests } = progress;
    const { channel, full, total } = yield* callActivity(context, uploadPage, { ...input, skip: emptied });
    progress = { ...progress, uploaded: total - before };
    if (channel !== null) {
      if (!full) progress = { ...progress, emptied: [...new Set([...emptied, channel])] };
      continue;
    }
    const counts = { uploaded: progress.uploaded };
    const { turn } = yield* callActivity(context, finishRun, { job: JOB, runId, requests, counts });
    context.df.setCustomStatus(counts);
    if (!turn) return counts;
    progress = { ...progress, ...turn, emptied: [] };
  }
  context.df.continueAsNew(progress);
  return undefined;
}

function* firstProgress(context: OrchestrationContext, runId: string): Steps<Progress | undefined> {
  const continued = progressSchema.safeParse(context.df.getInput());
  if (continued.success) return continued.data;
  const { turn } = yield* callActivity(context, beginRun, { job: JOB, runId });
  if (!turn) return undefined;
  const { total } = yield* callActivity(context, uploadedTotal, {});
  return { ...turn, before: total, uploaded: 0, emptied: [] };
}
