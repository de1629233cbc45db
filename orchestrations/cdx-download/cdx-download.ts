import { z } from 'zod';
import { channelDownloadSchema } from '../../shared/customers/download/channel-download.ts';
import type { DownloadJobName } from '../../shared/runs/run.ts';
import { callActivities, callActivity, waitSeconds } from '../activity.ts';
import { createRunLoop } from '../run-loop.ts';
import { downloadPage, planDownload } from './cdx-download-activities.ts';

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

/** 1010, 1070 or 1110: brings the channels what the job carries, some channels at a time, page after page. */
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
