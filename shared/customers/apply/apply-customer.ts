/**
 * Applies what a customer's operations have waiting, in sequence, under the customer's head.
 *
 *  B1  Nothing beyond the head's mark is applied (C1); what lies beyond keeps the customer in the queue.
 *  B2  A failed operation blocks the later ones of this customer: they become Held, and are tried when it is gone.
 *      A refusal is written down and is no failure of the run; trouble with storage is thrown and marks nothing.
 *  B3  The record is written, then the feed, then the operation becomes Completed. Operations of one customer become so
 *      together, before a later one becomes Failed or Held; their list entries are marked by whoever asked for it.
 *  B4  The head's `appliedThrough` is written last, then the customer leaves the queue (Q2). Whatever is cut off before
 *      leaves the customer in the queue, and is found done (the stamp on the record) or undone by who comes next.
 */

import { customerHappenings } from '../../events/customer-happenings.ts';
import { operationId } from '../customer-operation.ts';
import { type CustomerFeed, feedMinute } from '../download/customer-feed.ts';
import { type HeldHead, HoldLost } from '../headquarters/customer-head.ts';
import type { OperationIndex } from '../headquarters/operation-index.ts';
import type { PendingCustomers, QueuedCustomer } from '../headquarters/pending-customers.ts';
import { withTables } from '../headquarters/staging-places.ts';
import { isBeyond, type StoredOperation } from '../headquarters/stored-operation.ts';
import { accountRun, applyAccountRun } from './apply-account.ts';
import type { Defaults } from './apply-decision.ts';
import { describeDone, describeFailed } from './apply-descriptions.ts';
import { type Applied, type ApplyRecordsPorts, applyToRecords } from './apply-records.ts';

export interface ApplyPorts extends ApplyRecordsPorts {
  readonly index: OperationIndex;
  readonly pending: PendingCustomers;
  readonly feed: CustomerFeed;
}

export interface AppliedCustomer {
  readonly applied: number;
  readonly failed: number;
  /** Operations that became Held. */
  readonly held: number;
  /** `busy`: another worker has the customer, worth another look soon. `waiting`: a record is locked; next run. */
  readonly outcome: 'done' | 'busy' | 'waiting';
  /** Operations that were found or made Completed by this step, whose list entries are to be marked `done`. */
  readonly completed: readonly StoredOperation[];
}

/** What is known of a customer before it is applied. */
export interface ApplyStep {
  readonly holder: string;
  readonly step: string;
  readonly queued: QueuedCustomer | undefined;
  readonly notedIn: string;
}

