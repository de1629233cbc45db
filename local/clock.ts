/** Time as the local host sees it: an input, so that tests can move it by hand. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /**
   * Calls back once, at `timeMs` or as soon after it as possible (at once, in a later task, when it lies in the past).
   * Returns a function that cancels the call if it hasn't happened yet.
   */
  at(timeMs: number, callback: () => void): () => void;
}

/** Node can't wait longer than this in one setTimeout; longer waits are cut into pieces. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  at(timeMs, callback) {
    let handle: NodeJS.Timeout;
    const arm = () => {
      const waitMs = timeMs - Date.now();
      handle =
        waitMs > LONGEST_TIMEOUT_MS ? setTimeout(arm, LONGEST_TIMEOUT_MS) : setTimeout(callback, Math.max(0, waitMs));
    };
    arm();
    return () => clearTimeout(handle);
  },
};

/** A clock that stands still until a test moves it. Callbacks run in the order of their times. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #pending: { timeMs: number; callback: () => void }[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  at(timeMs: number, callback: () => void): () => void {
    const entry = { timeMs, callback };
    this.#pending.push(entry);
    return () => {
      this.#pending = this.#pending.filter((other) => other !== entry);
    };
  }

  /** Moves time forward and runs what falls due on the way, each at its own time, letting promises settle in between. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    for (;;) {
      await new Promise(setImmediate);
      const due = this.#pending.filter((entry) => entry.timeMs <= endMs).sort((a, b) => a.timeMs - b.timeMs)[0];
      if (!due) break;
      this.#pending = this.#pending.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.timeMs);
      due.callback();
    }
    this.#nowMs = endMs;
  }
}
