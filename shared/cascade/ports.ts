/**
 * What the job side (life of a job, commands, orchestrations) and the record side (finding and changing records) of a
 * cascade need of each other. Everything that an activity gives back is a value; what is thrown is a fault of storage.
 */
import type { ColumnValue } from '../catalogue/columns.ts';
import type { TableName } from '../catalogue/tables.ts';
import type { Settled } from '../records/shares/settle-tree.ts';
import type { MissingPrivilege } from '../security/privileges.ts';
import type { CascadePlan } from './plans.ts';

/** One value of a record that a job changes; null for none. Lookups are `lookups.<relationship>`, shares `shares.<user>`, with `|<source>` behind it for inherited ones. */
export interface ValueChange {
  readonly name: string;
  readonly old: ColumnValue | null;
  readonly new: ColumnValue | null;
}

/** What plug-ins have changed of another record than the one that they ran for. One that they made has `createdOn` alone. */
export interface SideChange {
  readonly table: TableName;
  readonly recordId: string;
  /** The version that it made. */
  readonly version: number;
  readonly changes: readonly ValueChange[];
}

/** Counts of one table's records. */
export interface TableCounts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
}

/** How a step of identifying ended: give the cursor to the next step, or, without one, the set is final. */
export interface IdentifyOutcome {
  readonly cursor: string | undefined;
  /** Records found so far, the root included; final when there is no cursor. */
  readonly found: number;
  readonly byTable: Readonly<Record<string, number>>;
  /** Why the step did nothing: something must end first. It is to be tried again, with the same cursor. */
  readonly waitsFor?: { readonly kind: 'fence' | 'transaction'; readonly text: string; readonly jobId: string };
  /** Related records that forbid the action (Restrict): the job ends Failed. */
  readonly blockers?: readonly Blocker[];
}

/** Records that stand in the way of an action by the behaviour of a relationship. */
export interface Blocker {
  readonly relationship: string;
  readonly count: number;
  /** Ids of some of them. */
  readonly examples: readonly string[];
}

/** What an action would touch if it were started now. */
export interface Survey {
  /** False when there is more than the survey was allowed to look at; the counts are then what it saw. */
  readonly complete: boolean;
  /** Records, the root included, each once. */
  readonly total: number;
  readonly byTable: Readonly<Record<string, number>>;
  /** Records by the relationship that they were reached by; one that was reached by two counts in both. */
  readonly byRelationship: Readonly<Record<string, number>>;
  readonly blockers: readonly Blocker[];
  /** Inactive records among them. */
  readonly inactive: number;
  /** Tables of which the user of the plan owns every record. */
  readonly ownTables: readonly TableName[];
}

/** What made a record fail, where it wasn't storage: a form that programs can act on. */
export interface FailureCause {
  readonly code: 'plugin-failed' | 'plugin-timeout';
  readonly plugin: string;
}

/** What one batch of a lane came to. */
export type BatchOutcome =
  /** Counts of this batch. `drained`: nothing of the lane is left to do (failed records aside). */
  | {
      readonly kind: 'applied';
      /** Chunks that were finished: fewer than asked for when time was up, or few are left. */
      readonly chunks: number;
      readonly done: number;
      readonly skipped: number;
      /** Records that storage or a rule refuses for good; they are named in the change log. */
      readonly failed: number;
      readonly drained: boolean;
      readonly records: number;
      /** Records beside the set whose inherited rights were put right: they came, or their parents changed, while the job ran. */
      readonly settled?: readonly Settled[];
      readonly durationMs: number;
    }
  /** Nothing of the batch at hand is lost; earlier chunks of it may be done. The same batch may be tried again. */
  | { readonly kind: 'transient'; readonly text: string; readonly durationMs: number }
  /** The user who made the job may no longer do this. */
  | {
      readonly kind: 'security';
      readonly code: 'missing-privilege' | 'user-disabled' | 'user-removed';
      readonly text: string;
      readonly user: string;
      readonly missing: readonly MissingPrivilege[];
    }
  /** Trying again won't help, and the batch as a whole is to blame; the job pauses and names these records. */
  | { readonly kind: 'permanent'; readonly text: string; readonly recordIds: readonly string[] }
  /** The set is not what it was when it was identified (C7, C9): the job ends Failed, and names these records. */
  | { readonly kind: 'broken'; readonly text: string; readonly recordIds: readonly string[] };

/** Checks, before a batch, that the job's user may do the action to these tables. Undefined: it may. */
export type CheckPrivileges = (
  tables: readonly TableName[],
  ownTables: ReadonlySet<TableName>,
) => Promise<Extract<BatchOutcome, { kind: 'security' }> | undefined>;

