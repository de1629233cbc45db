import { z } from 'zod';
import { type PendingPlace, pendingPlaceSchema } from '../../shared/customers/headquarters/pending-customers.ts';
import type { RunTurn } from '../run-activities.ts';

/** How far a run of the sync job is; its input when it continues as new. */
export const progressSchema = z.strictObject({
  applied: z.number(),
  failed: z.number(),
  held: z.number(),
  /** The customer after which this walk through the queue goes on; absent at its beginning. */
  after: pendingPlaceSchema.optional(),
  /** Customers of this walk that another worker had. */
  busy: z.number(),
  /** Pages that the run has been through, in all walks. */
  pages: z.number().default(0),
  /** Walks that were repeated because customers were busy. */
  repeats: z.number(),
  /** The counter of requests that the run has seen. */
  requests: z.number(),
});
export type Progress = z.infer<typeof progressSchema>;

/** How often the queue is walked again for customers that another worker has; with the wait it outlasts a dead one's hold. */
export const MAX_REPEATS = 8;

/** What one group of a page came to, in customers' operations; `busy` in customers. */
export interface PageOutcome {
  readonly applied: number;
  readonly failed: number;
  readonly held: number;
  readonly busy: number;
}

/** A run that begins, or begins anew because somebody has joined it. */
export function begun({ requests }: Pick<RunTurn, 'requests'>, so?: Progress): Progress {
  const { applied = 0, failed = 0, held = 0, pages = 0 } = so ?? {};
  return { applied, failed, held, pages, busy: 0, repeats: 0, requests };
}

/** The progress after a page of the queue, and what comes next. Pure. */
export function afterPage(
  progress: Progress,
  outcomes: readonly PageOutcome[],
  next: PendingPlace | undefined,
): { readonly step: 'page' | 'repeat' | 'finish'; readonly progress: Progress } {
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
