/**
 * The stand-in's namespace: queues and topics by address, what is sent to them, and the journal.
 *
 *  NAMESPACE-1  A change is in the journal before it is made and before anybody is told of it; what belongs together is
 *               one entry.
 *  NAMESPACE-2  A message with an id that was seen within the window of duplicate detection is taken and dropped.
 */
import type { Clock } from '../clock.ts';
import { Journal, type JournalEntry } from './journal.ts';
import {
  MessageQueue,
  type QueueChange,
  type QueuedMessage,
  type QueueOptions,
  type Settled,
} from './message-queue.ts';

/** What there is in a namespace. */
export interface Topology {
  readonly queues: Readonly<Record<string, QueueOptions>>;
  /** Topics with their subscriptions. */
  readonly topics: Readonly<Record<string, Readonly<Record<string, QueueOptions>>>>;
  readonly duplicateWindowMs: number;
}

/** A message that is sent. */
export interface SentMessage {
  readonly messageId: string;
  readonly sessionId: string | undefined;
  /** Encoded, in base64. */
  readonly body: string;
}

export const DEAD_LETTER = '/$deadletterqueue';

/** Dead-letter queues are without sessions, and keep what they hold. */
const DEAD_LETTER_OPTIONS: QueueOptions = {
  requiresSession: false,
  lockMs: 60_000,
  maxDeliveryCount: 0,
  maxMessages: 0,
};
const LINES_UNTIL_COMPACTION = 20_000;

/** A namespace over a journal's file. */
export class Namespace {
  /** Time as queues and links see it. */
  readonly clock: Clock;
  readonly #queues = new Map<string, MessageQueue>();
  readonly #topics = new Map<string, readonly string[]>();
  readonly #seen = new Map<string, number>();
  readonly #journal: Journal;
  readonly #duplicateWindowMs: number;
  #compactAt = 0;
  readonly #listeners = new Set<(address: string) => void>();

  constructor(path: string, topology: Topology, clock: Clock) {
    this.#journal = new Journal(path);
    this.#duplicateWindowMs = topology.duplicateWindowMs;
    this.clock = clock;
    for (const [name, options] of Object.entries(topology.queues)) this.#addQueue(name.toLowerCase(), options);
    for (const [name, subscriptions] of Object.entries(topology.topics)) {
      const addresses = Object.entries(subscriptions).map(([subscription, options]) => {
        const address = `${name}/subscriptions/${subscription}`.toLowerCase();
        this.#addQueue(address, options);
        return address;
      });
      this.#topics.set(name.toLowerCase(), addresses);
    }
    for (const entry of this.#journal.read()) this.#apply(entry);
    this.#compact();
  }

  /** The queue, subscription or dead-letter queue at an address. */
  queue(address: string): MessageQueue | undefined {
    return this.#queues.get(address);
  }

  /** Whether messages can be sent to an address. */
  takes(address: string): boolean {
    return this.#topics.has(address) || (this.#queues.has(address) && !/\/(?:\$|subscriptions\/)/.test(address));
  }

  /** Why a message can't go there, or undefined. */
  refusalOf(address: string, { sessionId }: Pick<SentMessage, 'sessionId'>): string | undefined {
    const needsSession = this.#queues.get(address)?.options.requiresSession === true;
    return needsSession && sessionId === undefined
      ? `The queue ${address} requires sessions: the message needs a session id.`
      : undefined;
  }

  /** Takes a message; a topic gives one to each of its subscriptions. */
  send(address: string, message: SentMessage): void {
    const key = seenKey(address, message.messageId);
    if ((this.#seen.get(key) ?? 0) > this.clock.now()) return;
    const targets = (this.#topics.get(address) ?? [address]).filter(
      (target) => this.refusalOf(target, message) === undefined,
    );
    const changes = targets.map((target) => [target, this.#putOf(target, { ...message, deliveryCount: 0 })] as const);
    const untilMs = this.clock.now() + this.#duplicateWindowMs;
    this.#commit({ changes, seen: { address, messageId: message.messageId, untilMs } });
  }

  /** Makes changes of one queue last, with what goes to its dead-letter queue. */
  settle(address: string, { changes, dead }: Settled): void {
    const own = changes.map((change) => [address, change] as const);
    if (!dead) {
      this.#commit({ changes: own });
      return;
    }
    const { messageId, sessionId, body, deliveryCount } = dead.message;
    const target = `${address}${DEAD_LETTER}`;
    const deadLetter = { source: address, properties: dead.properties };
    const put = this.#putOf(target, { messageId, sessionId, body, deliveryCount, deadLetter });
    this.#commit({ changes: [...own, [target, put] as const] });
  }

  /** Ends the locks that have run out; `onLost` is told of each session that was lost, by its holder. */
  expire(onLost: (holder: number) => void): void {
    for (const [address, queue] of this.#queues) {
      const { settled, lostSessions } = queue.expire(this.clock.now());
      for (const each of settled) this.settle(address, each);
      for (const holder of lostSessions) onLost(holder);
      if (lostSessions.length > 0) this.wake(address);
    }
  }

  /** Has `listener` told of addresses where something may be had; gives how to end that. */
  listen(listener: (address: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Has receivers look at an address again: something there may be free. */
  wake(address: string): void {
    for (const listener of this.#listeners) listener(address);
  }

  close(): void {
    this.#journal.close();
  }

  #addQueue(address: string, options: QueueOptions): void {
    this.#queues.set(address, new MessageQueue(options));
    this.#queues.set(`${address}${DEAD_LETTER}`, new MessageQueue(DEAD_LETTER_OPTIONS));
  }

  #putOf(address: string, message: Omit<QueuedMessage, 'sequence' | 'enqueuedMs'>): QueueChange {
    const sequence = this.#queues.get(address)?.nextSequence ?? 1;
    return { kind: 'put', message: { ...message, sequence, enqueuedMs: this.clock.now() } };
  }

  #commit(entry: JournalEntry): void {
    this.#journal.append(entry);
    this.#apply(entry);
    if (this.#journal.lines > this.#compactAt) this.#compact();
    for (const address of new Set(entry.changes.map(([each]) => each))) this.wake(address);
  }

  #apply({ changes, seen }: JournalEntry): void {
    for (const [address, change] of changes) this.#queues.get(address)?.apply(change);
    if (seen) this.#seen.set(seenKey(seen.address, seen.messageId), seen.untilMs);
  }

  #compact(): void {
    const entries: JournalEntry[] = [];
    for (const [address, queue] of this.#queues) {
      for (const change of queue.snapshot()) entries.push({ changes: [[address, change]] });
    }
    for (const [key, untilMs] of this.#seen) {
      if (untilMs <= this.clock.now()) {
        this.#seen.delete(key);
        continue;
      }
      const [address = '', messageId = ''] = JSON.parse(key) as string[];
      entries.push({ changes: [], seen: { address, messageId, untilMs } });
    }
    if (entries.length < this.#journal.lines || this.#journal.lines === 0) this.#journal.compact(entries);
    this.#compactAt = Math.max(LINES_UNTIL_COMPACTION, 2 * entries.length);
  }
}

function seenKey(address: string, messageId: string): string {
  return JSON.stringify([address, messageId]);
}
