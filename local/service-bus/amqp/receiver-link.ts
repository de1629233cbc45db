/**
 * A client's receiver on a queue, subscription or dead-letter queue: gives out messages as credit allows, and settles them.
 *
 *  LINK-1  The answer to a wait for a session leaves before the client stops waiting for it.
 *  LINK-2  A client that has stopped waiting and detaches is sent the attach that answers its own, then the detach: a
 *          detach alone is a fault of protocol to it, for which it ends its connection, and with it the waits of all its
 *          other receivers.
 *  LINK-3  To that attach the client's library answers with one more of its own and one more detach. These stay
 *          unanswered, or it would go on for ever; and nothing is sent for a session that has ended.
 */

import type { MessageQueue, Outcome } from '../message-queue.ts';
import type { Namespace } from '../namespace.ts';
import { ticksOf, toDelivery } from './message-codec.ts';
import { deliveryState, rhea, type SenderContext, type ServerDelivery, type ServerSender } from './rhea.ts';

const SESSION_FILTER = 'com.microsoft:session-filter';
const DEFAULT_WAIT_MS = 60_000;
/** The client's own limit begins when it sends its attach, and ends up to 200 ms after the wait that it asks for. */
const ANSWER_AHEAD_MS = 1_000;

let holders = 0;

/** By session: the names of links whose clients stopped waiting. */
const abandoned = new WeakMap<object, Set<string>>();

export class ReceiverLink {
  /** Names this link where it holds a session. */
  readonly holder = ++holders;
  readonly #link: ServerSender;
  readonly #namespace: Namespace;
  readonly #address: string;
  readonly #queue: MessageQueue;
  readonly #isSettled: boolean;
  #sessionId: string | undefined;
  #isOpen = false;
  #isClosed = false;
  /** Ends the wait for a session. */
  #cancelWait: (() => void) | undefined;

