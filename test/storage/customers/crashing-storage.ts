import { RestError } from '@azure/data-tables';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';

/** Storage of a process that dies in the middle of its work: nothing that it sends after its death arrives. */
export interface CrashingStorage {
  readonly policy: StoragePolicy;
  /** Writes that arrived. */
  readonly writes: number;
  readonly isDead: boolean;
  /** Dies at the `at`-th write (from 0 on) from now: before it arrives, or after, with the answer lost. */
  dieAt(at: number, moment: 'before' | 'after'): void;
  /** Called before each write is sent, to let others in between. */
  beforeWrite: (() => Promise<void>) | undefined;
}

export function createCrashingStorage(): CrashingStorage {
  let left = Number.POSITIVE_INFINITY;
  let moment: 'before' | 'after' = 'before';
  const state = { writes: 0, isDead: false };
  // A status that the client doesn't try again, so that tests needn't wait for the end of its patience.
  const die = (): never => {
    state.isDead = true;
    throw new RestError('The process is dead', { statusCode: 403 });
  };
  const crashing: CrashingStorage = {
    beforeWrite: undefined,
    get writes() {
      return state.writes;
    },
    get isDead() {
      return state.isDead;
    },
    dieAt(at, when) {
      left = at;
      moment = when;
    },
    policy: {
      name: 'testCrash',
      async sendRequest(request, next) {
        if (state.isDead) return die();
        const isWrite = request.method !== 'GET' && !request.url.includes('/Tables');
        if (!isWrite) return next(request);
        const isLast = left-- === 0;
        if (isLast && moment === 'before') return die();
        await crashing.beforeWrite?.();
        const response = await next(request);
        state.writes++;
        return isLast ? die() : response;
      },
    },
  };
  return crashing;
}
