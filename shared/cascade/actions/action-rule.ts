/**
 * What the engine of cascades knows of an action: its rule. Identifying asks whom a relationship reaches, applying asks
 * what is to become of one record: pure functions. What they must know in addition is read before (`readContext`), and what
 * must be done elsewhere is done before (`prepare`). All else (order, batches, markers, conflicts) is the same for all.
 */
import type { Behavior, Relationship } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import type { RecordValue } from '../../records/record.ts';
import type { RecordStore } from '../../records/record-store.ts';
import type { RecordTables } from '../../records/record-tables.ts';
import type { ParentReader, ParentReaderOptions } from '../../records/shares/parent-reader.ts';
import type { StoredShares } from '../../records/shares/share-rows.ts';
import type { ShareSet } from '../../records/shares/share-set.ts';
import type { CellValue, Write } from '../../storage/table.ts';
import type { FoundRecord } from '../identify/found-records.ts';
import type { CascadePlan, PlanAction } from '../plans.ts';
import type { FailureCause, ValueChange } from '../ports.ts';

/** The plans of one action. */
export type PlanOf<A extends PlanAction> = Extract<CascadePlan, { readonly action: A }>;

/** What an action does to a child of a record that it changes; `restrict`: the child forbids the action. */
export type Effect = 'change' | 'unlink' | 'restrict' | 'none';

/** A record as it stands. */
export interface CurrentRecord {
  readonly id: string;
  readonly etag: string;
  readonly version: number;
  readonly ownerId: string;
  /** True while it is known only by what identifying saw, which the ETag of the write will prove: then `cells` is empty. */
  readonly isAsFound: boolean;
  readonly isDeleted: boolean;
  /** The job of the transaction that is changing it. */
  readonly lockedBy: string | undefined;
  /** The job that has fenced it to delete it. */
  readonly fencedBy: string | undefined;
  /** The properties of its row that the rule's `reads` names. */
  readonly cells: Readonly<Record<string, CellValue | undefined>>;
  /** Its shares, where the rule reads them and there are any. */
  readonly shares: StoredShares | undefined;
}

/** The order in which records are changed: nearest to the root first; each after all its parents; each before all its parents. */
export type ActionOrder = 'rootFirst' | 'topDown' | 'deepestFirst';

/**
 * How the inherited rights of a record follow what becomes of it: the engine adds what its parents owe it, and takes away
 * what they don't bear out as they are when the record's turn comes (apply/inherit-shares.ts).
 */
export interface AccessChange {
  /** What the action itself makes of its shares; absent: nothing. */
  readonly propose?: (set: ShareSet) => ShareSet;
  /** The relationships by whose parents it has just come to lie under them; `always`: what is owed at any time. */
  readonly owing: readonly string[] | 'always';
  /** Only what changed above it can change it, so that it is passed over while the job has changed nobody's shares. */
  readonly follows: boolean;
}

/** Children that belong to a set for their inherited rights' sake, whatever the behaviours of the action say. */
export interface Follow {
  /** Whether a child with these shares is one. */
  holds(set: ShareSet): boolean;
  /** Where what comes from above reaches children that hold nothing yet: Reparent's behaviours. */
  readonly behaviors: Readonly<Record<string, Behavior>>;
  /** Children of this effect are the ones that are followed, and with them what lies below: all of these are only settled. */
  readonly from: 'unlink' | 'change' | 'none';
}

