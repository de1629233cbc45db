/**
 * Draining the outbox: hints lead to keys, whose events go to each receiver in order.
 *
 *  DRAIN-1  A receiver gets an event of a key only after it took the ones before it; a failure ends the key's turn with
 *      it.
 *  DRAIN-2  An event leaves the outbox once every receiver that is set up has it. While none is, it stays.
 *  DRAIN-3  A failure puts the key's next turn off, longer each time; a receiver that fails several keys in a row is left
 *      alone for the rest of the pass, so that one that is down costs little and one bad key holds up nobody else's.
 *  DRAIN-4  A crash may send again what was sent (at least once); ids and sequences tell that.
 */
import { MAX_PARALLEL, mapParallel } from '../storage/parallel.ts';
import type { Storage } from '../storage/storage.ts';
import type { StoredRow } from '../storage/table.ts';
import type { SpillwayEvent } from './event.ts';
import {
  type HintRow,
  hintTable,
  placeOf,
  type ReceiverName,
  readEvents,
  removeEvents,
  type StoredEvent,
} from './outbox.ts';

/** Who takes events. */
export interface Receiver {
  readonly name: ReceiverName;
  /** Sends events of one key in order. Gives how many were taken, from the first on, and why it stopped if not all were. */
  send(events: readonly SpillwayEvent[]): Promise<{ readonly taken: number; readonly error?: string | undefined }>;
}

/** What delivering works with. */
export interface DrainPorts {
  readonly storage: Storage;
  /** Receivers that are set up now. */
  readonly receivers: readonly Receiver[];
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** Whether to begin with another key: false once the lease is lost or time is up. */
  readonly goOn: () => Promise<boolean>;
}

/** What one delivery came to. */
export interface Drained {
  /** Events that left the outbox. */
  readonly sent: number;
  readonly failedKeys: number;
  readonly lastError: string;
}

const FAILURES_UNTIL_LEFT = 3;
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 120_000;
/** A key without a head has a writer that died or will come soon. */
const HEADLESS_MS = 3_600_000;

/** Takes each key that is due once. Does nothing while no receiver is set up. */
export async function drainOutbox(ports: DrainPorts): Promise<Drained> {
  if (ports.receivers.length === 0) return { sent: 0, failedKeys: 0, lastError: '' };
  const pass = new Pass(ports);
  let after: Pick<HintRow, 'partitionKey' | 'rowKey'> | undefined;
  for (;;) {
    const { rows, next } = await hintPage(ports.storage, after);
    const due = rows.filter((hint) => pass.isDue(hint));
    await mapParallel(due, MAX_PARALLEL, async (hint) => {
      if (await ports.goOn()) await pass.drainKey(hint);
    });
    if (!next || !(await ports.goOn())) return pass.drained;
    after = next;
  }
}

async function hintPage(storage: Storage, after: Pick<HintRow, 'partitionKey' | 'rowKey'> | undefined) {
  const table = hintTable(storage);
  const rest = after && (await table.page<HintRow>({ partitionKey: after.partitionKey, after: after.rowKey }));
  if (rest && rest.rows.length > 0) return { rows: rest.rows, next: rest.rows.at(-1) };
  const { rows, more } = await table.page<HintRow>(after ? { partitionAfter: after.partitionKey } : {});
  return { rows, next: more ? rows.at(-1) : undefined };
}

class Pass {
  readonly #ports: DrainPorts;
  readonly #failuresInARow = new Map<ReceiverName, number>();
  readonly drained = { sent: 0, failedKeys: 0, lastError: '' };

  constructor(ports: DrainPorts) {
    this.#ports = ports;
  }

  isDue({ retryAtMs }: HintRow): boolean {
    return (retryAtMs ?? 0) <= this.#ports.now();
  }

