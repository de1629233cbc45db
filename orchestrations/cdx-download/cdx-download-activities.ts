import { z } from 'zod';
import { feedPlaceSchema } from '../../shared/customers/download/customer-feed.ts';
import type { DownloadJob } from '../../shared/customers/download/download-job.ts';
import { activityRef } from '../activity.ts';

/** A channel's download on its way. */
export const stretchSchema = z.strictObject({
  channel: z.string(),
  fromMinute: z.string(),
  toMinute: z.string(),
  after: feedPlaceSchema.optional(),
});

/** What each channel has to be brought; without `channels`, all channels. */
export const planDownload = activityRef(
  'planDownload',
  z.strictObject({ channels: z.array(z.string()).optional() }),
  z.strictObject({ stretches: z.array(stretchSchema) }),
);

/** Brings the next page of customers to a channel; no `next`: the channel has all. */
export const downloadPage = activityRef(
  'downloadPage',
  stretchSchema,
  z.strictObject({ customers: z.number(), next: stretchSchema.optional() }),
);

/** The activities of 1010. */
export function createCdxDownloadActivities(job: Pick<DownloadJob, 'plan' | 'downloadPage'>) {
  return {
    planDownload: async ({ channels }: z.infer<typeof planDownload.input>) => ({ stretches: await job.plan(channels) }),
    downloadPage: async (stretch: z.infer<typeof stretchSchema>) => {
      const { customers, next } = await job.downloadPage(stretch);
      return { customers, ...(next && { next }) };
    },
  };
}
