/** A system job as stored: what it is to do, how far it is, and what happened to it. Changed by `transition` alone. */
import { z } from 'zod';
import { TOKEN_ROLES, type TokenRole } from '../../security/caller.ts';
import { PRIVILEGE_ACTIONS } from '../../security/privileges.ts';
import { unchecked } from '../../storage/json-column.ts';
import type { CascadePlan } from '../plans.ts';
import { JOB_COMMANDS, JOB_STATUSES, type JobCommand, legalCommands } from './job-status.ts';

/** Why jobs pause. */
const PAUSE_CODES = [
  'retries-exhausted',
  'missing-privilege',
  'user-disabled',
  'user-removed',
  'permanent-error',
  'circuit-breaker',
  'plugin-failed',
  'plugin-timeout',
  'by-command',
] as const;

/** Why a job is paused, in a form that programs can act on; the words are in its messages. */
export const pauseReasonSchema = z.strictObject({
  code: z.enum(PAUSE_CODES),
  user: z.string().optional(),
  privilege: z.enum(PRIVILEGE_ACTIONS).optional(),
  table: z.string().optional(),
  plugin: z.string().optional(),
  /** Ids of the records that fail, `MAX_NAMED_RECORDS` at most. */
  records: z.array(z.string()).readonly().optional(),
});
export type PauseReason = Readonly<z.infer<typeof pauseReasonSchema>>;

/** What is to become of records that failed, before the next round begins. */
const failedRecordsCommandSchema = z.object({
  kind: z.enum(['retry', 'skip']),
  /** Ids of the records; null: all that failed. */
  records: z.array(z.string()).readonly().nullable(),
});
export type FailedRecordsCommand = Readonly<z.infer<typeof failedRecordsCommandSchema>>;

/** A message for the people who look at a job. */
const jobMessageSchema = z.object({
  on: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  code: z.string(),
  text: z.string(),
  records: z.array(z.string()).readonly().optional(),
});
export type JobMessage = Readonly<z.infer<typeof jobMessageSchema>>;

const outcomeCounts = { done: z.number(), failed: z.number(), skipped: z.number() };
const endCountsSchema = z.object({
  ...outcomeCounts,
  byTable: z.record(z.string(), z.object(outcomeCounts).readonly()).readonly(),
  heartbeatOn: z.string().nullable(),
});
/** Counts of a job. */
export type EndCounts = Readonly<z.infer<typeof endCountsSchema>>;

/** A job as stored. */
export const jobSchema = z.object({
  id: z.string(),
  /** Written when the job is made, and never again. */
  plan: unchecked<CascadePlan>(),
  mode: z.enum(['sync', 'async']),
  status: z.enum(JOB_STATUSES),
  phase: z.enum(['identifying', 'applying', 'finishing']),
  /** The role of the token that the job was made with: an Administrator keeps every privilege while enabled. */
  tokenRole: z.enum(TOKEN_ROLES),
  startedOn: z.string().nullable(),
  completedOn: z.string().nullable(),
  /** When the job last became Paused; null while it isn't. */
  pausedOn: z.string().nullable(),
  pauseReason: pauseReasonSchema.readonly().nullable(),
  /** Why it is to end Failed once its batches have ended; null while it isn't. */
  failure: z.string().nullable(),
  /** A command for failed records that isn't applied yet. */
  failedRecordsCommand: failedRecordsCommandSchema.readonly().nullable(),
  messages: z.array(jobMessageSchema.readonly()).readonly(),
  /** Retries so far, by lane (`identify` for identifying). Only ever rises, so that telling it twice changes nothing. */
  retries: z.record(z.string(), z.number()).readonly(),
  /** Its orchestration has nothing to do and waits to be woken. */
  idle: z.boolean(),
  /** Rounds of work begun: 1 for the first, one more with each resume. Child orchestrations are named by it. */
  round: z.number(),
  roundOn: z.string().nullable(),
  /** Records that were finished when the round began: what the rate is counted from. */
  roundProcessed: z.number(),
  /** How far identifying is; null before its first step and after its last. */
  cursor: z.string().nullable(),
  /** Records found, the root included; final once the phase isn't `identifying`. */
  total: z.number(),
  totalByTable: z.record(z.string(), z.number()).readonly(),
  heartbeatOn: z.string().nullable(),
  /**
   * Counts that the job ended with. Null while it hasn't ended, and for one that broke: a batch may still have been under
   * way then, so that its lanes are to be asked.
   */
  endCounts: endCountsSchema.readonly().nullable(),
  /**
   * Jobs that came of it; of several reruns the last. Noted before they are made (JOB-3), so that one may never come to be:
   * `withMadeSuccessors` tells.
   */
  undoneBy: z.string().optional(),
  rerunAs: z.string().optional(),
  handedOverTo: z.string().optional(),
  /** 1 when made, one more with each change. */
  version: z.number(),
});
export type Job = Readonly<z.infer<typeof jobSchema>>;

/** A command as recorded beside the job: who asked for what, and how it came. */
export const recordedCommandSchema = z.object({
  id: z.string(),
  command: z.enum(JOB_COMMANDS),
  /** A user's id, or `durable-event`. */
  by: z.string(),
  on: z.string(),
  /** With retry and skip: the target records; without them, all that failed. */
  records: z.array(z.string()).readonly().optional(),
  /** The new job that handover, rerun and undo make. */
  successorId: z.string().optional(),
});
export type RecordedCommand = Readonly<z.infer<typeof recordedCommandSchema>>;

/** A job names so many failing records at most. */
export const MAX_NAMED_RECORDS = 1000;

/** A job as it is made: nothing has begun. */
export function newJob(plan: CascadePlan, tokenRole: TokenRole, mode: Job['mode'] = 'async'): Job {
  return {
    id: plan.jobId,
    plan,
    mode,
    status: 'Waiting',
    phase: 'identifying',
    tokenRole,
    startedOn: null,
    completedOn: null,
    pausedOn: null,
    pauseReason: null,
    failure: null,
    failedRecordsCommand: null,
    messages: [],
    retries: {},
    idle: false,
    round: 0,
    roundOn: null,
    roundProcessed: 0,
    cursor: null,
    total: 0,
    totalByTable: {},
    heartbeatOn: null,
    endCounts: null,
    version: 1,
  };
}

/** Whether a job names records as failing. */
export function namesRecords({ pauseReason }: Pick<Job, 'pauseReason'>): boolean {
  return (pauseReason?.records?.length ?? 0) > 0;
}

/** What may be asked of a job now. */
export function legalNow(job: Job): JobCommand[] {
  const legal = legalCommands(job.status, namesRecords(job), job.mode);
  return job.undoneBy === undefined ? legal : legal.filter((command) => command !== 'undo');
}