  async drainKey(hint: StoredRow<HintRow>): Promise<void> {
    const { storage, receivers } = this.#ports;
    const { source, key } = placeOf(hint);
    /** How far each receiver is in this turn, by sequence: so that a changed head doesn't make us send again. */
    const takenThrough = new Map<ReceiverName, number>();
    const failed = new Map<ReceiverName, string>();
    for (;;) {
      const read = await readEvents(storage, source, key);
      if (!read) return this.#dropHeadless(hint);
      const events = read.events.map((stored) => withTaken(stored, takenThrough));
      for (const receiver of receivers) {
        if (failed.has(receiver.name)) continue;
        await this.#send(receiver, events, takenThrough, failed);
      }
      const now = events.map((stored) => withTaken(stored, takenThrough));
      const gone = now.filter((stored) => this.#isDone(stored));
      const marked = now.filter(
        (stored, at) => !this.#isDone(stored) && stored.sent.length > (read.events[at]?.sent.length ?? 0),
      );
      if (!(await removeEvents(storage, source, key, { headEtag: read.headEtag, gone, marked }))) continue;
      this.drained.sent += gone.length;
      const left = now.length - gone.length;
      if (left === 0 && !read.more) return this.#removeHint(hint);
      if (left === 0) continue;
      // Without a failure a receiver was left alone in this pass (DRAIN-3): the key's turn comes again.
      if (failed.size > 0) await this.#putOff(hint, [...failed.values()].join(' '));
      return;
    }
  }

  async #send(
    receiver: Receiver,
    events: readonly StoredEvent[],
    takenThrough: Map<ReceiverName, number>,
    failed: Map<ReceiverName, string>,
  ): Promise<void> {
    const { name } = receiver;
    const missing = events.filter(({ sent }) => !sent.includes(name)).map(({ event }) => event);
    if (missing.length === 0 || this.#isLeft(name)) return;
    const { taken, error } = await receiver.send(missing);
    const last = missing[taken - 1];
    if (last) takenThrough.set(name, last.sequence);
    if (taken === missing.length) {
      this.#failuresInARow.set(name, 0);
      return;
    }
    failed.set(name, `${name}: ${error ?? 'it took no more'}`);
    this.#failuresInARow.set(name, (this.#failuresInARow.get(name) ?? 0) + 1);
  }

  #isLeft(name: ReceiverName): boolean {
    return (this.#failuresInARow.get(name) ?? 0) >= FAILURES_UNTIL_LEFT;
  }

  #isDone({ sent }: StoredEvent): boolean {
    return this.#ports.receivers.every(({ name }) => sent.includes(name));
  }

  async #removeHint({ partitionKey, rowKey, etag }: StoredRow<HintRow>): Promise<void> {
    await hintTable(this.#ports.storage).delete(partitionKey, rowKey, etag);
  }

  async #dropHeadless(hint: StoredRow<HintRow>): Promise<void> {
    if (this.#ports.now() - hint.hintedMs > HEADLESS_MS) await this.#removeHint(hint);
  }

  async #putOff(hint: StoredRow<HintRow>, error: string): Promise<void> {
    this.drained.failedKeys++;
    this.drained.lastError = error;
    const failures = (hint.failures ?? 0) + 1;
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20), LAST_RETRY_MS);
    const change = { failures, retryAtMs: this.#ports.now() + waitMs, lastError: error.slice(0, 1000) };
    const { partitionKey, rowKey, etag } = hint;
    // A hint that has changed meanwhile stays as it is: its key's turn comes again.
    await hintTable(this.#ports.storage).write([{ kind: 'merge', row: { partitionKey, rowKey, ...change }, etag }]);
  }
}

function withTaken(stored: StoredEvent, takenThrough: ReadonlyMap<ReceiverName, number>): StoredEvent {
  const taken = [...takenThrough].filter(([name, through]) => {
    return stored.event.sequence <= through && !stored.sent.includes(name);
  });
  return taken.length === 0 ? stored : { ...stored, sent: [...stored.sent, ...taken.map(([name]) => name)] };
}
