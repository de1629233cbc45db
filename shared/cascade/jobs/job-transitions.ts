/**
 * The life of a job as a pure function. Every change of a stored job is a `transition` of what is stored, so that of two
 * changes at once the second is decided on what the first has made. Invariants:
 *
 *  TRANSITION-1  `transition` returns undefined where the event may not happen, and the same object where it changes
 *      nothing.
 *  TRANSITION-2  Counts of retries only rise; a total is final once the phase has left `identifying`.
 *  TRANSITION-3  `idle` is set by the moves after which the orchestration waits, and cleared by the round that it
 *      begins.
 *  TRANSITION-4  The reason for a pause is there while the job is pausing or paused, and goes with the resume or the
 *      end.
 *  TRANSITION-5  A command for failed records is there until it is applied or the job ends; no round begins while it is
 *      there.
 */
import type { FailureCause } from '../ports.ts';
import {
  type EndCounts,
  type FailedRecordsCommand,
  type Job,
  type JobMessage,
  MAX_NAMED_RECORDS,
  namesRecords,
  type PauseReason,
  type RecordedCommand,
} from './job.ts';
import { withMessage } from './job-messages.ts';
import { type JobMove, moved, STATUS } from './job-status.ts';

type Command = Pick<RecordedCommand, 'command' | 'by' | 'records' | 'successorId'> & {
  /** For a handover: what the job has done, for it ends with that. */
  readonly counts?: EndCounts | undefined;
};

/** What can happen to a job. */
export type JobEvent =
  /** A round of work begins; `processed` records are finished already. */
  | { readonly type: 'run'; readonly processed: number }
  | { readonly type: 'pauseAll' }
  /** Identifying has found so many records; without a cursor it is at its end. */
  | {
      readonly type: 'found';
      readonly from: string | null;
      readonly cursor: string | null;
      readonly total: number;
      readonly totalByTable: Readonly<Record<string, number>>;
    }
  /** A lane tries again; `retries` is its count so far. */
  | { readonly type: 'retried'; readonly lane: string; readonly retries: number; readonly text: string | undefined }
  /** A lane can't go on; `isFinal`: the job is to end Failed. */
  | { readonly type: 'failing'; readonly reason: PauseReason; readonly text: string; readonly isFinal?: boolean }
  | { readonly type: 'stopped'; readonly counts: EndCounts }
  /** Nothing is left to do; `failing` are records that failed, and why the first did. */
  | { readonly type: 'drained'; readonly counts: EndCounts; readonly failing: FailingRecords }
  /** The command for failed records was applied. */
  | { readonly type: 'commandApplied' }
  | { readonly type: 'broken'; readonly text: string }
  | ({ readonly type: 'command' } & Command);

/** Failed records, `MAX_NAMED_RECORDS` at most, and why the first one failed. */
export interface FailingRecords {
  readonly ids: readonly string[];
  readonly problem: string;
  /** The plug-in that made one of them fail. */
  readonly cause?: FailureCause | undefined;
}

/** No record fails. */
export const NONE_FAILING: FailingRecords = { ids: [], problem: '' };

/** The job after an event at a time (ISO 8601 UTC); undefined when the event may not happen in its state. */
export function transition(job: Job, event: JobEvent, on: string): Job | undefined {
  switch (event.type) {
    case 'run':
      return begin(job, event.processed, on);
    case 'pauseAll':
      if (job.status === 'Waiting' && job.idle) return job;
      return move(
        job,
        'pauseAll',
        on,
        { idle: true },
        info('held', 'All jobs are paused by the setting pauseAllJobs.'),
      );
    case 'found':
      return found(job, event, on);
    case 'retried':
      return retried(job, event, on);
    case 'failing': {
      const reason = worse(job.pauseReason, event.reason);
      const { records } = event.reason;
      return move(
        job,
        'failing',
        on,
        { pauseReason: reason, ...(event.isFinal && { failure: event.text }) },
        { level: 'error', code: event.reason.code, text: event.text, records },
      );
    }
    case 'stopped':
      return stopped(job, event.counts, on);
    case 'drained':
      return drained(job, event, on);
    case 'commandApplied':
      return job.failedRecordsCommand === null ? job : { ...job, failedRecordsCommand: null };
    case 'broken':
      return end(job, 'broken', null, on, error('failed', event.text));
    case 'command':
      // Nothing could apply it: the job ends by itself within its deadline.
      if (job.mode === 'sync' && !STATUS[job.status].ended) return undefined;
      return commanded(job, event, on);
  }
}

