import type { Storage } from '../storage/storage.ts';
import { type HintRow, hintTable } from './outbox.ts';

/** What waits in the outbox; counting ends at `MAX_COUNTED` keys. */
export interface Waiting {
  /** Jobs and customers that have events waiting, or had them a moment ago. */
  readonly keys: number;
  /** Those of them whose last attempt failed. */
  readonly failing: number;
  /** Since when the key that has waited longest has had its newest event. */
  readonly since: string | null;
  readonly lastError: string | null;
}

const MAX_COUNTED = 10_000;

/** Counts what waits. */
export async function countWaiting(storage: Storage): Promise<Waiting> {
  let keys = 0;
  let failing = 0;
  let sinceMs = Number.POSITIVE_INFINITY;
  let lastError: string | null = null;
  for await (const hint of hintTable(storage).rows<HintRow>({})) {
    keys++;
    sinceMs = Math.min(sinceMs, hint.hintedMs);
    if (hint.failures) {
      failing++;
      lastError = hint.lastError ?? lastError;
    }
    if (keys >= MAX_COUNTED) break;
  }
  return { keys, failing, since: keys === 0 ? null : new Date(sinceMs).toISOString(), lastError };
}