/** What a lane has done so far. */
export interface LaneProgress {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly byTable: Readonly<Record<string, Omit<TableCounts, 'total'>>>;
  readonly heartbeatOn: string;
}

/** A line of the change log: what became of one record. */
export interface RecordOutcome {
  readonly recordId: string;
  readonly table: TableName;
  readonly outcome: 'done' | 'failed' | 'skipped' | 'unprocessed';
  readonly changes: readonly ValueChange[];
  /** The version that the change made; null when nothing was changed. */
  readonly version: number | null;
  readonly changedOn: string | null;
  readonly problem?: string;
  readonly cause?: FailureCause;
  /** What the record's plug-ins have changed of others; in a synchronous job one record stands for all. */
  readonly besides?: readonly SideChange[];
}

/** The record side. All of it may be called again after a crash, by several hosts at once, with the same outcome. */
export interface CascadeRecords {
  /** Follows the relationships under the root for a bounded time (IDENTIFY-1). The first call has no cursor. */
  identify(plan: CascadePlan, cursor: string | undefined): Promise<IdentifyOutcome>;
  /**
   * Applies up to `chunks` further chunks (≤ 99 records each) of a lane (MARKER-1, PART-2, CHUNK-2), and begins none after
   * `limitMs` (by default there is no limit).
   */
  applyBatch(
    plan: CascadePlan,
    lane: number,
    chunks: number,
    check: CheckPrivileges,
    limitMs?: number,
  ): Promise<BatchOutcome>;
  /**
   * Counts what earlier batches of a lane applied and, being cut off, didn't count; changes no record. For a job that ends
   * without another batch. False: there may be more, for a next call.
   */
  noteApplied(plan: CascadePlan, lane: number): Promise<boolean>;
  /** What the plan would touch now; changes and stores nothing. Looks at `limit` parents and hints at most (default 50,000). */
  survey(plan: CascadePlan, limit?: number): Promise<Survey>;
  /**
   * Has failed records tried again by the next round: all of them, or those that are named. Gives how many. To be called
   * while no batch is wanted; called again before the next batch it does nothing more.
   */
  retryFailed(plan: Pick<CascadePlan, 'jobId' | 'lanes'>, recordIds?: readonly string[]): Promise<number>;
  /** Counts failed records as skipped: all of them, or those that are named. Gives how many. */
  skipFailed(plan: Pick<CascadePlan, 'jobId' | 'lanes'>, recordIds?: readonly string[]): Promise<number>;
  /** Progress of each lane, by lane number. */
  progress(plan: Pick<CascadePlan, 'jobId' | 'lanes'>): Promise<LaneProgress[]>;
  /** A page of the change log, in a stable order; `after` is a place that an earlier page gave. */
  changes(
    plan: Pick<CascadePlan, 'jobId' | 'lanes'>,
    query: {
      readonly outcome?: RecordOutcome['outcome'] | undefined;
      readonly after?: string | undefined;
      readonly pageSize: number;
    },
  ): Promise<{ items: RecordOutcome[]; after: string | undefined }>;
}

/** What became of the records of a run; none fails alone. */
export type SyncCounts = LaneProgress;

/** How a cascade that runs in one transaction is bounded, watched and guarded. */
export interface SyncOptions {
  /** The whole of it, identifying included. */
  readonly deadlineSeconds: number;
  /** When the request came that asks for it, in milliseconds since 1970: the deadline begins then. Default: now. */
  readonly requestedMs?: number;
  readonly check: CheckPrivileges;
  /** Is told of the set before the first record is locked. */
  readonly onIdentified: (byTable: Readonly<Record<string, number>>) => Promise<void>;
}

/** Cascades that run in one transaction: all records change at the same moment, or none does. */
export interface SyncCascades {
  /**
   * Runs a plan; gives what became of its records. Throws the Problem that stood in its way after everything was rolled
   * back: conflict (with what `differed`), locked, forbidden, transaction-too-long. After any other fault it isn't known
   * how it ended; `stateOf` tells.
   */
  run(plan: CascadePlan, options: SyncOptions): Promise<SyncCounts>;
  /** Ends a run, unless it is committed already: nothing of it will count. Gives the state that it has for good. */
  end(plan: Pick<CascadePlan, 'jobId'>): Promise<'committed' | 'aborted'>;
  /** How a run that nobody hears of any more has ended, or whether it may still go on; it can't once this has said `aborted`. */
  stateOf(run: { readonly jobId: string; readonly startedOn: string }): Promise<'running' | 'committed' | 'aborted'>;
}
