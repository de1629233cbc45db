import { z } from 'zod';
import { channelDownloadSchema } from '../../shared/customers/download/channel-download.ts';
import type { DownloadJob } from '../../shared/customers/download/download-job.ts';
import { activityRef } from '../activity.ts';

const downloadJobSchema = channelDownloadSchema.shape.job;

/** What there is to download to each channel; without `channels`, to all. `held`: those that wait behind a suspended session. */
export const planDownload = activityRef(
  'planDownload',
  z.strictObject({ job: downloadJobSchema, channels: z.array(z.string()).optional() }),
  z.strictObject({ stretches: z.array(channelDownloadSchema), held: z.array(z.string()) }),
);

/** Downloads the next page to a channel; neither `next` nor `failed`: the channel has all. */
export const downloadPage = activityRef(
  'downloadPage',
  channelDownloadSchema,
  z.strictObject({
    rows: z.number(),
    next: channelDownloadSchema.optional(),
    failed: z.enum(['again', 'suspended']).optional(),
  }),
);

/** The activities of 1010, 1070 and 1110. */
export function createCdxDownloadActivities(job: Pick<DownloadJob, 'plan' | 'downloadPage'>) {
  return {
    planDownload: ({ job: name, channels }: z.infer<typeof planDownload.input>) => job.plan(name, channels),
    downloadPage: (channel: z.infer<typeof channelDownloadSchema>) => job.downloadPage(channel),
  };
}
