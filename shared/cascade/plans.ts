/** Plans of cascades, an action each: made for a preview, or for a job, in whose row the plan then stays as it is. */
import type { ColumnValue } from '../catalogue/columns.ts';
import type { Behavior } from '../catalogue/relationships.ts';
import type { TableName } from '../catalogue/tables.ts';
import type { Right } from '../records/shares/rights.ts';
import type { CascadeAction as AskedAction } from './jobs/action-needs.ts';

/** What the plans of all actions have in common. */
export interface PlanCommon {
  readonly jobId: string;
  readonly table: TableName;
  readonly recordId: string;
  /** The root's owner when the job was made: what UserOwned compares with. */
  readonly formerOwnerId: string;
  /** Behaviour of the action by relationship, as it was when the job was made; relationships with None may be left out. */
  readonly behaviors: Readonly<Record<string, Behavior>>;
  /** Parts of the work that go on at the same time; 1 for an action that begins at the deepest level (`order` of its rule). */
  readonly lanes: number;
  /** The user the job runs as, and when it was made (ISO 8601 UTC). */
  readonly by: string;
  readonly createdOn: string;
  /** The mode that was asked for; absent where the action has no choice, and in jobs made before it was kept. */
  readonly askedMode?: 'auto' | 'sync' | 'async';
  /** The job that this one does anew, or takes over. Written with the job, so that it is never without. */
  readonly rerunOf?: string | undefined;
  readonly handoverOf?: string | undefined;
}

/** Gives records to another user. */
export interface AssignPlan extends PlanCommon {
  readonly action: 'assign';
  readonly ownerId: string;
}

/** Deletes records, or takes links out of them. */
export interface DeletePlan extends PlanCommon {
  readonly action: 'delete';
}

/** Gives a user rights on records. */
export interface SharePlan extends PlanCommon {
  readonly action: 'share';
  /** The user who is given the rights. */
  readonly principal: string;
  readonly rights: readonly Right[];
}

/** Takes a user's rights away from records. */
export interface UnsharePlan extends PlanCommon {
  readonly action: 'unshare';
  /** The user from whom all rights that were given on the root are taken. */
  readonly principal: string;
}

/** Puts the root under another parent. */
export interface ReparentPlan extends PlanCommon {
  readonly action: 'reparent';
  /** The lookup of the root that moves. */
  readonly relationship: string;
  /** Null for none. */
  readonly parentId: string | null;
  /** Table of the new parent. */
  readonly targetTable: TableName | undefined;
  readonly formerParentId: string | null;
  /** Whether the root or its new parent had shares when the job was made; absent: they may have had some. */
  readonly hasShares?: boolean;
}

/** Moves what belongs to another record of the table to the root, and deactivates that one (C8). */
export interface MergePlan extends PlanCommon {
  readonly action: 'merge';
  /** The record that is merged into the root. */
  readonly subordinateId: string;
  /** Columns that the root is to have, whatever either has; null clears. */
  readonly content: Readonly<Record<string, ColumnValue | null>>;
  /** Whether a related record that was deleted, while records under it live, ends the job (C9). */
  readonly performParentingChecks: boolean;
  /** The root's own table: it is the root that others are put under. */
  readonly targetTable: TableName;
  /** Present where one of both has shares: the behaviours of Reparent, over which what is moved hands on what it gains. */
  readonly handsDown?: { readonly behaviors: Readonly<Record<string, Behavior>> };
}

/**
 * Takes away inherited rights that have no source but over a relationship whose Share reaches nothing any more. Its `table` is
 * that of the relationship's children, its `recordId` the relationship's name.
 */
export interface RevokePlan extends PlanCommon {
  readonly action: 'revokeInheritedAccess';
}

/**
 * Puts the inherited rights of the root and of all that lies under it right (C25). `behaviors` are All where Share or Reparent
 * isn't None.
 */
export interface ReconcilePlan extends PlanCommon {
  readonly action: 'reconcileAccess';
}

/** Writes the old values of another job's change log back, where nobody has changed the record since. */
export interface UndoPlan extends PlanCommon {
  readonly action: 'undo';
  readonly undoneJobId: string;
  /** What the change log came from, also over several undos in a row. */
  readonly undoneAction: AskedAction | RevokePlan['action'] | ReconcilePlan['action'];
  /** Of a merge: the record that was merged into the root. */
  readonly subordinateId?: string;
}

/** What is to be done to a record and everything under it. Fixed when the job is made, behaviours included. */
export type CascadePlan =
  | AssignPlan
  | DeletePlan
  | MergePlan
  | SharePlan
  | UnsharePlan
  | ReparentPlan
  | RevokePlan
  | ReconcilePlan
  | UndoPlan;
/** The actions that plans are made for. */
export type PlanAction = CascadePlan['action'];

/** A record that a job begins at, and that no other job may begin at meanwhile. */
export interface CascadeRoot {
  readonly table: TableName;
  readonly recordId: string;
}

/** The roots of a plan, in the order in which they are claimed: that of their ids, so that two jobs never wait for each other. */
export function rootsOf(plan: CascadePlan): CascadeRoot[] {
  const { table, recordId } = plan;
  const subordinateId = 'subordinateId' in plan ? plan.subordinateId : undefined;
  const ids = subordinateId === undefined ? [recordId] : [recordId, subordinateId];
  return ids.sort().map((id) => ({ table, recordId: id }));
}
