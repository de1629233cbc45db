/** What assigning does to one record: the pure part. */
import type { FoundRecord } from './found-records.ts';

/** A record as it stands; undefined in its place means that there is no such record any more. */
export interface Current extends FoundRecord {
  readonly isDeleted: boolean;
  /** Set when a transaction is changing it. */
  readonly lockedBy: string | undefined;
}

/**
 * - `write`: gets the new owner, whoever owned it meanwhile (C6).
 * - `keep`: has the new owner already; counts as done and keeps its version.
 * - `skip`: was deleted; counts as skipped.
 * - `wait`: a transaction has it; its owner will be known when that has ended.
 */
export type Decision = 'write' | 'keep' | 'skip' | 'wait';

export function decideAssign(current: Current | undefined, ownerId: string): Decision {
  if (!current || current.isDeleted) return 'skip';
  if (current.lockedBy !== undefined) return 'wait';
  return current.ownerId === ownerId ? 'keep' : 'write';
}
