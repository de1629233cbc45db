/**
 * One queue, subscription or dead-letter queue of the stand-in, as a state machine: no I/O, time is an input.
 *
 *  BROKER-1  What must outlive the process changes by `apply` alone; other methods give the changes that they want made,
 *            so that the caller can write them down first. Locks are forgotten when the process ends, as after a
 *            failover.
 *  BROKER-2  A message is locked by one holder at a time. In a queue with sessions the holder of the session's lock has
 *            it.
 *  BROKER-3  A delivery that ends without completion counts; the last one that may be dead-letters the message.
 */
import { randomBytes } from 'node:crypto';

export interface QueueOptions {
  readonly requiresSession: boolean;
  readonly lockMs: number;
  /** 0: a message is never dead-lettered for its count. */
  readonly maxDeliveryCount: number;
  /** The oldest messages give way to newer ones beyond so many; 0: all are kept. */
  readonly maxMessages: number;
}

export interface QueuedMessage {
  readonly sequence: number;
  readonly messageId: string;
  readonly sessionId: string | undefined;
  readonly enqueuedMs: number;
  /** Deliveries that ended without completion. */
  readonly deliveryCount: number;
  /** The message as it was sent, encoded, in base64. */
  readonly body: string;
  /** Why it is in a dead-letter queue, and where it came from. */
  readonly deadLetter?: { readonly source: string; readonly properties: Readonly<Record<string, unknown>> };
}

/** A change that is to last. */
export type QueueChange =
  | { readonly kind: 'put'; readonly message: QueuedMessage }
  | { readonly kind: 'gone'; readonly sequence: number }
  | { readonly kind: 'counted'; readonly sequence: number }
  | { readonly kind: 'state'; readonly sessionId: string; readonly state: string | null };

export interface LockedMessage {
  readonly message: QueuedMessage;
  /** 16 bytes. */
  readonly token: Buffer;
  readonly lockedUntilMs: number;
}

export type Outcome =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon' }
  | { readonly kind: 'deadLetter'; readonly properties: Readonly<Record<string, unknown>> };

/** What an outcome leads to: changes here, and a message for the dead-letter queue. */
export interface Settled {
  readonly changes: readonly QueueChange[];
  readonly dead?: { readonly message: QueuedMessage; readonly properties: Readonly<Record<string, unknown>> };
}

interface Lock {
  readonly sequence: number;
  readonly token: Buffer;
  /** For a message of a session the session's lock counts instead. */
  untilMs: number;
}

interface SessionLock {
  readonly holder: number;
  untilMs: number;
}

const NO_SESSION = '';

export class MessageQueue {
  readonly options: QueueOptions;
  readonly #sessions = new Map<string, Map<number, QueuedMessage>>();
  readonly #bySequence = new Map<number, QueuedMessage>();
  readonly #states = new Map<string, string>();
  readonly #locks = new Map<string, Lock>();
  readonly #locked = new Map<number, string>();
  readonly #sessionLocks = new Map<string, SessionLock>();
  #lastSequence = 0;

  constructor(options: QueueOptions) {
    this.options = options;
  }

  get nextSequence(): number {
    return this.#lastSequence + 1;
  }

