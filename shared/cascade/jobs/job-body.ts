import { z } from 'zod';
import { TABLE_NAMES } from '../../catalogue/tables.ts';
import { CASCADE_ACTIONS } from './action-needs.ts';
import { type BatchPace, batchSizeOf } from './batch-pace.ts';
import { type EndCounts, type Job, legalNow, pauseReasonSchema } from './job.ts';
import { requestOf, requestSchema } from './job-request.ts';
import { JOB_COMMANDS, JOB_STATUSES, STATUS } from './job-status.ts';
import { latest, NO_COUNTS, processedOf } from './progress.ts';

/**
 * The JSON of a job. `counts` are those of its lanes now; a job that has ended shows those that it ended with. The rate is
 * that of the round at hand, and of the whole time for a job that has ended.
 */
export function toJobBody(job: Job, counts: EndCounts, pace: BatchPace, nowMs: number): Record<string, unknown> {
  const { label, stateCode, statusCode } = STATUS[job.status];
  const shown = job.endCounts ?? counts;
  const { plan, total } = job;
  return {
    id: job.id,
    name: jobName(plan),
    action: plan.action,
    table: plan.table,
    recordId: plan.recordId,
    mode: job.mode,
    phase: job.phase,
    status: job.status,
    label,
    stateCode,
    statusCode,
    createdBy: plan.by,
    createdOn: plan.createdOn,
    startedOn: job.startedOn,
    completedOn: job.completedOn,
    retryCount: Object.values(job.retries).reduce((sum, retries) => sum + retries, 0),
    progress: {
      total,
      done: shown.done,
      failed: shown.failed,
      skipped: shown.skipped,
      ...paceOf(job, shown, nowMs),
      heartbeatOn: latest(job.heartbeatOn, shown.heartbeatOn),
    },
    byTable: byTable(job, shown),
    batchSize: batchSizeOf(pace),
    throttledBy: throttledBy(job, pace),
    pauseReason: job.pauseReason,
    messages: job.messages,
    legalCommands: legalNow(job),
    request: requestOf(plan),
    ...lineageOf(job),
  };
}

/** The jobs that it came from, and those that came of it; absent where there are none. */
function lineageOf({ plan, undoneBy, rerunAs, handedOverTo }: Job): Record<string, string> {
  const undoOf = plan.action === 'undo' ? plan.undoneJobId : undefined;
  const { rerunOf, handoverOf } = plan;
  const lineage = Object.entries({ undoOf, undoneBy, rerunOf, rerunAs, handoverOf, handedOverTo });
  return Object.fromEntries(lineage.flatMap(([name, id]) => (id === undefined ? [] : [[name, id]])));
}

/** What the job does, in words. */
function jobName(plan: Job['plan']): string {
  const what = `${plan.table} ${plan.recordId}`;
  switch (plan.action) {
    case 'assign':
      return `Assign ${what} to ${plan.ownerId}`;
    case 'delete':
      return `Delete ${what}`;
    case 'merge':
      return `Merge ${plan.table} ${plan.subordinateId} into ${plan.recordId}`;
    case 'share':
      return `Share ${what} with ${plan.principal}`;
    case 'unshare':
      return `Unshare ${what} from ${plan.principal}`;
    case 'reparent':
      return `Reparent ${what} by ${plan.relationship}`;
    case 'revokeInheritedAccess':
      return `Revoke inherited access by ${plan.recordId}`;
    case 'reconcileAccess':
      return `Reconcile access of ${what}`;
    case 'undo':
      return `Undo ${plan.undoneAction} of ${what}, job ${plan.undoneJobId}`;
  }
}

/** What holds the job back just now: busy storage, or the switch for all jobs. */
function throttledBy({ status, idle }: Job, { isBusy }: BatchPace): 'storage' | 'pauseAllJobs' | null {
  if (status === 'Waiting' && idle) return 'pauseAllJobs';
  return status === 'InProgress' && isBusy ? 'storage' : null;
}

