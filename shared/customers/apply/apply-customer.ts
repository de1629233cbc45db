/**
 * Applies what a customer's operations have waiting, in sequence, under the customer's head.
 *
 *  APPLY-1  Nothing beyond the head's mark is applied (HEAD-1); what lies beyond keeps the customer in the queue.
 *  APPLY-2  A failed operation blocks the later ones of this customer: they become Held, and are tried when it is gone. A
 *      refusal is written down and is no failure of the run; trouble with storage is thrown and marks nothing.
 *  APPLY-3  The record is written, then the feed, then the operation becomes Completed. Operations of one customer become
 *      so together, before a later one becomes Failed or Held; their list entries are marked by whoever asked for it.
 *  APPLY-4  The head's `appliedThrough` is written last, then the customer leaves the queue (QUEUE-2). Whatever is cut
 *      off before leaves the customer in the queue, and is found done (the stamp on the record) or undone by who comes
 *      next.
 *  APPLY-5  A Discarded operation is passed over and holds nothing back; what a discarded creation takes along is
 *      discarded here, should a death have left that (DISCARD-1).
 *  APPLY-6  One whose target is not proven its customer's holds back the later ones of its own channel alone (ADR 0021).
 */
import { customerEvents } from '../customer-events.ts';
import { LeaseLost } from '../headquarters/customer-head.ts';
import { discardedWith, isTakenAlong } from '../headquarters/discard-operation.ts';
import type { PendingCustomers, QueuedCustomer } from '../headquarters/pending-customers.ts';
import { withTables } from '../headquarters/staging-places.ts';
import { isBeyond, type StoredOperation } from '../headquarters/stored-operation.ts';
import { accountRun, applyAccountRun } from './apply-account.ts';
import type { Defaults } from './apply-decision.ts';
import {
  countsOf,
  decidedHere,
  decidedNow,
  holdBack,
  newProgress,
  noteDone,
  noteFailed,
  noteWritten,
  type Progress,
  placed,
} from './apply-progress.ts';
import { type ApplyRecordsPorts, applyToRecords } from './apply-records.ts';
import {
  type CompletePorts,
  completeOperations,
  markFailed,
  noteInFeed,
  overtaken,
  writeOutcomes,
} from './complete-operations.ts';

/** What applying a customer works with. */
export interface ApplyPorts extends ApplyRecordsPorts, CompletePorts {
  readonly pending: PendingCustomers;
}

/** What a step has done for a customer. */
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

/**
 * Applies one customer's waiting operations. `holder` names the run, so that a repeated activity doesn't wait for itself;
 * `step` names the activity: what an earlier attempt of it has decided counts too (HEAD-6). `queued`: its place in the queue as
 * it was read before; `notedIn`: the minute in which the feed was told of it just now.
 */
