/**
 * The events that Spillway tells others of, by topic and webhook: the schema, and how an event is made from what happened.
 *
 *  EVENT-1  An event's id is `<key>.<sequence>`, fixed when it is written: whoever gets it twice knows it again.
 *  EVENT-2  Of one key (a job's or a customer's id) the sequence rises with each event, not always by one.
 */
import { z } from 'zod';

const jobData = z.strictObject({
  jobId: z.string(),
  action: z.string(),
  table: z.string(),
  recordId: z.string(),
  mode: z.enum(['sync', 'async']),
  /** As GET /system-jobs/{id} shows it. */
  status: z.string(),
  createdBy: z.string(),
  total: z.number().int(),
  /** What it ended with; null before, and where that isn't known. */
  counts: z.strictObject({ done: z.number(), failed: z.number(), skipped: z.number() }).nullable(),
  /** Code of the reason for a pause. */
  pauseCode: z.string().nullable(),
  /** The job's last message. */
  text: z.string().nullable(),
});
export type JobEventData = z.infer<typeof jobData>;

const synchronizedData = z.strictObject({
  customerId: z.string(),
  accountNumber: z.string().nullable(),
  /** Operations that were applied since the last such event, oldest first; the first hundred. */
  operationIds: z.array(z.string()),
});

const syncFailedData = z.strictObject({
  customerId: z.string(),
  accountNumber: z.string().nullable(),
  /** The operation that failed; it holds back the later ones of the customer. */
  operationId: z.string(),
  operation: z.string(),
  channel: z.string(),
  error: z.string(),
});

const common = {
  /** The same whenever and wherever the event is told. */
  id: z.string(),
  /** The job's or customer's id: events of one key come in order. */
  key: z.string(),
  sequence: z.number().int(),
  occurredOn: z.iso.datetime(),
};

const jobEvent = <T extends string>(type: T) => z.strictObject({ ...common, type: z.literal(type), data: jobData });

/** An event as it travels. */
export const eventSchema = z.discriminatedUnion('type', [
  jobEvent('jobCreated'),
  jobEvent('jobPaused'),
  jobEvent('jobCompleted'),
  jobEvent('jobFailed'),
  jobEvent('jobCancelled'),
  z.strictObject({ ...common, type: z.literal('customerSynchronized'), data: synchronizedData }),
  z.strictObject({ ...common, type: z.literal('customerSyncFailed'), data: syncFailedData }),
]);
export type SpillwayEvent = z.infer<typeof eventSchema>;

/** What an event tells, before it has its place among the events of its key. */
export type EventContent = SpillwayEvent extends infer E
  ? E extends SpillwayEvent
    ? Pick<E, 'type' | 'data'>
    : never
  : never;

/** Changes of one key that can each tell of so many things. */
const EVENTS_PER_CHANGE = 4;

/** The events of one change of a key. `change` is a number that rises with each change of the key: its version or epoch. */
export function eventsOfChange(
  { key, change, occurredOn }: { readonly key: string; readonly change: number; readonly occurredOn: string },
  contents: readonly EventContent[],
): SpillwayEvent[] {
  return contents.slice(0, EVENTS_PER_CHANGE).map((content, at) => {
    const sequence = change * EVENTS_PER_CHANGE + at;
    return { id: `${key}.${sequence}`, key, sequence, occurredOn, ...content };
  });
}