/** A lookup that moves from one parent to another; undefined for none. */
export interface Relink {
  readonly relationship: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** What a rule wants to know beyond a record itself, read just before it is decided on. */
export interface RuleContext {
  /** Other records of the plan, by id, with their shares where these count; those that aren't there are left out. */
  readonly records: ReadonlyMap<string, CurrentRecord>;
  /** Records at hand that are gone while others under them live: the relationship, by id. */
  readonly withOrphans: ReadonlyMap<string, string>;
}

/** What is needed to tell others of a change beforehand. */
export interface AnnounceServices {
  readonly recordStore: RecordStore;
}

/** What is to become of a record. */
export type Decision =
  | {
      readonly kind: 'write';
      /** Properties to merge into its row, in addition to version and modification; empty text stands for none. */
      readonly set: Readonly<Record<string, CellValue>>;
      /** False for a change that nobody sees in the record itself: version and modification stay. */
      readonly bumpsVersion: boolean;
      /** For the change log, and for whoever undoes it. */
      readonly changes: readonly ValueChange[];
      /** The shares that it gets; rows of shares in the record's own partition, written in the same transaction. */
      readonly shares?: ShareSet;
      readonly shareWrites?: readonly Write[];
      /** Users who get their first right on it by that: the engine lists the record for them before. Takes `createdOn` among what the rule reads. */
      readonly newReaders?: readonly string[];
      /** Lookups that `set` moves: the engine renews hints and looks at the new parents around the write. */
      readonly relinks?: readonly Relink[];
      readonly access?: AccessChange;
    }
  /** It is as it is wanted already, but for its inherited rights perhaps: counts as done. */
  | { readonly kind: 'keep'; readonly access?: AccessChange }
  /** It is passed over: counts as skipped. */
  | { readonly kind: 'skip'; readonly text: string }
  /** It can't be decided now; the batch is tried again later. */
  | { readonly kind: 'wait'; readonly text: string }
  /** No new try will help this record; the others of its chunk go on. */
  | { readonly kind: 'fail'; readonly text: string; readonly cause?: FailureCause }
  /** The set is not what it was when it was identified: the job ends Failed. */
  | { readonly kind: 'broken'; readonly text: string };

/** Where and when a record is decided on. */
export interface DecideAt {
  readonly table: TableName;
  /** ISO 8601 UTC. */
  readonly on: string;
  /** What the rule's `lookBeside` gave; absent where only whether it would change anything is asked. */
  readonly context?: RuleContext | undefined;
}

/** Records of a table that are decided on together. */
export interface RecordsAtHand {
  readonly table: TableName;
  readonly ids: readonly string[];
  /** Those of them that have a row. */
  readonly looked: ReadonlyMap<string, CurrentRecord>;
}

/** The rule of one action. */
export interface ActionRule<P extends CascadePlan = CascadePlan> {
  /** Where levels wait for one another the plan has one lane. */
  readonly order: ActionOrder;
  /** Parents are fenced before their children are looked for, so that nothing is put under them any more. */
  readonly fences: boolean;
  /** Whether `decide` may be asked about a record as it was found, without looking at it again. */
  readonly decidesAsFound: boolean;
  /** Whether `decide` wants the shares of a record. */
  readsShares(plan: P): boolean;
  /** Whether as a rule each record's row of shares is written too: then chunks have half as many records. */
  writesShares(plan: P): boolean;
  /** Further properties of a record's row that `decide` looks at. */
  reads(plan: P, table: TableName): readonly string[];
  /** What the behaviour of a relationship means for a child. */
  effectOf(
    plan: P,
    behavior: Behavior,
    child: Pick<RecordValue, 'ownerId' | 'state'>,
    relationship: Relationship,
  ): Effect;
  /** Children that belong to the set for their rights' sake; undefined for none. */
  follow?(plan: P): Follow | undefined;
  /** How rights follow on records that are only settled, if nothing new is owed to them. */
  settle?(plan: P, table: TableName): AccessChange;
  /** How parents are looked at, if not as a rule. */
  parents?(plan: P): ParentReaderOptions;
  /** Says what a parent will hold once the job is done, where records come under it before. Gives whether anybody's access can follow at all. */
  meant?(plan: P, parents: ParentReader): Promise<boolean>;
  /** Tables whose shared records are looked through, where there is no root to begin at: those that `decide` would change are found. */
  scans?(plan: P): readonly TableName[];
  /** Where identifying begins, if not at the root alone: records of the root's table and their levels. Only the last one's children are looked for. */
  begin?(plan: P): readonly { readonly id: string; readonly level: number }[];
  /** The last level whose children are looked for; without it there is none. */
  readonly lastLevel?: number;
  /** Whether a record that was deleted meanwhile stays in the set. */
  keepsDeleted?(plan: P, deletedOn: string): boolean;
  /** Reads what `decide` must know beyond the records at hand. */
  readContext?(tables: RecordTables, plan: P, at: RecordsAtHand): Promise<RuleContext>;
  /** What is to be done in a batch before these records are written; gives why it can't be done now. May be repeated. */
  prepare?(services: AnnounceServices, plan: P, at: RecordsAtHand, on: string): Promise<string | undefined>;
  /** What is to become of a record; `current` is undefined when there is no such row. Pure. */
  decide(plan: P, found: FoundRecord, current: CurrentRecord | undefined, at: DecideAt): Decision;
}

/** Why a record that is gone was passed over. */
export const DELETED_MEANWHILE = 'It was deleted before its turn came.';

/** The decision to come back when the transaction that holds a record has ended; undefined when none does. */
export function waitForTransaction(
  table: TableName,
  { id, lockedBy }: Pick<CurrentRecord, 'id' | 'lockedBy'>,
): Extract<Decision, { kind: 'wait' }> | undefined {
  if (lockedBy === undefined) return undefined;
  return { kind: 'wait', text: `The ${table} ${id} is locked by transaction ${lockedBy}.` };
}
