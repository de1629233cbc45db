/** Work on one operation at headquarters while its customer's head is leased, so that no sync job applies it meanwhile (HEAD-2). */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../problem.ts';
import { operationId, parseOperationId } from '../customer-operation.ts';
import { type CustomerHeads, type LeasedHead, LeaseLost } from './customer-head.ts';
import type { StagingTables } from './staging-tables.ts';
import type { StoredOperation } from './stored-operation.ts';

/** What leasing an operation's customer works with. */
export interface LeasePorts {
  readonly staging: StagingTables;
  readonly heads: CustomerHeads;
  /** Waits between looks at a head that somebody else has leased. */
  readonly wait?: (ms: number) => Promise<void>;
}

const HOLD_TRIES = 10;
const HOLD_WAIT_MS = 200;

/** The operation with an id. Throws Problem not-found. */
export async function findOperation(staging: StagingTables, id: string): Promise<StoredOperation> {
  const key = parseOperationId(id);
  const known = key && (await staging.find(key));
  if (!known) throw notFound(id);
  return known;
}

/** Does something to an operation while its customer's head is leased. Throws Problem not-found, conflict (another has it). */
export async function leasing<T>(
  ports: LeasePorts,
  id: string,
  work: (operation: StoredOperation, head: LeasedHead) => Promise<T>,
): Promise<T> {
  const known = await findOperation(ports.staging, id);
  const leased = await lease(ports, known.customerAsyncId);
  try {
    const operation = await ports.staging.find(known);
    if (!operation) throw notFound(id);
    return await work(operation, leased);
  } finally {
    await ports.heads.release(leased).catch((error: unknown) => {
      if (!(error instanceof LeaseLost)) throw error;
    });
  }
}

async function lease({ heads, wait = sleep }: LeasePorts, customerAsyncId: string): Promise<LeasedHead> {
  const holder = `user|${randomUUID()}`;
  for (let attempt = 0; attempt < HOLD_TRIES; attempt++) {
    if (attempt > 0) await wait(HOLD_WAIT_MS);
    const leased = await heads.lease(customerAsyncId, holder);
    if (leased) return leased;
  }
  throw new Problem('conflict', `Customer ${customerAsyncId} is being synchronized at this moment. Try again.`, {
    retryAfterSeconds: 2,
  });
}

/** Refuses what nobody can change any more: an operation that was applied, or was discarded. */
export function refuseApplied(operation: StoredOperation): void {
  const id = operationId(operation);
  if (operation.discard) {
    throw new Problem(
      'conflict',
      `Operation ${id} was discarded on ${operation.discard.on}. Reinstate it first: POST /api/customer-sync/operations/${id}/reinstate.`,
    );
  }
  if (operation.status !== 'Completed') return;
  throw new Problem(
    'already-applied',
    `Operation ${id} was applied on ${operation.appliedOn}. Change the customer's record instead.`,
  );
}

/** What ends a change of an operation that somebody else has changed at the same moment. */
export function overtaken(id: string): never {
  throw new Problem('stale-version', `Operation ${id} was changed at the same moment. Read it again.`);
}

function notFound(id: string): Problem {
  return new Problem('not-found', `Headquarters has no operation ${id}; it may not be uploaded yet.`);
}
