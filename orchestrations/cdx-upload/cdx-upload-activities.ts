import { z } from 'zod';
import type { UploadJob } from '../../shared/customers/upload/upload-job.ts';
import { activityRef } from '../activity.ts';

/** How many operations were uploaded so far, by all runs. */
export const uploadedTotal = activityRef('uploadedTotal', z.strictObject({}), z.strictObject({ total: z.number() }));

/** Uploads one page of one channel's operations, or finishes the one that an earlier run began. */
export const uploadPage = activityRef(
  'uploadPage',
  z.strictObject({ channels: z.array(z.string()).optional(), skip: z.array(z.string()) }),
  z.strictObject({
    channel: z.string().nullable(),
    full: z.boolean(),
    total: z.number(),
    failed: z.enum(['again', 'suspended']).optional(),
    blocked: z.string().optional(),
  }),
);

/** The activities of P-0001. */
export function createCdxUploadActivities(job: Pick<UploadJob, 'total' | 'uploadPage'>) {
  return {
    uploadedTotal: async () => ({ total: await job.total() }),
    uploadPage: (input: z.infer<typeof uploadPage.input>) => job.uploadPage(input),
  };
}
