/** 1010, 1070 and 1110: bring the channels what each carries, some channels at a time, page after page. */
import { app } from 'durable-functions';
import { z } from 'zod';
import { channelDownloadSchema } from '../../shared/customers/download/channel-download.ts';
import type { DownloadJob } from '../../shared/customers/download/download-job.ts';
import { type DownloadJobName, JOBS } from '../../shared/runs/run.ts';
import { callActivities, callActivity, waitSeconds } from '../activity.ts';
import { registerActivity } from '../register-activity.ts';
import { createRunLoop } from '../runs/run-loop.ts';
import { createCdxDownloadActivities, downloadPage, planDownload } from './cdx-download-activities.ts';

/** Channels that are downloaded to at the same time. */
const CHANNELS_AT_ONCE = 4;
const ROUNDS_PER_EXECUTION = 50;
const RETRY_SECONDS = 2;

/** How far a run is; its input when it continues as new. */
const progressSchema = z.strictObject({
  requests: z.number(),
  applied: z.number(),
  /** Sessions that were given up, and channels that wait behind a suspended one. */
  failed: z.number(),
  held: z.number(),
  /** Channels that don't have all yet, those at work first. */
  open: z.array(channelDownloadSchema),
});

/** Tells the Functions runtime of the orchestrations and their activities. To be called once, at the start. */
export function registerCdxDownload({ downloadJob }: { readonly downloadJob: DownloadJob }): void {
  const activities = createCdxDownloadActivities(downloadJob);
  registerActivity(planDownload, activities.planDownload);
  registerActivity(downloadPage, activities.downloadPage);
  for (const job of ['1010', '1070', '1110'] as const) {
    app.orchestration(JOBS[job].orchestration, createCdxDownload(job));
  }
}

/** The orchestrator of one of them: the next page of several channels, again and again. */
export function createCdxDownload(job: DownloadJobName) {
  return createRunLoop<z.infer<typeof progressSchema>>({
    job,
    progress: progressSchema,
    stepsPerExecution: ROUNDS_PER_EXECUTION,
    countsOf: ({ applied, failed, held }) => ({ applied, ...(failed > 0 && { failed }), ...(held > 0 && { held }) }),
    statusOf: ({ applied, open }) => ({ applied, channelsLeft: open.length }),

    *begin(context, { input, requests }, so) {
      const { stretches, held } = yield* callActivity(context, planDownload, { job, ...input });
      const { applied = 0, failed = 0 } = so ?? {};
      return { requests, applied, failed, held: held.length, open: stretches };
    },

    *step(context, progress) {
      const { open } = progress;
      if (open.length === 0) return { kind: 'done', progress };
      const atWork = open.slice(0, CHANNELS_AT_ONCE);
      const pages = yield* callActivities(context, downloadPage, atWork);
      if (pages.some(({ failed }) => failed === 'again')) yield* waitSeconds(context, RETRY_SECONDS);
      const left = pages.flatMap(({ next, failed }, at) => next ?? (failed === 'again' ? (atWork[at] ?? []) : []));
      const after = {
        ...progress,
        applied: pages.reduce((sum, { rows }) => sum + rows, progress.applied),
        failed: progress.failed + pages.filter(({ failed }) => failed === 'suspended').length,
        open: [...left, ...open.slice(CHANNELS_AT_ONCE)],
      };
      return { kind: 'more', progress: after };
    },
  });
}
