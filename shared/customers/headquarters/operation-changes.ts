/**
 * What people do to operations on the status page: Save and Synchronize, and both in bulk. Each leases the customer's head,
 * so that no sync job applies the customer meanwhile (HEAD-2), and gives the operation a new attempt (OPERATION-4), so that a job which
 * was overtaken can't undo it.
 */

import { Problem } from '../../problem.ts';
import { checkIfMatch } from '../../storage/preconditions.ts';
import { operationProblems } from '../apply/apply-validation.ts';
import { type OperationBody, operationId } from '../customer-operation.ts';
import { type DiscardPorts, type DiscardRequest, discardOperation, reinstateOperation } from './discard-operation.ts';
import { type EditPorts, editOperation, parseEdit } from './edit-operation.ts';
import { findOperation, leasing, overtaken, refuseApplied } from './lease-operation.ts';
import type { PendingCustomers } from './pending-customers.ts';
import type { StoredOperation } from './stored-operation.ts';

/** What changing operations works with. */
export interface OperationChangesPorts extends EditPorts, DiscardPorts {
  readonly pending: PendingCustomers;
}

/** A Save of the status page. */
export interface Save {
  readonly id: string;
  readonly attributes: OperationBody;
  readonly by: string;
  readonly ifMatch: number | undefined;
}

/** What a bulk change does to one of its operations. */
export interface BulkPart {
  readonly id: string;
  readonly bulkId: string;
  /** New values; undefined: they stay. */
  readonly attributes: OperationBody | undefined;
  readonly synchronize: boolean;
  /** Only look whether it could be done. */
  readonly dryRun: boolean;
  /** Whether the bulk change is to synchronize this operation too. */
  readonly isChosen: (operation: StoredOperation) => boolean;
  readonly by: string;
}

/** Changes headquarters' operations for people. */
export class OperationChanges {
  readonly #ports: OperationChangesPorts;

  constructor(ports: OperationChangesPorts) {
    this.#ports = ports;
  }

  /** Saves new values of an operation that isn't applied; the values as sent, the editor and the time are kept. */
  async save({ id, attributes, by, ifMatch }: Save): Promise<StoredOperation> {
    return leasing(this.#ports, id, async (operation) => {
      checkIfMatch({ ifMatch, version: operation.version, required: true, what: `operation ${id}` });
      refuseApplied(operation);
      const saved = await this.#ports.staging.replace(await editOperation(this.#ports, operation, attributes, by));
      return saved ?? overtaken(id);
    });
  }

  /** Lets the sync job try an operation again, and with it the ones that it holds back. A run must follow. */
  async release(id: string): Promise<void> {
    await leasing(this.#ports, id, async (operation) => {
      refuseApplied(operation);
      if (operation.status === 'Held') throw heldBack(operation, await this.#blockerOf(operation));
      const { customerAsyncId } = operation;
      // Before, so that a crash can't leave the operation out of the queue; after, in case the lease ran out in between.
      await this.#ports.pending.put(customerAsyncId);
      if (operation.status === 'Failed') {
        const { attempt, version } = operation;
        const changed = { ...released(operation), attempt: attempt + 1, version: version + 1 };
        if (!(await this.#ports.staging.replace(changed))) overtaken(id);
      }
      await this.#ports.pending.put(customerAsyncId);
    });
  }

  /** Decides that an operation is never applied (A16). */
  discard(request: DiscardRequest): Promise<StoredOperation> {
    return discardOperation(this.#ports, request);
  }

  /** Puts a discarded operation back where it stood. A run must follow. */
  reinstate(id: string): Promise<StoredOperation> {
    return reinstateOperation(this.#ports, id);
  }

  /**
   * Save and Synchronize as parts of a bulk change; done again by the same bulk change, it finds what it has done. Throws
   * the Problem that the operation is refused with; one with `retryAfterSeconds` passes.
   */
  async changeInBulk(change: BulkPart): Promise<StoredOperation> {
    const { id, bulkId, attributes, synchronize, by } = change;
    if (change.dryRun) return this.#checkInBulk(await findOperation(this.#ports.staging, id), change);
    return leasing(this.#ports, id, async (operation) => {
      if (operation.bulkId === bulkId) return operation;
      await this.#checkInBulk(operation, change);
      const { customerAsyncId, attempt, version } = operation;
      if (synchronize) await this.#ports.pending.put(customerAsyncId);
      const edited = attributes ? await editOperation(this.#ports, operation, attributes, by) : operation;
      const isReleased = synchronize && operation.status === 'Failed';
      const changed = {
        ...(isReleased ? released(edited) : edited),
        attempt: attempt + 1,
        version: version + 1,
        bulkId,
      };
      const saved = await this.#ports.staging.replace(changed);
      if (synchronize) await this.#ports.pending.put(customerAsyncId);
      return saved ?? overtaken(id);
    });
  }

  /** Refuses what a bulk change can't do to an operation, and, tried out, what would fail again; changes nothing. */
  async #checkInBulk(operation: StoredOperation, { attributes, synchronize, dryRun, isChosen }: BulkPart) {
    refuseApplied(operation);
    if (synchronize && operation.status === 'Held') {
      const blocker = await this.#blockerOf(operation);
      if (blocker && !isChosen(blocker)) throw heldBack(operation, blocker);
    }
    const { values } = attributes ? await parseEdit(this.#ports.records, operation, attributes) : { values: {} };
    if (dryRun && synchronize) refuseUnfit(operation, values);
    return operation;
  }

  /** The failed operation that holds back the later ones of its customer. */
  async #blockerOf({ customerAsyncId, channel }: StoredOperation): Promise<StoredOperation | undefined> {
    const all = await this.#ports.staging.after(customerAsyncId, '');
    return all.find((each) => each.status === 'Failed' && (!each.apart || each.channel === channel));
  }
}

/** A failed operation that is to be tried again. */
function released(operation: StoredOperation): StoredOperation {
  return { ...operation, status: 'Uploaded', description: 'Waits to be synchronized again.' };
}

function heldBack(operation: StoredOperation, blocker: StoredOperation | undefined): Problem {
  const heldBy = blocker && operationId(blocker);
  return new Problem(
    'conflict',
    heldBy === undefined
      ? `Operation ${operationId(operation)} waits for its turn. Start a run of the sync job.`
      : `Operation ${operationId(operation)} is held back by operation ${heldBy}, which has failed. Synchronize that one first.`,
    { extra: heldBy === undefined ? {} : { heldBy } },
  );
}

/** Tells of values that the sync job would refuse. */
function refuseUnfit({ operation, body }: StoredOperation, values: OperationBody): void {
  const problems = operationProblems(operation, { ...body, ...values });
  if (problems.length === 0) return;
  throw new Problem('rule-broken', `Headquarters would refuse it: ${problems.join(' ')} Give values that fit.`);
}