interface Progress {
  held: HeldHead;
  appliedThrough: string;
  blocker: StoredOperation | undefined;
  /** Applied to the records, not Completed yet. */
  written: StoredOperation[];
  completed: StoredOperation[];
  /** What the blocker holds back, and isn't known to yet. */
  toHold: StoredOperation[];
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

/**
 * Applies one customer's waiting operations. `holder` names the run, so that a repeated activity doesn't wait for itself;
 * `step` names the activity: what an earlier attempt of it has settled counts too (C6). `queued`: its place in the queue as
 * it was read before; `notedIn`: the minute in which the feed was told of it just now.
 */
export async function applyCustomer(
  ports: ApplyPorts,
  customerAsyncId: string,
  { holder, step, queued, notedIn }: ApplyStep,
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<AppliedCustomer> {
  const held = await ports.heads.hold(customerAsyncId, holder, step);
  if (!held) return { applied: 0, failed: 0, held: 0, outcome: 'busy', completed: [] };
  const progress: Progress = {
    held,
    appliedThrough: held.appliedThrough,
    blocker: undefined,
    written: [],
    completed: [],
    toHold: [],
    applied: 0,
    failed: 0,
    heldBack: 0,
    isOpen: false,
    isLocked: false,
    appliedIds: [],
    notedIn,
  };
  const { completed } = progress;
  const countsOf = () => ({ applied: progress.applied, failed: progress.failed, held: progress.heldBack, completed });
  try {
    const tables = withTables(held.tables, queued?.tables ?? '');
    const operations = await ports.staging.after(customerAsyncId, held.countedFrom, tables);
    await applyAll(ports, operations, progress, defaultsOf);
    await settleAll(ports, customerAsyncId, progress);
    await finish(ports, customerAsyncId, progress, queued);
    return { ...countsOf(), outcome: progress.isLocked ? 'waiting' : 'done' };
  } catch (error) {
    if (error instanceof HoldLost) return { ...countsOf(), outcome: 'busy' };
    throw error;
  }
}

async function applyAll(
  ports: ApplyPorts,
  operations: readonly StoredOperation[],
  progress: Progress,
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<void> {
  for (let at = 0; at < operations.length && !progress.isLocked; at++) {
    const operation = operations[at] as StoredOperation;
    if (isBeyond(operation.sequence, progress.held.uploadedThrough)) {
      progress.isOpen = true;
      return;
    }
    if (operation.status === 'Completed') {
      noteDone(operation, progress);
    } else if (progress.blocker) {
      holdBack(operation, progress.blocker, progress);
    } else if (operation.status === 'Failed') {
      progress.failed += settledHere(operation, progress);
      progress.blocker = operation;
    } else {
      progress.held = await ports.heads.renew(progress.held);
      const together = await applyTogether(ports, waitingFrom(operations, at, progress.held), progress, defaultsOf);
      if (together === 0) await applyOne(ports, operation, progress, defaultsOf);
      else at += together - 1;
    }
  }
}

/** The operations from a place on that wait to be applied, up to one that doesn't. */
function waitingFrom(
  operations: readonly StoredOperation[],
  at: number,
  { uploadedThrough }: HeldHead,
): StoredOperation[] {
  const isWaiting = ({ status, sequence }: StoredOperation) =>
    status !== 'Completed' && status !== 'Failed' && !isBeyond(sequence, uploadedThrough);
  const end = operations.findIndex((each, place) => place > at && !isWaiting(each));
  return operations.slice(at, end < 0 ? operations.length : end);
}

/** Applies those operations at the beginning that can be applied together; gives how many. */
async function applyTogether(
  ports: ApplyPorts,
  waiting: readonly StoredOperation[],
  progress: Progress,
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<number> {
  const done = await applyAccountRun(ports, progress.held, accountRun(waiting), defaultsOf);
  if (done === 'overtaken') throw overtaken(waiting[0]);
  for (const applied of done) noteWritten(applied, progress);
  return done.length;
}

const WAITS_FOR_LOCK = 'Waits: a job has locked a record that it changes. The next run of the sync job tries it again.';

async function applyOne(
  ports: ApplyPorts,
  operation: StoredOperation,
  progress: Progress,
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<void> {
  const outcome = await applyToRecords(ports, progress.held, operation, defaultsOf);
  if (outcome.kind === 'locked') {
    const waiting = { ...outcome.operation, description: WAITS_FOR_LOCK };
    if (operation.description !== WAITS_FOR_LOCK) await settle(ports, [waiting]);
    progress.isOpen = true;
    progress.isLocked = true;
  } else if (outcome.kind === 'overtaken') {
    throw overtaken(operation);
  } else if (outcome.kind === 'refused') {
    await settleAll(ports, operation.customerAsyncId, progress);
    progress.blocker = await markFailed(ports, settledNow(outcome.operation, progress), outcome.error);
    progress.failed++;
  } else {
    const { master } = outcome;
    if (master) await ports.feed.noteCustomerChanged(master.value.id);
    noteWritten(outcome, progress);
  }
}

/** Takes in an operation that was applied to the records. */
function noteWritten(
  { operation, held, accountNumber, master }: Extract<Applied, { kind: 'applied' }>,
  progress: Progress,
): void {
  progress.held = held;
  const mergedInto = master && String(master.value.columns.accountNumber ?? master.value.id);
  const description = describeDone(operation, accountNumber, mergedInto);
  progress.written.push({ ...settledNow(operation, progress), accountNumber, description });
  noteApplied(operation, progress);
}

/** Takes in an operation that was found Completed. */
function noteDone(operation: StoredOperation, progress: Progress): void {
  progress.applied += settledHere(operation, progress);
  if (settledHere(operation, progress) > 0) progress.completed.push(operation);
  const isNext = !progress.blocker && operation.sequence > progress.appliedThrough;
  if (isNext) noteApplied(operation, progress);
}

function noteApplied(operation: StoredOperation, progress: Progress): void {
  progress.appliedThrough = operation.sequence;
  progress.appliedIds.push(operationId(operation));
}

/** 1 for what this step has settled, in whichever attempt; else 0. */
function settledHere({ settledIn }: StoredOperation, { held }: Progress): number {
  return Number(settledIn === held.countedIn);
}

function settledNow(operation: StoredOperation, { held }: Progress): StoredOperation {
  return { ...operation, settledIn: held.countedIn };
}

/** Tells the feed, once a minute: readers go back further than that (F2). */
async function noteInFeed(ports: ApplyPorts, customerAsyncId: string, progress: Progress): Promise<void> {
  const minute = feedMinute(ports.now());
  if (progress.notedIn === minute) return;
  await ports.feed.noteCustomerChanged(customerAsyncId);
  progress.notedIn = minute;
}

/** Makes Completed what was applied, and Held what is held back (B3). */
async function settleAll(ports: ApplyPorts, customerAsyncId: string, progress: Progress): Promise<void> {
  const { written, toHold } = progress;
  progress.written = [];
  progress.toHold = [];
  if (written.length > 0) {
    await noteInFeed(ports, customerAsyncId, progress);
    const appliedOn = new Date(ports.now()).toISOString();
    const done = written.map((each) => ({ ...each, status: 'Completed' as const, lastError: '', appliedOn }));
    progress.completed.push(...(await settle(ports, done)));
    progress.applied += written.length;
  }
  if (toHold.length === 0) return;
  await ports.index.mark(toHold, 'held');
  await settle(ports, toHold);
}

async function markFailed(
  ports: ApplyPorts,
  operation: StoredOperation,
  error: string,
): Promise<StoredOperation | undefined> {
  await ports.index.mark([operation], 'failed');
  const failed = { ...operation, status: 'Failed' as const, lastError: error, description: describeFailed(operation) };
  return (await settle(ports, [failed]))[0];
}

function holdBack(operation: StoredOperation, blocker: StoredOperation, progress: Progress): void {
  const description = `Held back by the operation ${operationId(blocker)}, which has failed.`;
  const held = operation.status === 'Held' ? operation : settledNow(operation, progress);
  progress.heldBack += settledHere(held, progress);
  if (operation.status === 'Held' && operation.description === description) return;
  progress.toHold.push({ ...held, status: 'Held', description });
}

async function settle(ports: ApplyPorts, operations: readonly StoredOperation[]): Promise<StoredOperation[]> {
  const settled = await ports.staging.replaceAll(operations.map((each) => ({ ...each, version: each.version + 1 })));
  if (!settled) throw overtaken(operations[0]);
  return settled;
}

function overtaken(operation: StoredOperation | undefined): HoldLost {
  return new HoldLost(`Operation ${operation && operationId(operation)} was changed by another worker`);
}

async function finish(
  ports: ApplyPorts,
  customerAsyncId: string,
  progress: Progress,
  queued: QueuedCustomer | undefined,
): Promise<void> {
  const { held, appliedThrough, blocker, isOpen } = progress;
  const blockedBy = blocker?.sequence ?? '';
  // Channels learn from the feed up to where their operations are applied, also when that was left unsaid by a crash.
  if (appliedThrough > held.appliedThrough) await noteInFeed(ports, customerAsyncId, progress);
  const { happenings, toldFailure } = customerHappenings(held, progress);
  await ports.heads.release(held, { appliedThrough, blockedBy, toldFailure }, happenings);
  if (!isOpen && queued !== undefined) await ports.pending.remove(customerAsyncId, queued.etag);
}
