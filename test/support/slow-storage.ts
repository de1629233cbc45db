import type { StoragePolicy } from '../../shared/storage/size-limits.ts';

/** Storage of a process that is overtaken: before each of its writes is sent, others may do something. */
export interface SlowStorage {
  readonly policy: StoragePolicy;
  beforeWrite: (() => Promise<void>) | undefined;
}

export function createSlowStorage(): SlowStorage {
  const slow: SlowStorage = {
    beforeWrite: undefined,
    policy: {
      name: 'testSlow',
      async sendRequest(request, next) {
        const isWrite = request.method !== 'GET' && !request.url.includes('/Tables');
        if (isWrite) await slow.beforeWrite?.();
        return next(request);
      },
    },
  };
  return slow;
}
