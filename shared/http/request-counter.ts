/** Counts the requests that a process is answering, so that work which nobody waits for can make way. */
export interface RequestCounter {
  /** Counts a request for as long as it is being answered. */
  during<T>(answer: () => Promise<T>): Promise<T>;
  /** Whether one is being answered now, or was so lately that its client may well go on. */
  isServing(): boolean;
  /** Calls the listener whenever that ends. */
  onQuiet(listener: () => void): void;
}

/** Who sends requests one after the other sends the next within this time. */
const GRACE_MS = 50;

/** Opens a counter for the requests of this process. */
export function createRequestCounter(graceMs = GRACE_MS): RequestCounter {
  let count = 0;
  let grace: NodeJS.Timeout | undefined;
  const listeners: (() => void)[] = [];
  const beQuiet = () => {
    grace = undefined;
    for (const listener of listeners) listener();
  };
  return {
    async during(answer) {
      count++;
      clearTimeout(grace);
      grace = undefined;
      try {
        return await answer();
      } finally {
        count--;
        if (count === 0) grace = setTimeout(beQuiet, graceMs).unref();
      }
    },
    isServing: () => count > 0 || grace !== undefined,
    onQuiet(listener) {
      listeners.push(listener);
    },
  };
}