  constructor(link: ServerSender, namespace: Namespace, address: string, queue: MessageQueue) {
    this.#link = link;
    this.#namespace = namespace;
    this.#address = address;
    this.#queue = queue;
    this.#isSettled = link.snd_settle_mode === 1;
    for (const outcome of ['accepted', 'released', 'modified', 'rejected']) {
      link.on(outcome, (context: SenderContext) => this.#settle(context.delivery, outcome));
    }
    link.on('sendable', () => this.pump());
    link.on('sender_draining', () => this.#drain());
    link.on('sender_close', () => {
      if (this.#endWait()) this.#abandon();
      this.close();
    });
  }

  /** Answers the client's attach: at once, or when a session is free. */
  open(): void {
    if (abandoned.get(this.#link.session)?.has(this.#link.name)) {
      this.#isClosed = true;
      this.#link.state.open_requests--;
      this.#link.state.local_open = false;
      return;
    }
    const filter = (this.#link.source.filter ?? {}) as Record<string, unknown>;
    const wantsSession = SESSION_FILTER in filter;
    if (wantsSession !== this.#queue.options.requiresSession) {
      const needs = wantsSession ? 'has no sessions' : 'requires sessions';
      this.#refuse('amqp:not-allowed', `The entity ${this.#address} ${needs}.`);
      return;
    }
    if (!wantsSession) {
      this.#isOpen = true;
      return;
    }
    const id = filter[SESSION_FILTER];
    this.#openSession(typeof id === 'string' ? id : undefined);
  }

  /** Gives out what there is, as far as the credit goes; takes a session if it waits for one. */
  pump(): void {
    if (this.#isClosed) return;
    if (this.#cancelWait) this.#takeSession(undefined);
    const session = this.#sessionId === undefined ? undefined : { id: this.#sessionId, holder: this.holder };
    while (this.#isOpen && this.#freeCredit() > 0) {
      const locked = this.#queue.lockNext(this.#namespace.clock.now(), session);
      if (!locked) return;
      if (this.#isSettled) {
        const settled = this.#queue.settle(locked.token, { kind: 'complete' });
        if (settled) this.#namespace.settle(this.#address, settled);
      }
      this.#link.send(toDelivery(locked.message, this.#isSettled ? undefined : locked), locked.token);
    }
  }

  /** The link is gone: the session is free again. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#endWait();
    if (this.#sessionId === undefined) return;
    const settled = this.#queue.releaseSession(this.#sessionId, this.holder);
    for (const each of settled) this.#namespace.settle(this.#address, each);
    this.#namespace.wake(this.#address);
  }

  /** Whether it is a link of this connection, or of this session of one. */
  isOf(whole: object): boolean {
    return this.#link.connection === whole || this.#link.session === whole;
  }

  /** The session's lock has run out. */
  lose(): void {
    this.#isClosed = true;
    const description = `The lock of session ${this.#sessionId} has expired.`;
    this.#link.close({ condition: 'com.microsoft:session-lock-lost', description });
  }

  #openSession(wanted: string | undefined): void {
    if (this.#takeSession(wanted)) return;
    if (wanted !== undefined) {
      this.#refuse('com.microsoft:session-cannot-be-locked', `The session ${wanted} is locked by another receiver.`);
      return;
    }
    // The answer to the attach is held back until a session is free.
    this.#link.state.open_requests--;
    const askedMs = Number(this.#link.properties?.['com.microsoft:timeout'] ?? DEFAULT_WAIT_MS);
    const waitMs = askedMs - Math.min(ANSWER_AHEAD_MS, askedMs / 2);
    const { clock } = this.#namespace;
    this.#cancelWait = clock.at(clock.now() + waitMs, () => {
      this.#cancelWait = undefined;
      this.#answer();
      this.#refuse('com.microsoft:timeout', `No session of ${this.#address} has a message.`);
    });
  }

  #takeSession(wanted: string | undefined): boolean {
    const taken = this.#queue.acceptSession(wanted, this.holder, this.#namespace.clock.now());
    if (typeof taken === 'string') return false;
    this.#sessionId = taken.id;
    this.#isOpen = true;
    const source = { ...this.#link.source, filter: { [SESSION_FILTER]: taken.id } };
    this.#link.set_source(source);
    this.#link.local.attach.properties = {
      'com.microsoft:locked-until-utc': rhea.types.wrap_long(ticksOf(taken.untilMs)),
    };
    if (this.#endWait()) this.#answer();
    return true;
  }

  /** Whether there was a wait. */
  #endWait(): boolean {
    if (!this.#cancelWait) return false;
    this.#cancelWait();
    this.#cancelWait = undefined;
    return true;
  }

  /** The client has detached before it was answered. */
  #abandon(): void {
    const { session, name } = this.#link;
    abandoned.set(session, (abandoned.get(session) ?? new Set()).add(name));
    this.#answer();
  }

  /** Has the attach that was held back written. */
  #answer(): void {
    this.#link.state.open_requests++;
    this.#link.connection._register();
  }

  #refuse(condition: string, description: string): void {
    this.#isClosed = true;
    this.#link.set_source({} as never);
    this.#link.close({ condition, description });
  }

  /** The library lowers the credit only when a transfer is written. */
  #freeCredit(): number {
    const { outgoing } = this.#link.session;
    const unwritten = outgoing.next_delivery_id - outgoing.next_pending_delivery;
    return Math.min(this.#link.credit - unwritten, outgoing.available());
  }

  #drain(): void {
    this.pump();
    setImmediate(() => {
      if (this.#isClosed) return;
      this.#link.set_drained(true);
      this.#link.connection._register();
    });
  }

  #settle(delivery: ServerDelivery, name: string): void {
    if (this.#isSettled) return;
    const outcome = outcomeOf(delivery, name);
    const settled = outcome && this.#queue.settle(delivery.tag as Buffer, outcome);
    if (settled) this.#namespace.settle(this.#address, settled);
    // A state `rejected` is an error to the client, so that it is never echoed.
    delivery.update(true, deliveryState(settled ? undefined : this.#failureOf(outcome)));
    delivery.remote_settled = true;
  }

  #failureOf(outcome: Outcome | undefined): { readonly condition: string; readonly description: string } {
    if (!outcome) return { condition: 'amqp:not-implemented', description: 'The stand-in does not defer messages.' };
    const condition = this.#sessionId === undefined ? 'message-lock-lost' : 'session-lock-lost';
    return {
      condition: `com.microsoft:${condition}`,
      description: 'The lock is lost; the message is given out again.',
    };
  }
}

/** What a client's disposition means; undefined for what the stand-in doesn't do. */
function outcomeOf({ remote_state }: ServerDelivery, name: string): Outcome | undefined {
  const state = remote_state as unknown as {
    undeliverable_here?: boolean;
    error?: { condition?: string; info?: Record<string, unknown> };
  };
  if (name === 'accepted') return { kind: 'complete' };
  if (name === 'released') return { kind: 'abandon' };
  if (name === 'modified') return state.undeliverable_here === true ? undefined : { kind: 'abandon' };
  return { kind: 'deadLetter', properties: withoutAbsent(state.error?.info ?? {}) };
}

function withoutAbsent(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null && value !== undefined));
}