export async function applyCustomer(
  ports: ApplyPorts,
  customerAsyncId: string,
  { holder, step, queued, notedIn }: ApplyStep,
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<AppliedCustomer> {
  const leased = await ports.heads.lease(customerAsyncId, holder, step);
  if (!leased) return { applied: 0, failed: 0, held: 0, outcome: 'busy', completed: [] };
  const progress = newProgress(leased, notedIn);
  try {
    const tables = withTables(leased.tables, queued?.tables ?? '');
    const from = { after: leased.countedFrom, apartFrom: leased.apartFrom };
    const open = await ports.staging.open(customerAsyncId, from, tables);
    const operations = open.map((operation) => placed(operation, leased));
    await applyAll(ports, operations, progress, defaultsOf);
    await completeOperations(ports, customerAsyncId, progress);
    await finish(ports, customerAsyncId, progress, queued);
    return { ...countsOf(progress), outcome: progress.isLocked ? 'waiting' : 'done' };
  } catch (error) {
    if (error instanceof LeaseLost) return { ...countsOf(progress), outcome: 'busy' };
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
    if (isBeyond(operation.sequence, progress.leased.uploadedThrough)) {
      progress.isOpen = true;
      return;
    }
    if (!takeIn(operation, progress)) {
      progress.leased = await ports.heads.renew(progress.leased);
      const together = await applyTogether(ports, waitingFrom(operations, at, progress), progress, defaultsOf);
      if (together === 0) await applyOne(ports, operation, progress, defaultsOf);
      else at += together - 1;
    }
  }
}

/** Takes in an operation that isn't to be applied now; false for one that is. */
function takeIn(operation: StoredOperation, progress: Progress): boolean {
  const blocker = progress.blocker ?? progress.clashes.get(operation.channel);
  const creation = progress.discarded.find((each) => isTakenAlong(operation, each));
  if (operation.status === 'Completed') {
    noteDone(operation, progress);
  } else if (operation.status === 'Discarded') {
    progress.discarded.push(operation);
  } else if (creation) {
    progress.toDiscard.push(discardedWith(operation, creation));
  } else if (blocker) {
    holdBack(operation, blocker, progress);
  } else if (operation.status === 'Failed') {
    progress.failed += decidedHere(operation, progress);
    noteFailed(operation, progress);
  } else {
    return false;
  }
  return true;
}

/** The operations from a place on that wait to be applied, up to one that doesn't. */
function waitingFrom(
  operations: readonly StoredOperation[],
  at: number,
  { leased, discarded, clashes }: Progress,
): StoredOperation[] {
  const isWaiting = (operation: StoredOperation) =>
    !['Completed', 'Failed', 'Discarded'].includes(operation.status) &&
    !clashes.has(operation.channel) &&
    !discarded.some((each) => isTakenAlong(operation, each)) &&
    !isBeyond(operation.sequence, leased.uploadedThrough);
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
  const done = await applyAccountRun(ports, progress.leased, accountRun(waiting), defaultsOf);
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
  const outcome = await applyToRecords(ports, progress.leased, operation, defaultsOf);
  if (outcome.kind === 'locked') {
    const waiting = { ...outcome.operation, description: WAITS_FOR_LOCK };
    if (operation.description !== WAITS_FOR_LOCK) await writeOutcomes(ports, [waiting]);
    progress.isOpen = true;
    progress.isLocked = true;
  } else if (outcome.kind === 'overtaken') {
    throw overtaken(operation);
  } else if (outcome.kind === 'refused') {
    await completeOperations(ports, operation.customerAsyncId, progress);
    const apart = outcome.operation.apart || outcome.isClash === true;
    const failed = await markFailed(ports, { ...decidedNow(outcome.operation, progress), apart }, outcome.error);
    if (failed) noteFailed(failed, progress);
    progress.failed++;
  } else {
    const { master } = outcome;
    if (master) await ports.feed.noteCustomerChanged(master.value.id);
    noteWritten(outcome, progress);
  }
}

/** Gives up the head, with the marks and events that follow from what was done (APPLY-4). */
async function finish(
  ports: ApplyPorts,
  customerAsyncId: string,
  progress: Progress,
  queued: QueuedCustomer | undefined,
): Promise<void> {
  const { leased, appliedThrough, clashes, isOpen } = progress;
  const [firstApart] = clashes.values();
  const apartFrom = firstApart?.sequence ?? (isOpen ? leased.apartFrom : '');
  const blocker = progress.blocker ?? [...clashes.values()].at(-1);
  const blockedBy = progress.blocker?.sequence ?? '';
  // Channels learn from the feed up to where their operations are applied, also when that was left unsaid by a crash.
  if (appliedThrough > leased.appliedThrough) await noteInFeed(ports, customerAsyncId, progress);
  const { contents, toldFailure } = customerEvents(leased, { ...progress, blocker });
  await ports.heads.release(leased, { appliedThrough, blockedBy, apartFrom, toldFailure }, contents);
  if (!isOpen && queued !== undefined) await ports.pending.remove(customerAsyncId, queued.etag);
}
