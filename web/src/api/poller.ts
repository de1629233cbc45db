/** Something that a screen shows live: asked for again so long after the last answer. */
export interface Poll {
  readonly everyMs: number;
  readonly ask: () => Promise<unknown>;
}

/** What a poller stands on. */
export interface PollerPorts {
  /** False while nobody sees the page: a hidden one asks nothing. */
  readonly isVisible: () => boolean;
  readonly now: () => number;
}

const TICK_MS = 1_000;

/**
 * Asks for all that the open page shows live, one after the other: at most one request a second, never two at a time, so that
 * many open pages stay cheap for the host. What has been due for longest goes first.
 */
export class Poller {
  readonly #ports: PollerPorts;
  /** When each is due. */
  readonly #due = new Map<Poll, number>();
  #clock: ReturnType<typeof setInterval> | undefined;
  #isAsking = false;

  constructor(ports: PollerPorts) {
    this.#ports = ports;
  }

  /** Begins to ask; the answer ends it. */
  add(poll: Poll): () => void {
    this.#due.set(poll, this.#ports.now() + poll.everyMs);
    this.#clock ??= setInterval(() => void this.#tick(), TICK_MS);
    return () => {
      this.#due.delete(poll);
      if (this.#due.size > 0) return;
      clearInterval(this.#clock);
      this.#clock = undefined;
    };
  }

  async #tick(): Promise<void> {
    const { now, isVisible } = this.#ports;
    const [next] = [...this.#due].filter(([, dueMs]) => dueMs <= now()).toSorted(([, a], [, b]) => a - b);
    if (!next || this.#isAsking || !isVisible()) return;
    const [poll] = next;
    this.#isAsking = true;
    try {
      await poll.ask();
    } finally {
      this.#isAsking = false;
      if (this.#due.has(poll)) this.#due.set(poll, now() + poll.everyMs);
    }
  }
}
