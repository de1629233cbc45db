import type { StoragePolicy } from '../../shared/storage/size-limits.ts';

/** A process that dies at a write: before it reaches the service, or after it was carried out. Nothing is heard of it afterwards. */
export interface CrashingStorage {
  readonly policy: StoragePolicy;
  /** Dies at the `write`-th write from now on (the first is 1); never without an argument. */
  crashAt(write?: number, when?: 'before' | 'after'): void;
  /** Whether it has died since. */
  readonly isDead: boolean;
}

export function createCrashingStorage(): CrashingStorage {
  let left = Number.POSITIVE_INFINITY;
  let when: 'before' | 'after' = 'before';
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new Error('the process is dead');
  };
  return {
    get isDead() {
      return isDead;
    },
    crashAt(write = Number.POSITIVE_INFINITY, at = 'before') {
      left = write;
      when = at;
      isDead = false;
    },
    policy: {
      name: 'testCrash',
      async sendRequest(request, next) {
        if (isDead) die();
        if (request.method === 'GET' || request.url.includes('/Tables')) return next(request);
        left--;
        if (left === 0 && when === 'before') die();
        const mine = left === 0;
        const response = await next(request);
        if (mine) die();
        // What was under way when the process died has happened, but nobody heard of it.
        if (isDead) die();
        return response;
      },
    },
  };
}

/** A process that dies after so many writes: the next one doesn't arrive. */
export function crashAfter(writes: number): CrashingStorage {
  const crashing = createCrashingStorage();
  crashing.crashAt(writes + 1);
  return crashing;
}