  /** What there is, as changes that make it again. */
  snapshot(): QueueChange[] {
    const states = [...this.#states].map(([sessionId, state]): QueueChange => ({ kind: 'state', sessionId, state }));
    return [...states, ...[...this.#bySequence.values()].map((message): QueueChange => ({ kind: 'put', message }))];
  }

  /** Makes a change (BROKER-1). */
  apply(change: QueueChange): void {
    switch (change.kind) {
      case 'put':
        this.#lastSequence = Math.max(this.#lastSequence, change.message.sequence);
        this.#store(change.message);
        this.#trim();
        return;
      case 'gone':
        this.#remove(change.sequence);
        return;
      case 'counted': {
        const message = this.#bySequence.get(change.sequence);
        if (message) this.#store({ ...message, deliveryCount: message.deliveryCount + 1 });
        return;
      }
      case 'state':
        if (change.state === null) this.#states.delete(change.sessionId);
        else this.#states.set(change.sessionId, change.state);
    }
  }

  /** Locks the next free message; of a session that `holder` has, in a queue with sessions. */
  lockNext(nowMs: number, session?: { readonly id: string; readonly holder: number }): LockedMessage | undefined {
    const sessionLock = session && this.#sessionLocks.get(session.id);
    if (this.options.requiresSession && (!session || sessionLock?.holder !== session.holder)) return undefined;
    for (const message of this.#sessions.get(session?.id ?? NO_SESSION)?.values() ?? []) {
      if (this.#locked.has(message.sequence)) continue;
      const lockedUntilMs = sessionLock?.untilMs ?? nowMs + this.options.lockMs;
      const token = randomBytes(16);
      this.#locks.set(token.toString('hex'), { sequence: message.sequence, token, untilMs: lockedUntilMs });
      this.#locked.set(message.sequence, token.toString('hex'));
      return { message, token, lockedUntilMs };
    }
    return undefined;
  }

  /** Ends a lock with an outcome; undefined when the lock is lost. */
  settle(token: Buffer, outcome: Outcome): Settled | undefined {
    const lock = this.#locks.get(token.toString('hex'));
    const message = lock && this.#bySequence.get(lock.sequence);
    if (!lock || !message) return undefined;
    this.#unlock(lock);
    if (outcome.kind === 'complete') return { changes: [{ kind: 'gone', sequence: message.sequence }] };
    if (outcome.kind === 'abandon') return this.#count(message);
    return {
      changes: [{ kind: 'gone', sequence: message.sequence }],
      dead: { message, properties: outcome.properties },
    };
  }

  /** Makes a message's lock last anew; until when, or undefined when it is lost. */
  renew(token: Buffer, nowMs: number): number | undefined {
    const lock = this.#locks.get(token.toString('hex'));
    if (!lock) return undefined;
    lock.untilMs = nowMs + this.options.lockMs;
    return lock.untilMs;
  }

  /** Takes the lock of the session that is asked for, or of the next free one that has a message. */
  acceptSession(
    wanted: string | undefined,
    holder: number,
    nowMs: number,
  ): { readonly id: string; readonly untilMs: number } | 'locked' | 'none' {
    const id = wanted ?? [...this.#sessions.keys()].find((each) => this.#isFree(each));
    if (id === undefined) return 'none';
    if (this.#sessionLocks.has(id)) return 'locked';
    const untilMs = nowMs + this.options.lockMs;
    this.#sessionLocks.set(id, { holder, untilMs });
    return { id, untilMs };
  }

  renewSession(id: string, nowMs: number): number | undefined {
    const lock = this.#sessionLocks.get(id);
    if (!lock) return undefined;
    lock.untilMs = nowMs + this.options.lockMs;
    return lock.untilMs;
  }

  /** Gives up a session that `holder` has; its messages are free again, and those that were delivered are counted. */
  releaseSession(id: string, holder: number): Settled[] {
    if (this.#sessionLocks.get(id)?.holder !== holder) return [];
    this.#sessionLocks.delete(id);
    const messages = [...(this.#sessions.get(id)?.values() ?? [])];
    return messages.flatMap((message) => {
      const lock = this.#locks.get(this.#locked.get(message.sequence) ?? '');
      if (!lock) return [];
      this.#unlock(lock);
      return [this.#count(message)];
    });
  }

  sessionState(id: string): string | null {
    return this.#states.get(id) ?? null;
  }

  /** Ends what has run out: locks of messages, and of sessions (whose holders are given). */
  expire(nowMs: number): { readonly settled: Settled[]; readonly lostSessions: readonly number[] } {
    const settled: Settled[] = [];
    const lostSessions: number[] = [];
    for (const [id, { holder, untilMs }] of this.#sessionLocks) {
      if (untilMs > nowMs) continue;
      settled.push(...this.releaseSession(id, holder));
      lostSessions.push(holder);
    }
    if (this.options.requiresSession) return { settled, lostSessions };
    for (const lock of this.#locks.values()) {
      const message = this.#bySequence.get(lock.sequence);
      if (lock.untilMs > nowMs || !message) continue;
      this.#unlock(lock);
      settled.push(this.#count(message));
    }
    return { settled, lostSessions };
  }

  /** Messages from a sequence number on, locked ones too. */
  peek(fromSequence: number, count: number, sessionId?: string): QueuedMessage[] {
    const messages = sessionId === undefined ? this.#bySequence : (this.#sessions.get(sessionId) ?? new Map());
    return [...messages.values()].filter(({ sequence }) => sequence >= fromSequence).slice(0, count);
  }

  #isFree(id: string): boolean {
    return !this.#sessionLocks.has(id) && (this.#sessions.get(id)?.size ?? 0) > 0;
  }

  #count(message: QueuedMessage): Settled {
    const { sequence, deliveryCount } = message;
    const { maxDeliveryCount } = this.options;
    if (maxDeliveryCount === 0 || deliveryCount + 1 < maxDeliveryCount) {
      return { changes: [{ kind: 'counted', sequence }] };
    }
    const properties = {
      DeadLetterReason: 'MaxDeliveryCountExceeded',
      DeadLetterErrorDescription: `Message could not be consumed after ${maxDeliveryCount} delivery attempts.`,
    };
    const counted = { ...message, deliveryCount: deliveryCount + 1 };
    return { changes: [{ kind: 'gone', sequence }], dead: { message: counted, properties } };
  }

  #unlock({ sequence, token }: Lock): void {
    this.#locks.delete(token.toString('hex'));
    this.#locked.delete(sequence);
  }

  #store(message: QueuedMessage): void {
    const id = this.options.requiresSession ? (message.sessionId ?? NO_SESSION) : NO_SESSION;
    const session = this.#sessions.get(id) ?? new Map<number, QueuedMessage>();
    this.#sessions.set(id, session.set(message.sequence, message));
    this.#bySequence.set(message.sequence, message);
  }

  #remove(sequence: number): void {
    const message = this.#bySequence.get(sequence);
    if (!message) return;
    const lock = this.#locks.get(this.#locked.get(sequence) ?? '');
    if (lock) this.#unlock(lock);
    const id = this.options.requiresSession ? (message.sessionId ?? NO_SESSION) : NO_SESSION;
    const session = this.#sessions.get(id);
    session?.delete(sequence);
    if (session?.size === 0) this.#sessions.delete(id);
    this.#bySequence.delete(sequence);
  }

  #trim(): void {
    const { maxMessages } = this.options;
    if (maxMessages === 0) return;
    for (const sequence of this.#bySequence.keys()) {
      if (this.#bySequence.size <= maxMessages) return;
      if (!this.#locked.has(sequence)) this.#remove(sequence);
    }
  }
}
