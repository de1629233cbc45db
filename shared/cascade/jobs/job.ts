/** A system job as stored: what it is to do, how far it is, and what happened to it. Changed by `transition` alone. */
import { z } from 'zod';
import type { TokenRole } from '../../security/caller.ts';
import { PRIVILEGE_ACTIONS } from '../../security/privileges.ts';
import type { CascadePlan } from '../plans.ts';
import type { TableCounts } from '../ports.ts';
import type { JobCommand, JobStatus } from './job-status.ts';

/** Why jobs pause. */
export const PAUSE_CODES = [
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
export interface FailedRecordsCommand {
  readonly kind: 'retry' | 'skip';
  /** Ids of the records; null: all that failed. */
  readonly records: readonly string[] | null;
}

/** A message for the people who look at a job. */
export interface JobMessage {
  readonly on: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly code: string;
  readonly text: string;
  readonly records?: readonly string[] | undefined;
}

/** Counts of a job. */
export interface EndCounts {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly byTable: Readonly<Record<string, Omit<TableCounts, 'total'>>>;
  readonly heartbeatOn: string | null;
}

/** A job as stored. */
export interface Job {
  readonly id: string;
  readonly plan: CascadePlan;
  readonly mode: 'sync' | 'async';
  readonly status: JobStatus;
  readonly phase: 'identifying' | 'applying' | 'finishing';
  /** The role of the token that the job was made with: an Administrator keeps every privilege while enabled. */
  readonly tokenRole: TokenRole;
  readonly startedOn: string | null;
  readonly completedOn: string | null;
  /** When the job last became Paused; null while it isn't. */
  readonly pausedOn: string | null;
  readonly pauseReason: PauseReason | null;
  /** Why it is to end Failed once its batches have ended; null while it isn't. */
  readonly failure: string | null;
  /** A command for failed records that isn't applied yet. */
  readonly failedRecordsCommand: FailedRecordsCommand | null;
  readonly messages: readonly JobMessage[];
  /** Retries so far, by lane (`identify` for identifying). Only ever rises, so that telling it twice changes nothing. */
  readonly retries: Readonly<Record<string, number>>;
  /** Its orchestration has nothing to do and waits to be woken. */
  readonly idle: boolean;
  /** Rounds of work begun: 1 for the first, one more with each resume. Child orchestrations are named by it. */
  readonly round: number;
  readonly roundOn: string | null;
  /** Records that were finished when the round began: what the rate is counted from. */
  readonly roundProcessed: number;
  /** How far identifying is; null before its first step and after its last. */
  readonly cursor: string | null;
  /** Records found, the root included; final once the phase isn't `identifying`. */
  readonly total: number;
  readonly totalByTable: Readonly<Record<string, number>>;
  readonly heartbeatOn: string | null;
  /**
   * Counts that the job ended with. Null while it hasn't ended, and for one that broke: a batch may still have been under
   * way then, so that its lanes are to be asked.
   */
  readonly endCounts: EndCounts | null;
  /** 1 when made, one more with each change. */
  readonly version: number;
}

/** A command as recorded beside the job: who asked for what, and how it came. */
export interface RecordedCommand {
  readonly id: string;
  readonly command: JobCommand;
  /** A user's id, or `durable-event`. */
  readonly by: string;
  readonly on: string;
  /** With retry and skip: the target records; without them, all that failed. */
  readonly records?: readonly string[] | undefined;
  /** The new job that handover, rerun and undo make. */
  readonly successorId?: string | undefined;
}

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
