/** What the stories were promised, for the invariants to be checked against. */

/** A customer that was accepted, and what was asked for. */
export interface ToldCustomer {
  readonly customerId: string;
  readonly operationIds: readonly string[];
}

/** A cascade that was accepted. */
export interface ToldCascade {
  readonly jobId: string;
  readonly mode: 'sync' | 'async';
}

/** An assign. */
export interface ToldAssign extends ToldCascade {
  /** Every record that it was to change. */
  readonly recordIds: readonly string[];
  readonly ownerId: string;
}

/** A delete. */
export interface ToldDelete extends ToldCascade {
  /** Every record that it was to delete. */
  readonly deletedIds: readonly string[];
  /** Every record that it was only to unlink. */
  readonly unlinkedIds: readonly string[];
}

/** What a merge finds. */
export interface PlantedPair {
  readonly targetId: string;
  readonly subordinateId: string;
  /** Every record that is to come to the target. */
  readonly movedIds: readonly string[];
}

/** A merge. */
export interface ToldMerge extends ToldCascade, PlantedPair {
  /** What came under the subordinate while the merge ran. */
  readonly lateId?: string;
}

/** What was accepted. */
export interface Told {
  readonly customers: ToldCustomer[];
  readonly assigns: ToldAssign[];
  readonly deletes: ToldDelete[];
  readonly merges: ToldMerge[];
  /** Records that are changed by transactions alone, and all at once; noted before they are. */
  readonly together: (readonly string[])[];
}

/** Nothing was accepted yet. */
export function toldNothing(): Told {
  return { customers: [], assigns: [], deletes: [], merges: [], together: [] };
}
