import type { StoragePolicy } from '../../shared/storage/size-limits.ts';

type Request = Parameters<StoragePolicy['sendRequest']>[0];

/** Holds the requests of one host that fit, from the first on, until the test opens the gate. */
export interface Gate {
  readonly policy: StoragePolicy;
  /** Resolves when a fitting request waits at the gate. */
  readonly reached: Promise<void>;
  open(): void;
}

export function createGate(fits: (request: Request) => boolean): Gate {
  let open: () => void = () => {};
  let reach: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return {
    reached,
    open: () => open(),
    policy: {
      name: 'testGate',
      async sendRequest(request, next) {
        if (fits(request)) {
          reach();
          await opened;
        }
        return next(request);
      },
    },
  };
}
