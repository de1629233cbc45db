/**
 * What the job side (life of a job, commands, orchestrations) and the record side (finding and changing records) of a
 * cascade need of each other. Everything that an activity gives back is a value; what is thrown is a fault of storage.
 */

import type { ColumnValue } from '../catalogue/columns.ts';
import type { Behavior } from '../catalogue/relationships.ts';
import type { TableName } from '../catalogue/tables.ts';
import type { MissingPrivilege } from '../security/privileges.ts';

/** What is to be done to a record and everything under it. Fixed when the job is made, behaviours included. */
export interface CascadePlan {
  readonly jobId: string;
  readonly action: 'assign';
  readonly table: TableName;
  readonly recordId: string;
  readonly ownerId: string;
  /** The root's owner when the job was made: what UserOwned compares with. */
  readonly formerOwnerId: string;
  /** Behaviour of the action by relationship, as it was when the job was made; relationships with None may be left out. */
  readonly behaviors: Readonly<Record<string, Behavior>>;
  readonly lanes: number;
  /** The user the job runs as, and when it was made (ISO 8601 UTC). */
  readonly by: string;
  readonly createdOn: string;
}

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
}

/** What one batch of a lane came to. */
export type BatchOutcome =
  /** Counts of this batch. `drained`: nothing of the lane is left to do (failed records aside). */
  | {
      readonly kind: 'applied';
      readonly done: number;
      readonly skipped: number;
      readonly drained: boolean;
      readonly records: number;
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
  /** Trying again won't help; these records are named in the chunks as failing. */
  | { readonly kind: 'permanent'; readonly text: string; readonly recordIds: readonly string[] };

/** Checks, before a batch, that the job's user may do the action to these tables. Undefined: it may. */
export type CheckPrivileges = (
  tables: readonly TableName[],
  ownTables: ReadonlySet<TableName>,
) => Promise<Extract<BatchOutcome, { kind: 'security' }> | undefined>;

export interface LaneProgress {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly byTable: Readonly<Record<string, Omit<TableCounts, 'total'>>>;
  readonly heartbeatOn: string;
}

export interface RecordOutcome {
  readonly recordId: string;
  readonly table: TableName;
  readonly outcome: 'done' | 'failed' | 'skipped' | 'unprocessed';
  readonly changes: readonly {
    readonly name: string;
    readonly old: ColumnValue | null;
    readonly new: ColumnValue | null;
  }[];
  /** The version that the change made; null when nothing was changed. */
  readonly version: number | null;
  readonly changedOn: string | null;
  readonly problem?: string;
}

/** The record side. All of it may be called again after a crash, by several hosts at once, with the same outcome. */
export interface CascadeRecords {
  /** Walks one bounded stretch of the relationships under the root (law 5). The first call has no cursor. */
  identify(plan: CascadePlan, cursor: string | undefined): Promise<IdentifyOutcome>;
  /**
   * Applies up to `chunks` further chunks (≤ 99 records each) of a lane (laws 2 to 4). With 0 it changes no record and only
   * counts what an earlier batch applied and, being cut off, didn't count: for a job that ends without another batch.
   */
  applyBatch(plan: CascadePlan, lane: number, chunks: number, check: CheckPrivileges): Promise<BatchOutcome>;
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
