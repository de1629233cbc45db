/** What a worker knows of a customer while it applies its operations, and how each operation is taken in. Nothing of it is stored. */
import { operationId } from '../customer-operation.ts';
import type { LeasedHead } from '../headquarters/customer-head.ts';
import type { StoredOperation } from '../headquarters/stored-operation.ts';
import { describeDone } from './apply-descriptions.ts';
import type { Applied } from './apply-records.ts';

/** How far a worker is with a customer. It changes as operations are taken in. */
export interface Progress {
  leased: LeasedHead;
  appliedThrough: string;
  blocker: StoredOperation | undefined;
  /** By channel the failed one that stands apart and holds back the later ones of that channel alone. */
  clashes: Map<string, StoredOperation>;
  /** Applied to the records, not Completed yet. */
  written: StoredOperation[];
  completed: StoredOperation[];
  /** What the blocker holds back, and isn't known to yet. */
  toHold: StoredOperation[];
  /** Discarded ones that were met; those that are to become so with a creation among them. */
  discarded: StoredOperation[];
  toDiscard: StoredOperation[];
  applied: number;
  failed: number;
  heldBack: number;
  /** Something is left that isn't blocked: the customer stays in the queue. */
  isOpen: boolean;
  isLocked: boolean;
  /** Ids of the operations up to `appliedThrough` that others weren't told of yet. */
  appliedIds: string[];
  /** The minute in which the feed was told of the customer; empty: not yet. */
  notedIn: string;
}

/** The progress of a worker that has just leased the head. `notedIn`: the minute in which the feed was told already. */
export function newProgress(leased: LeasedHead, notedIn: string): Progress {
  return {
    leased,
    appliedThrough: leased.appliedThrough,
    blocker: undefined,
    clashes: new Map(),
    written: [],
    completed: [],
    toHold: [],
    discarded: [],
    toDiscard: [],
    applied: 0,
    failed: 0,
    heldBack: 0,
    isOpen: false,
    isLocked: false,
    appliedIds: [],
    notedIn,
  };
}

/** What the step has done so far, as its run counts it. */
export function countsOf({ applied, failed, heldBack, completed }: Progress) {
  return { applied, failed, held: heldBack, completed };
}

/** Takes in an operation that was applied to the records. */
export function noteWritten(
  { operation, leased, accountNumber, master }: Extract<Applied, { kind: 'applied' }>,
  progress: Progress,
): void {
  progress.leased = leased;
  const mergedInto = master && String(master.value.columns.accountNumber ?? master.value.id);
  const description = describeDone(operation, accountNumber, mergedInto);
  progress.written.push({ ...decidedNow(operation, progress), accountNumber, description });
  noteApplied(operation, progress);
}

/** Takes in an operation that was found Completed. */
export function noteDone(operation: StoredOperation, progress: Progress): void {
  progress.applied += decidedHere(operation, progress);
  if (decidedHere(operation, progress) > 0) progress.completed.push(operation);
  const isNext = !progress.blocker && (operation.sequence > progress.appliedThrough || isNews(operation, progress));
  if (isNext) noteApplied(operation, progress);
}

function noteApplied(operation: StoredOperation, progress: Progress): void {
  if (operation.sequence > progress.appliedThrough) progress.appliedThrough = operation.sequence;
  progress.appliedIds.push(operationId(operation));
}

/** What stands apart lies behind the mark; nobody may have been told of it. */
function isNews(operation: StoredOperation, progress: Progress): boolean {
  return operation.apart && decidedHere(operation, progress) > 0;
}

/** Takes in an operation that has failed. */
export function noteFailed(operation: StoredOperation, progress: Progress): void {
  if (operation.apart) progress.clashes.set(operation.channel, operation);
  else progress.blocker = operation;
}

/**
 * The operation, standing apart if the head says that later ones of its customer were applied without it. That later ones
 * are Completed says nothing: a death among rows of several tables leaves them so in any order.
 */
export function placed(operation: StoredOperation, { appliedThrough }: LeasedHead): StoredOperation {
  const isDone = operation.status === 'Completed' || operation.status === 'Discarded';
  return isDone || operation.apart || operation.sequence > appliedThrough ? operation : { ...operation, apart: true };
}

/** 1 for what this step has decided, in whichever attempt; else 0. */
export function decidedHere({ decidedIn }: StoredOperation, { leased }: Progress): number {
  return Number(decidedIn === leased.countedIn);
}

/** The operation, decided by this step. */
export function decidedNow(operation: StoredOperation, { leased }: Progress): StoredOperation {
  return { ...operation, decidedIn: leased.countedIn };
}

/** Takes in an operation that a failed one holds back. */
export function holdBack(operation: StoredOperation, blocker: StoredOperation, progress: Progress): void {
  const description = `Held back by the operation ${operationId(blocker)}, which has failed.`;
  const apart = operation.apart || blocker.apart;
  const marked = { ...(operation.status === 'Held' ? operation : decidedNow(operation, progress)), apart };
  progress.heldBack += decidedHere(marked, progress);
  if (operation.status === 'Held' && operation.description === description) return;
  progress.toHold.push({ ...marked, status: 'Held', description });
}
