/** How far a run of the sync job is, and what comes after each page of its queue: pure. */
import { z } from 'zod';
import { type PendingPlace, pendingPlaceSchema } from '../headquarters/pending-customers.ts';

/** How far a run of the sync job is; its input when it continues as new. */
export const customerSyncProgressSchema = z.strictObject({
  applied: z.number(),
  failed: z.number(),
  held: z.number(),
  /** The customer after which this pass through the queue goes on; absent at its beginning. */
  after: pendingPlaceSchema.optional(),
  /** Customers of this pass that another worker had. */
  busy: z.number(),
  /** Pages that the run has been through, in all passes. */
  pages: z.number().default(0),
  /** Passes that were repeated because customers were busy. */
  repeats: z.number(),
  /** The counter of requests that the run has seen. */
  requests: z.number(),
});
export type CustomerSyncProgress = z.infer<typeof customerSyncProgressSchema>;

/** How often the queue is gone through again for customers that another worker has; with the wait it outlasts a dead one's hold. */
export const MAX_REPEATS = 8;

/** What one group of a page came to, in customers' operations; `busy` in customers. */
export interface PageOutcome {
  readonly applied: number;
  readonly failed: number;
  readonly held: number;
  readonly busy: number;
}

/** A run that begins, or begins anew because somebody has joined it. */
export function begun(
  { requests }: Pick<CustomerSyncProgress, 'requests'>,
  so?: CustomerSyncProgress,
): CustomerSyncProgress {
  const { applied = 0, failed = 0, held = 0, pages = 0 } = so ?? {};
  return { applied, failed, held, pages, busy: 0, repeats: 0, requests };
}

/** The progress after a page of the queue, and what comes next. Pure. */
export function afterPage(
  progress: CustomerSyncProgress,
  outcomes: readonly PageOutcome[],
  next: PendingPlace | undefined,
): { readonly step: 'page' | 'repeat' | 'finish'; readonly progress: CustomerSyncProgress } {
  const { after: _after, ...before } = progress;
  const sum = (count: (each: PageOutcome) => number) => outcomes.reduce((total, each) => total + count(each), 0);
  const added = {
    ...before,
    pages: before.pages + 1,
    applied: before.applied + sum(({ applied }) => applied),
    failed: before.failed + sum(({ failed }) => failed),
    held: before.held + sum(({ held }) => held),
    busy: before.busy + sum(({ busy }) => busy),
  };
  if (next) return { step: 'page', progress: { ...added, after: next } };
  if (added.busy === 0 || added.repeats >= MAX_REPEATS) return { step: 'finish', progress: added };
  return { step: 'repeat', progress: { ...added, busy: 0, repeats: added.repeats + 1 } };
}
