import type { StoragePolicy } from '../../../../shared/storage/size-limits.ts';

/** How a host meets its end at a write: the write never arrives, or it is done and nobody hears of it. */
export type CrashMode = 'before the write' | 'after the write';

/** Cuts a host off from storage at one of its writes, for good, as if it had been killed there. */
export interface CrashAt {
  readonly policy: StoragePolicy;
  /** Writes so far. */
  writes(): number;
  /** Whether the crash has happened. */
  happened(): boolean;
}

/** Crashes at the given write, counted from 1; `Infinity`: never. */
export function crashAt(write: number, mode: CrashMode): CrashAt {
  let writes = 0;
  let isOver = false;
  // Not a transient fault: the storage client gives up at once.
  const dead = () => new Error('the host was killed');
  return {
    writes: () => writes,
    happened: () => isOver,
    policy: {
      name: 'crashAt',
      async sendRequest(request, next) {
        if (isOver) throw dead();
        if (request.method === 'GET' || request.url.includes('/Tables')) return next(request);
        writes++;
        if (writes < write) return next(request);
        isOver = true;
        if (mode === 'after the write') await next(request);
        throw dead();
      },
    },
  };
}
