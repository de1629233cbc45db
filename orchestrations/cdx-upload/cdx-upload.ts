/** P-0001: uploads page after page, channel after channel, until each has been found empty once. */
import { app } from 'durable-functions';
import { z } from 'zod';
import type { UploadJob } from '../../shared/customers/upload/upload-job.ts';
import { JOBS, runInputSchema } from '../../shared/runs/run.ts';
import { callActivity, waitSeconds } from '../activity.ts';
import { registerActivity } from '../register-activity.ts';
import { createRunLoop } from '../runs/run-loop.ts';
import { createCdxUploadActivities, uploadedTotal, uploadPage } from './cdx-upload-activities.ts';

const PAGES_PER_EXECUTION = 100;
const RETRY_SECONDS = 2;

/** How far a run of P-0001 is; its input when it continues as new. */
const progressSchema = z.strictObject({
  input: runInputSchema,
  requests: z.number(),
  /** Operations uploaded by all runs before this one. */
  before: z.number(),
  uploaded: z.number(),
  /** Channels that had no more when they were asked, or can't go on. */
  emptied: z.array(z.string()),
  /** Sessions that were given up. */
  failed: z.number(),
});

/** Tells the Functions runtime of the orchestration and its activities. To be called once, at the start. */
export function registerCdxUpload({ uploadJob }: { readonly uploadJob: UploadJob }): void {
  const activities = createCdxUploadActivities(uploadJob);
  registerActivity(uploadedTotal, activities.uploadedTotal);
  registerActivity(uploadPage, activities.uploadPage);
  app.orchestration(JOBS['P-0001'].orchestration, cdxUpload);
}

/** The orchestrator: a page of one channel's operations after the other. */
export const cdxUpload = createRunLoop<z.infer<typeof progressSchema>>({
  job: 'P-0001',
  progress: progressSchema,
  stepsPerExecution: PAGES_PER_EXECUTION,
  countsOf: ({ uploaded, failed }) => ({ uploaded, ...(failed > 0 && { failed }) }),

  *begin(context, task, so) {
    if (so) return { ...so, ...task, emptied: [] };
    const { total } = yield* callActivity(context, uploadedTotal, {});
    return { ...task, before: total, uploaded: 0, emptied: [], failed: 0 };
  },

  *step(context, progress) {
    const { input, emptied, before } = progress;
    const page = yield* callActivity(context, uploadPage, { ...input, skip: emptied });
    const { channel, full, total, failed, blocked } = page;
    const so = { ...progress, uploaded: total - before };
    if (blocked !== undefined) return { kind: 'stuck', progress: so, error: blocked };
    if (channel === null) return { kind: 'done', progress: so };
    if (failed === 'again') yield* waitSeconds(context, RETRY_SECONDS);
    if (full || failed === 'again') return { kind: 'more', progress: so };
    const given = { ...so, failed: so.failed + Number(failed === 'suspended') };
    return { kind: 'more', progress: { ...given, emptied: [...new Set([...emptied, channel])] } };
  },
});
