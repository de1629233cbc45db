/**
 * Discarding operations that aren't applied, and putting them back. Both happen while the customer's head is leased.
 *
 *  DISCARD-1  The operation's own row decides. A creation's says up to where what needs it is discarded with it; whoever
 *      applies the customer finishes that, so a death in between leaves nothing that would be applied without it.
 *  DISCARD-2  A customer goes into the queue before and after: what the operation held back is decided anew.
 *  DISCARD-3  What may have been written to a record is neither discarded nor reinstated: the record would show what
 *      the row denies, or the row would be taken for applied.
 */
import { Problem } from '../../problem.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { readSeen } from '../apply/apply-seen.ts';
import { operationId, targetTableOf } from '../customer-operation.ts';
import type { CustomerHead } from './customer-head.ts';
import { type LeasePorts, leasing, overtaken, refuseApplied } from './lease-operation.ts';
import type { OperationIndex } from './operation-index.ts';
import { wasWritten } from './other-target.ts';
import type { PendingCustomers } from './pending-customers.ts';
import type { Discard, StoredOperation } from './stored-operation.ts';

/** What discarding works with. */
export interface DiscardPorts extends LeasePorts {
  readonly records: RecordStore;
  readonly index: OperationIndex;
  readonly pending: Pick<PendingCustomers, 'put'>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** A wish to discard an operation. */
export interface DiscardRequest {
  readonly id: string;
  readonly reason: string;
  readonly by: string;
  /** Discard with a creation what needs it. */
  readonly withLater: boolean;
  /** The bulk change that it is a part of. */
  readonly bulkId?: string;
  /** Only look whether it could be done. */
  readonly dryRun?: boolean;
  /** Whether the same bulk change is to discard this operation too. */
  readonly isChosen?: (operation: StoredOperation) => boolean;
}

/** Whether a later operation of the same customer can't be applied without an earlier one. Pure. */
function needs(later: StoredOperation, earlier: StoredOperation): boolean {
  if (later.sequence <= earlier.sequence || (earlier.apart && later.channel !== earlier.channel)) return false;
  if (earlier.operation === 'createCustomer') return true;
  const isSameTable = targetTableOf(later.operation) === targetTableOf(earlier.operation);
  return earlier.operation === 'createAddress' && isSameTable && later.targetId === earlier.targetId;
}

/** Those that a discarded creation takes along and that aren't discarded yet. Pure. */
export function isTakenAlong(later: StoredOperation, creation: StoredOperation): boolean {
  const through = creation.discard?.through ?? '';
  return isOpen(later) && later.sequence <= through && needs(later, creation);
}

/** An operation discarded together with its creation. Pure. */
export function discardedWith(later: StoredOperation, creation: StoredOperation): StoredOperation {
  const { by = '', on = '', reason = '' } = creation.discard ?? {};
  return discarded(later, { by, on, reason, through: '', with: operationId(creation) });
}

function discarded(operation: StoredOperation, discard: Discard): StoredOperation {
  const { attempt, version } = operation;
  const description = `Discarded by ${discard.by}: it is never applied. Reason: ${discard.reason}`;
  return { ...operation, status: 'Discarded', description, discard, attempt: attempt + 1, version: version + 1 };
}

function isOpen({ status }: StoredOperation): boolean {
  return status !== 'Completed' && status !== 'Discarded';
}

/** Discards an operation. Throws Problem already-applied, conflict (discarded already, or others need it), stale-version. */
export function discardOperation(ports: DiscardPorts, request: DiscardRequest): Promise<StoredOperation> {
  const { id, by, reason, bulkId = '' } = request;
  return leasing(ports, id, async (known) => {
    const operation = await placedCreation(ports, known);
    if (bulkId !== '' && operation.bulkId === bulkId) return operation;
    const later = await checkDiscard(ports, operation, request);
    if (request.dryRun) return operation;
    await ports.pending.put(operation.customerAsyncId);
    await ports.index.mark([operation, ...later], 'discarded');
    const on = new Date(ports.now()).toISOString();
    const through = later.at(-1)?.sequence ?? '';
    const saved = await ports.staging.replace({
      ...discarded(operation, { by, on, reason, through, with: '' }),
      ...(bulkId !== '' && { bulkId }),
    });
    if (!saved) overtaken(id);
    // Whoever applies the customer does the same (DISCARD-1).
    if (!(await ports.staging.replaceAll(later.map((each) => discardedWith(each, saved))))) overtaken(id);
    await ports.pending.put(operation.customerAsyncId);
    return saved;
  });
}

/** A creation of a customer who was made before stands apart, also when the sync job hasn't come upon it yet. */
async function placedCreation({ records }: DiscardPorts, operation: StoredOperation): Promise<StoredOperation> {
  if (operation.operation !== 'createCustomer' || operation.status === 'Completed') return operation;
  const account = await records.find('account', operation.customerAsyncId);
  const isOther = account !== undefined && account.origin !== operationId(operation);
  return isOther ? { ...operation, apart: true } : operation;
}

/** What is to be discarded with the operation, in sequence. */
async function checkDiscard(
  { staging, records }: DiscardPorts,
  operation: StoredOperation,
  { withLater, isChosen = () => false }: DiscardRequest,
): Promise<StoredOperation[]> {
  refuseApplied(operation);
  const all = await staging.after(operation.customerAsyncId, operation.sequence);
  const later = all.filter((each) => isOpen(each) && needs(each, operation));
  const left = later.filter((each) => !withLater && !isChosen(each));
  const id = operationId(operation);
  const [first] = left;
  if (first) {
    throw new Problem(
      'conflict',
      `Operation ${id} makes what ${left.length} later operations need, ${operationId(first)} first. Discard it with them (withLater: true), or mend it.`,
      { extra: { needed: left.slice(0, MAX_NAMED).map(operationId) } },
    );
  }
  for (const each of [operation, ...later]) {
    if (!wasWritten(each, await readSeen(records, each))) continue;
    throw new Problem(
      'conflict',
      `Operation ${operationId(each)} has been written to its record already. Synchronize it; then it is applied.`,
    );
  }
  return later;
}

const MAX_NAMED = 20;

/**
 * Puts a discarded operation back where it stood, and with a creation what was discarded with it; holds are decided anew.
 * Throws Problem conflict (not discarded, or a later one of its customer was applied), stale-version.
 */
export function reinstateOperation(ports: DiscardPorts, id: string): Promise<StoredOperation> {
  return leasing(ports, id, async (operation, head) => {
    const all = await ports.staging.after(operation.customerAsyncId, '');
    await checkReinstate(ports, operation, all, head);
    await ports.pending.put(operation.customerAsyncId);
    // The creation's row last: until it is written the others are still discarded with it (DISCARD-1).
    const along = all.filter(({ discard }) => discard?.with === id);
    if (!(await ports.staging.replaceAll(along.map(reinstated)))) overtaken(id);
    const saved = await ports.staging.replace(reinstated(operation));
    await ports.pending.put(operation.customerAsyncId);
    return saved ?? overtaken(id);
  });
}

async function checkReinstate(
  { records }: DiscardPorts,
  operation: StoredOperation,
  all: readonly StoredOperation[],
  { appliedThrough }: CustomerHead,
): Promise<void> {
  const { discard, sequence, apart, channel } = operation;
  const id = operationId(operation);
  if (!discard) throw new Problem('conflict', `Operation ${id} is ${operation.status}, and not discarded.`);
  const creation = all.find((each) => operationId(each) === discard.with);
  if (creation?.discard) {
    throw new Problem('conflict', `Operation ${id} was discarded with ${discard.with}. Reinstate that one.`, {
      extra: { discardedWith: discard.with },
    });
  }
  const isPassed =
    (!apart && appliedThrough > sequence) ||
    all.some((each) => each.status === 'Completed' && each.sequence > sequence && (!apart || each.channel === channel));
  if (isPassed || wasWritten(operation, await readSeen(records, operation))) {
    throw new Problem(
      'conflict',
      `A later operation of the customer ${operation.customerAsyncId} was applied, and ${id} would change what that one has made. Have the channel send the change anew.`,
    );
  }
}

function reinstated(operation: StoredOperation): StoredOperation {
  const { attempt, version } = operation;
  const description = 'Reinstated; waits to be synchronized.';
  return {
    ...operation,
    ...{ status: 'Uploaded', description, lastError: '', discard: undefined },
    ...{ attempt: attempt + 1, version: version + 1 },
  };
}
