import type { StoragePolicy } from './size-limits.ts';
import { isTransient, isTransientStatus } from './storage-errors.ts';

/** Counts how often the storage service was busy, or didn't answer in time, as this process saw it. */
export interface BusyMeter {
  /** To be the first of the storage client's extra policies, so that it sees what the others answer. */
  readonly policy: StoragePolicy;
  /** Busy answers so far. Only ever rises: whoever wants to know about a while compares. */
  readonly count: () => number;
}

/** Makes a meter at zero. */
export function createBusyMeter(): BusyMeter {
  let count = 0;
  return {
    count: () => count,
    policy: {
      name: 'spillwayBusyMeter',
      async sendRequest(request, next) {
        try {
          const response = await next(request);
          if (isTransientStatus(response.status)) count++;
          return response;
        } catch (error) {
          if (isTransient(error)) count++;
          throw error;
        }
      },
    },
  };
}