/** Records per second to one decimal, and whole seconds that are left at that rate; null where there is no telling. */
function paceOf(job: Job, counts: EndCounts, nowMs: number): { perSecond: number; secondsLeft: number | null } {
  const processed = processedOf(counts);
  if (STATUS[job.status].ended) {
    const perSecond = rate(processed, job.startedOn, Date.parse(job.completedOn ?? ''));
    return { perSecond, secondsLeft: job.status === 'Completed' ? 0 : null };
  }
  if (job.status !== 'InProgress') return { perSecond: 0, secondsLeft: null };
  const perSecond = rate(processed - job.roundProcessed, job.roundOn, nowMs);
  const known = job.phase !== 'identifying' && perSecond > 0;
  return { perSecond, secondsLeft: known ? Math.ceil(Math.max(0, job.total - processed) / perSecond) : null };
}

function rate(records: number, sinceOn: string | null, untilMs: number): number {
  const seconds = (untilMs - Date.parse(sinceOn ?? '')) / 1000;
  return seconds > 0 && records > 0 ? Math.round((records / seconds) * 10) / 10 : 0;
}

function byTable({ totalByTable }: Job, counts: EndCounts): Record<string, unknown> {
  const tables = Object.entries(totalByTable).map(([table, total]) => {
    const { done, failed, skipped } = counts.byTable[table] ?? NO_COUNTS;
    return [table, { total, done, failed, skipped }];
  });
  return Object.fromEntries(tables);
}

const count = z.number().int();
const counts = { total: count, done: count, failed: count, skipped: count };

/** Schema of a job's JSON. */
export const jobBodySchema = z.strictObject({
  id: z.guid(),
  name: z.string(),
  action: z.enum([...CASCADE_ACTIONS, 'revokeInheritedAccess', 'reconcileAccess', 'undo']),
  table: z.enum(TABLE_NAMES),
  recordId: z.string(),
  mode: z.enum(['sync', 'async']),
  phase: z.enum(['identifying', 'applying', 'finishing']),
  status: z.enum(JOB_STATUSES),
  label: z.enum(['In Progress', 'Completed', 'Failed']).describe('As the view "Cascade Operations" has it.'),
  stateCode: z.number().int(),
  statusCode: z.number().int(),
  createdBy: z.string(),
  createdOn: z.iso.datetime(),
  startedOn: z.iso.datetime().nullable(),
  completedOn: z.iso.datetime().nullable(),
  retryCount: count,
  progress: z.strictObject({
    ...counts,
    perSecond: z.number(),
    secondsLeft: z.number().nullable().describe('Null where there is no telling.'),
    heartbeatOn: z.iso.datetime().nullable(),
  }),
  byTable: z.partialRecord(z.enum(TABLE_NAMES), z.strictObject(counts)),
  batchSize: count.describe('Most records that the next batch changes.'),
  throttledBy: z.enum(['storage', 'pauseAllJobs']).nullable(),
  pauseReason: pauseReasonSchema.nullable(),
  messages: z.array(
    z.strictObject({
      on: z.iso.datetime(),
      level: z.enum(['info', 'warning', 'error']),
      code: z.string(),
      text: z.string(),
      records: z.array(z.guid()).optional(),
    }),
  ),
  legalCommands: z.array(z.enum(JOB_COMMANDS)),
  request: requestSchema.describe('What was asked for; an undo has nothing of its own.'),
  undoOf: z.guid().optional().describe('The job whose changes this one takes back.'),
  undoneBy: z.guid().optional(),
  rerunOf: z.guid().optional().describe('The job whose request this one does anew.'),
  rerunAs: z.guid().optional().describe('Of several reruns the last.'),
  handoverOf: z.guid().optional().describe('The job that this one took over.'),
  handedOverTo: z.guid().optional(),
});
