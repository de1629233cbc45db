import type { EventContent } from '../../events/event.ts';
import type { Job } from './job.ts';

const TYPE_OF_STATUS = {
  Paused: 'jobPaused',
  Completed: 'jobCompleted',
  Failed: 'jobFailed',
  Canceled: 'jobCancelled',
} as const satisfies Partial<Record<Job['status'], EventContent['type']>>;

/** What a change of a job is to be told as: nothing for most. `before` is undefined for a job that is made. Pure. */
export function jobEvents(before: Pick<Job, 'status'> | undefined, job: Job): EventContent[] {
  const events: EventContent[] = [];
  if (!before) events.push({ type: 'jobCreated', data: dataOf(job) });
  const type = before?.status === job.status ? undefined : typeOf(job.status);
  if (type) events.push({ type, data: dataOf(job) });
  return events;
}

function typeOf(status: Job['status']) {
  return status in TYPE_OF_STATUS ? TYPE_OF_STATUS[status as keyof typeof TYPE_OF_STATUS] : undefined;
}

function dataOf(job: Job) {
  const { plan, endCounts } = job;
  return {
    jobId: job.id,
    action: plan.action,
    table: plan.table,
    recordId: plan.recordId,
    mode: job.mode,
    status: job.status,
    createdBy: plan.by,
    total: job.total,
    counts: endCounts && { done: endCounts.done, failed: endCounts.failed, skipped: endCounts.skipped },
    pauseCode: job.pauseReason?.code ?? null,
    text: job.messages.at(-1)?.text ?? null,
  };
}