type Said = Omit<JobMessage, 'on'>;

const info = (code: string, text: string): Said => ({ level: 'info', code, text });
const error = (code: string, text: string): Said => ({ level: 'error', code, text });

function move(job: Job, by: JobMove, on: string, change: Partial<Job>, ...said: readonly Said[]): Job | undefined {
  const status = moved(job.status, by);
  if (status === undefined) return undefined;
  const messages = said.reduce((all, message) => withMessage(all, { on, ...message }), job.messages);
  return { ...job, ...change, status, messages };
}

function begin(job: Job, processed: number, on: string): Job | undefined {
  if (job.failedRecordsCommand !== null) return undefined;
  const change = {
    startedOn: job.startedOn ?? on,
    round: job.round + 1,
    roundOn: on,
    roundProcessed: processed,
    heartbeatOn: on,
    idle: false,
  };
  if (job.startedOn !== null) return move(job, 'run', on, change);
  return move(job, 'run', on, change, info('started', `Runs as user ${job.plan.by}.`));
}

function found(job: Job, event: Extract<JobEvent, { type: 'found' }>, on: string): Job | undefined {
  if (STATUS[job.status].ended) return undefined;
  // Another run of the same step was faster; what it found is the same.
  if (job.phase !== 'identifying' || job.cursor !== event.from) return job;
  const { cursor, total, totalByTable } = event;
  const change = { cursor, total, totalByTable, heartbeatOn: on };
  if (cursor !== null) return { ...job, ...change };
  const text = `${total} ${total === 1 ? 'record' : 'records'} found, the root included.`;
  const messages = withMessage(job.messages, { on, level: 'info', code: 'identified', text });
  return { ...job, ...change, phase: 'applying', messages };
}

function retried(job: Job, event: Extract<JobEvent, { type: 'retried' }>, on: string): Job | undefined {
  const { lane, retries, text } = event;
  if (STATUS[job.status].ended) return undefined;
  if ((job.retries[lane] ?? 0) >= retries) return job;
  const counted = { ...job, retries: { ...job.retries, [lane]: retries } };
  if (text === undefined) return counted;
  return { ...counted, messages: withMessage(job.messages, { on, level: 'warning', code: 'retry', text }) };
}

/** A failure outranks a person's command; of several failures the first stays, with the records of all. */
function worse(earlier: PauseReason | null, later: PauseReason): PauseReason {
  if (!earlier || earlier.code === 'by-command') return later;
  if (!later.records) return earlier;
  if (!earlier.records) return earlier.code === later.code ? later : { ...earlier, records: later.records };
  const records = [...new Set([...earlier.records, ...later.records])].slice(0, MAX_NAMED_RECORDS);
  return { ...earlier, records };
}

function stopped(job: Job, counts: EndCounts, on: string): Job | undefined {
  if (job.status === 'Canceling') return end(job, 'stopped', counts, on, cancelled(counts));
  if (job.failure !== null) {
    const said = `Failed after ${finished(counts)} of ${job.total} records: ${job.failure} Run it again for the rest.`;
    return end(job, 'broken', counts, on, error('failed', said));
  }
  const text = `Paused after ${finished(counts)} of ${job.total} records. Finished records keep their new value.`;
  return move(job, 'stopped', on, { pausedOn: on, idle: true }, info('paused', text));
}

