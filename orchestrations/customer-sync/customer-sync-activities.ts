import { z } from 'zod';
import type { ApplyJob } from '../../shared/customers/apply/apply-job.ts';
import { pendingPlaceSchema } from '../../shared/customers/headquarters/pending-customers.ts';
import { activityRef } from '../activity.ts';

/** Lists the next customers that wait, in groups of an activity's size; no `next`: these are the last. */
export const listPendingCustomers = activityRef(
  'listPendingCustomers',
  z.strictObject({ after: pendingPlaceSchema.optional() }),
  z.strictObject({ groups: z.array(z.array(z.string())), next: pendingPlaceSchema.optional() }),
);

/** Applies what some customers have waiting; `step` names this page of this run, for the counts; `busy`: how many of them another worker had. */
export const applyCustomers = activityRef(
  'applyCustomers',
  z.strictObject({ runId: z.string(), step: z.string(), customers: z.array(z.string()) }),
  z.strictObject({ applied: z.number(), failed: z.number(), held: z.number(), busy: z.number() }),
);

/** The activities of the sync job. */
export function createCustomerSyncActivities(job: Pick<ApplyJob, 'listPending' | 'applyCustomers'>) {
  return {
    listPendingCustomers: async ({ after }: z.infer<typeof listPendingCustomers.input>) => {
      const { groups, next } = await job.listPending(after);
      return { groups, ...(next && { next }) };
    },
    applyCustomers: ({ runId, step, customers }: z.infer<typeof applyCustomers.input>) =>
      job.applyCustomers(customers, runId, step),
  };
}
