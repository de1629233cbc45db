/** Writing down what became of a customer's operations: on their rows, in the list of operations, in the feed (APPLY-3). */
import { operationId } from '../customer-operation.ts';
import { type CustomerFeed, feedMinute } from '../download/customer-feed.ts';
import { LeaseLost } from '../headquarters/customer-head.ts';
import type { OperationIndex } from '../headquarters/operation-index.ts';
import type { StagingTables } from '../headquarters/staging-tables.ts';
import type { StoredOperation } from '../headquarters/stored-operation.ts';
import { describeFailed } from './apply-descriptions.ts';
import type { Progress } from './apply-progress.ts';

/** Where the outcome of operations is written down. */
export interface CompletePorts {
  readonly staging: StagingTables;
  readonly index: OperationIndex;
  readonly feed: CustomerFeed;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Tells the feed, once a minute: readers go back further than that (FEED-2). */
export async function noteInFeed(ports: CompletePorts, customerAsyncId: string, progress: Progress): Promise<void> {
  const minute = feedMinute(ports.now());
  if (progress.notedIn === minute) return;
  await ports.feed.noteCustomerChanged(customerAsyncId);
  progress.notedIn = minute;
}

/** Makes Completed what was applied, Discarded what a creation takes along, and Held what is held back (APPLY-3). */
export async function completeOperations(
  ports: CompletePorts,
  customerAsyncId: string,
  progress: Progress,
): Promise<void> {
  const { written, toHold, toDiscard } = progress;
  progress.written = [];
  progress.toHold = [];
  progress.toDiscard = [];
  if (written.length > 0) {
    await noteInFeed(ports, customerAsyncId, progress);
    const appliedOn = new Date(ports.now()).toISOString();
    const done = written.map((each) => ({ ...each, status: 'Completed' as const, lastError: '', appliedOn }));
    progress.completed.push(...(await writeOutcomes(ports, done)));
    progress.applied += written.length;
  }
  if (toDiscard.length > 0) {
    await ports.index.mark(toDiscard, 'discarded');
    await writeOutcomes(ports, toDiscard);
  }
  if (toHold.length === 0) return;
  await ports.index.mark(toHold, 'held');
  await writeOutcomes(ports, toHold);
}

/** Makes an operation Failed; the list of operations is told first. */
export async function markFailed(
  ports: CompletePorts,
  operation: StoredOperation,
  error: string,
): Promise<StoredOperation | undefined> {
  await ports.index.mark([operation], 'failed');
  const failed = { ...operation, status: 'Failed' as const, lastError: error, description: describeFailed(operation) };
  return (await writeOutcomes(ports, [failed]))[0];
}

/** Changes the operations' rows. Throws LeaseLost when somebody else has changed one of them. */
export async function writeOutcomes(
  ports: CompletePorts,
  operations: readonly StoredOperation[],
): Promise<StoredOperation[]> {
  const written = await ports.staging.replaceAll(operations.map((each) => ({ ...each, version: each.version + 1 })));
  if (!written) throw overtaken(operations[0]);
  return written;
}

/** What ends the work on a customer whose operation somebody else has changed. */
export function overtaken(operation: StoredOperation | undefined): LeaseLost {
  return new LeaseLost(`Operation ${operation && operationId(operation)} was changed by another worker`);
}
