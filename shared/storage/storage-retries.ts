import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient, StorageRefused, StorageUnavailable } from './storage-errors.ts';

const DELAYS_MS = [50, 150, 450, 1350];

/**
 * Runs one storage call, again after growing waits (with jitter) while the failure is transient. Throws
 * StorageUnavailable when it stays so, StorageRefused for any other failure.
 */
export async function withRetries<T>(what: string, call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof StorageRefused) throw error;
      if (!isTransient(error))
        throw new StorageRefused(`Storage refused: ${what} (${reasonOf(error)})`, undefined, error);
      const delayMs = DELAYS_MS[attempt];
      if (delayMs === undefined) throw new StorageUnavailable(what, error);
      await sleep(delayMs * (0.5 + Math.random() / 2));
    }
  }
}

/** What the service says: the first line, without the place in the transaction that stands before it. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n', 1)[0] ?? '').replace(/^\d+:/, '').trim().replace(/\.$/, '');
}
