import { z } from 'zod';
import type { BulkJob } from '../../shared/customers/bulk/bulk-job.ts';
import { activityRef } from '../activity.ts';

/** Works off the next page of a bulk change; `busy`: customers that another worker had. */
export const changeBulkPage = activityRef(
  'changeBulkPage',
  z.strictObject({ bulkId: z.string() }),
  z.strictObject({ done: z.boolean(), busy: z.array(z.string()) }),
);

/** Ends a bulk change that can't go on. */
export const failBulk = activityRef(
  'failBulk',
  z.strictObject({ bulkId: z.string(), error: z.string() }),
  z.strictObject({}),
);

/** The activities of bulk changes. */
export function createBulkChangeActivities(job: Pick<BulkJob, 'step' | 'fail'>) {
  return {
    changeBulkPage: ({ bulkId }: z.infer<typeof changeBulkPage.input>) => job.step(bulkId),
    failBulk: async ({ bulkId, error }: z.infer<typeof failBulk.input>) => {
      await job.fail(bulkId, error);
      return {};
    },
  };
}
