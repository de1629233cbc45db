/**
 * Applies what a customer's operations have waiting, in sequence, under the customer's head.
 *
 *  B1  Nothing beyond the head's mark is applied (C1); what lies beyond keeps the customer in the queue.
 *  B2  A failed operation blocks the later ones of this customer: they become Held, and are tried when it is gone.
 *      A refusal is written down and is no failure of the run; trouble with storage is thrown and marks nothing.
 *  B3  The record is written, then the feed, then the operation becomes Completed, then its list entry is marked.
 *  B4  The head's `appliedThrough` is written last, then the customer leaves the queue (Q2). Whatever is cut off before
 *      leaves the customer in the queue, and is found done (the stamp on the record) or undone by who comes next.
 */

import { customerHappenings } from '../../events/customer-happenings.ts';
import { operationId } from '../customer-operation.ts';
import { type CustomerFeed, feedMinute } from '../download/customer-feed.ts';
import { type HeldHead, HoldLost } from '../headquarters/customer-head.ts';
import type { OperationIndex } from '../headquarters/operation-index.ts';
import type { PendingCustomers } from '../headquarters/pending-customers.ts';
import { isBeyond, type StoredOperation } from '../headquarters/staging-row.ts';
import type { Defaults } from './apply-decision.ts';
import { describeDone, describeFailed } from './apply-descriptions.ts';
import { type ApplyRecordsPorts, applyToRecords } from './apply-records.ts';

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
}

interface Progress {
  held: HeldHead;
  appliedThrough: string;
  blocker: StoredOperation | undefined;
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
 * `step` names the activity: what an earlier attempt of it has settled counts too (C6).
 */
export async function applyCustomer(
  ports: ApplyPorts,
  customerAsyncId: string,
  { holder, step }: { readonly holder: string; readonly step: string },
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<AppliedCustomer> {
  const queued = await ports.pending.find(customerAsyncId);
  const held = await ports.heads.hold(customerAsyncId, holder, step);
  if (!held) return { applied: 0, failed: 0, held: 0, outcome: 'busy' };
  const progress: Progress = {
    held,
    appliedThrough: held.appliedThrough,
    blocker: undefined,
    applied: 0,
    failed: 0,
    heldBack: 0,
    isOpen: false,
    isLocked: false,
    appliedIds: [],
    notedIn: '',
  };
  const countsOf = () => ({ applied: progress.applied, failed: progress.failed, held: progress.heldBack });
  try {
    await applyAll(ports, customerAsyncId, progress, defaultsOf);
    await finish(ports, customerAsyncId, progress, queued);
    return { ...countsOf(), outcome: progress.isLocked ? 'waiting' : 'done' };
  } catch (error) {
    if (error instanceof HoldLost) return { ...countsOf(), outcome: 'busy' };
    throw error;
  }
}

async function applyAll(
  ports: ApplyPorts,
  customerAsyncId: string,
  progress: Progress,
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<void> {
  for (const operation of await ports.staging.after(customerAsyncId, progress.held.countedFrom)) {
    if (isBeyond(operation.sequence, progress.held.uploadedThrough)) {
      progress.isOpen = true;
      return;
    }
    if (operation.status === 'Completed') {
      noteDone(operation, progress);
    } else if (progress.blocker) {
      await holdBack(ports, operation, progress.blocker, progress);
    } else if (operation.status === 'Failed') {
      progress.failed += settledHere(operation, progress);
      progress.blocker = operation;
    } else {
      progress.held = await ports.heads.renew(progress.held);
      await applyOne(ports, operation, progress, defaultsOf);
      if (progress.isLocked) return;
    }
  }
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
    if (operation.description !== WAITS_FOR_LOCK) await settle(ports, waiting);
    progress.isOpen = true;
    progress.isLocked = true;
  } else if (outcome.kind === 'overtaken') {
    throw new HoldLost(`Operation ${operationId(operation)} was changed by another worker`);
  } else if (outcome.kind === 'refused') {
    progress.blocker = await markFailed(ports, settledNow(outcome.operation, progress), outcome.error);
    progress.failed++;
  } else {
    progress.held = outcome.held;
    await noteInFeed(ports, operation.customerAsyncId, progress);
    const { master } = outcome;
    if (master) await ports.feed.noteCustomerChanged(master.value.id);
    const mergedInto = master && String(master.value.columns.accountNumber ?? master.value.id);
    await markCompleted(ports, settledNow(outcome.operation, progress), outcome.accountNumber, mergedInto);
    noteApplied(operation, progress);
    progress.applied++;
  }
}

/** Takes in an operation that was found Completed. */
function noteDone(operation: StoredOperation, progress: Progress): void {
  progress.applied += settledHere(operation, progress);
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

async function markCompleted(
  ports: ApplyPorts,
  operation: StoredOperation,
  accountNumber: string,
  mergedInto: string | undefined,
): Promise<void> {
  const completed = await settle(ports, {
    ...operation,
    status: 'Completed',
    accountNumber,
    lastError: '',
    description: describeDone(operation, accountNumber, mergedInto),
    appliedOn: new Date(ports.now()).toISOString(),
  });
  await ports.index.mark(completed, 'done');
}

async function markFailed(ports: ApplyPorts, operation: StoredOperation, error: string): Promise<StoredOperation> {
  await ports.index.mark(operation, 'failed');
  return settle(ports, { ...operation, status: 'Failed', lastError: error, description: describeFailed(operation) });
}

async function holdBack(
  ports: ApplyPorts,
  operation: StoredOperation,
  blocker: StoredOperation,
  progress: Progress,
): Promise<void> {
  const description = `Held back by the operation ${operationId(blocker)}, which has failed.`;
  const held = operation.status === 'Held' ? operation : settledNow(operation, progress);
  progress.heldBack += settledHere(held, progress);
  if (operation.status === 'Held' && operation.description === description) return;
  await ports.index.mark(operation, 'held');
  await settle(ports, { ...held, status: 'Held', description });
}

async function settle(ports: ApplyPorts, operation: StoredOperation): Promise<StoredOperation> {
  const settled = await ports.staging.replace({ ...operation, version: operation.version + 1 });
  if (!settled) throw new HoldLost(`Operation ${operationId(operation)} was changed by another worker`);
  return settled;
}

async function finish(
  ports: ApplyPorts,
  customerAsyncId: string,
  progress: Progress,
  queued: string | undefined,
): Promise<void> {
  const { held, appliedThrough, blocker, isOpen } = progress;
  const blockedBy = blocker?.sequence ?? '';
  // Channels learn from the feed up to where their operations are applied, also when that was left unsaid by a crash.
  if (appliedThrough > held.appliedThrough) await noteInFeed(ports, customerAsyncId, progress);
  const { happenings, toldFailure } = customerHappenings(held, progress);
  await ports.heads.release(held, { appliedThrough, blockedBy, toldFailure }, happenings);
  if (!isOpen && queued !== undefined) await ports.pending.remove(customerAsyncId, queued);
}