function drained(job: Job, { counts, failing }: Extract<JobEvent, { type: 'drained' }>, on: string): Job | undefined {
  if (job.status === 'Canceling') return end(job, 'drained', counts, on, cancelled(counts));
  if (counts.failed > 0) {
    const { ids: records, cause } = failing;
    const why: PauseReason = { ...(cause ?? { code: 'permanent-error' }), records };
    const said = { ...error(why.code, allButFailed(counts, failing)), records };
    const reason = worse(job.pauseReason, why);
    return move(job, 'failing', on, { pauseReason: reason }, said);
  }
  const why = counts.skipped === 0 ? '' : ' Its changes with outcome=skipped say why.';
  const text = `${counts.done} ${counts.done === 1 ? 'record' : 'records'} done, ${counts.skipped} skipped.${why}`;
  return end(job, 'drained', counts, on, info('completed', text));
}

function allButFailed({ failed }: EndCounts, { problem }: FailingRecords): string {
  const [records, first, them] =
    failed === 1 ? ['1 record fails', '', 'it'] : [`${failed} records fail`, ' The first one:', 'them'];
  const why = problem === '' ? '' : `${first} ${problem}${/[.!?]$/.test(problem) ? '' : '.'}`;
  return `${records} and nothing else is left to do.${why} Remove the cause and retry, or skip ${them}.`;
}

function cancelled(counts: EndCounts): Said {
  const text =
    finished(counts) === 0
      ? 'Canceled before any record was changed.'
      : `Canceled after ${finished(counts)} records, which keep their new value.`;
  return info('canceled', text);
}

function finished({ done, skipped }: EndCounts): number {
  return done + skipped;
}

function end(job: Job, by: JobMove, endCounts: EndCounts | null, on: string, said: Said): Job | undefined {
  const phase = job.phase === 'identifying' ? job.phase : 'finishing';
  return move(
    job,
    by,
    on,
    { completedOn: on, pausedOn: null, pauseReason: null, failedRecordsCommand: null, endCounts, phase },
    said,
  );
}

/** A paused job that goes on. It has no rate before its next round begins. */
const ON_ITS_WAY = { pauseReason: null, pausedOn: null, roundOn: null } as const;

function commanded(job: Job, { command, by, records, successorId, counts }: Command, on: string): Job | undefined {
  switch (command) {
    case 'pause': {
      const reason: PauseReason = { code: 'by-command', user: by };
      return move(job, 'pause', on, { pauseReason: reason }, info('by-command', `${by} asked to pause.`));
    }
    case 'resume': {
      const recordsWish: FailedRecordsCommand | null = namesRecords(job)
        ? { kind: 'retry', records: null }
        : job.failedRecordsCommand;
      return move(
        job,
        'resume',
        on,
        { ...ON_ITS_WAY, failedRecordsCommand: recordsWish },
        info('resumed', `Resumed by ${by}.`),
      );
    }
    case 'retry':
    case 'skip': {
      if (!namesRecords(job)) return undefined;
      const recordsWish: FailedRecordsCommand = { kind: command, records: records ?? null };
      const which = records ? `${records.length}` : 'all';
      const text = `${by} asked to ${command} ${which} of the failed records.`;
      return move(
        job,
        command,
        on,
        { ...ON_ITS_WAY, failedRecordsCommand: recordsWish },
        { ...info(command, text), records },
      );
    }
    case 'cancel':
      return move(job, 'cancel', on, {}, info('cancel', `${by} asked to cancel.`));
    case 'rerun':
      return move(job, 'rerun', on, { rerunAs: successorId }, info('rerun', `${by} ran it again: job ${successorId}.`));
    case 'undo':
      return move(job, 'undo', on, { undoneBy: successorId }, info('undo', `${by} had it undone: job ${successorId}.`));
    case 'handover':
      return end(
        { ...job, handedOverTo: successorId },
        'handover',
        counts ?? null,
        on,
        info('handover', `Handed over to ${by}: job ${successorId} goes on.`),
      );
  }
}
