/**
 * Functions with a Service Bus queue trigger: what the Service Bus extension does on a Functions host.
 *
 *  TRIGGER-1  A message is completed after its function has succeeded, and given back when it failed or the host died: it
 *             is run at least once, and dead-lettered by the broker after as many deliveries as the queue allows.
 *  TRIGGER-2  Of a session one message runs at a time, in order, however many sessions run beside it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  isServiceBusError,
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import type { RegisteredFunction, RpcTypedData } from '../functions-core/function-app.ts';
import type { Invocations } from '../invocations.ts';
import type { Log } from '../log.ts';

/** Sessions that one function works on at the same time, as on the Functions host by default. */
const MAX_SESSIONS = 8;
/** A session without messages for so long is left. */
const IDLE_MS = 1_000;
/** A client that is being closed is waited for so long. */
const CLOSE_LIMIT_MS = 5_000;
const PAUSE_AFTER_FAILURE_MS = 2_000;

export interface QueueTriggerParts {
  readonly functions: Iterable<RegisteredFunction>;
  /** Where a trigger's `connection` is looked up. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly invocations: Pick<Invocations, 'run'>;
}

/** The queue triggers of an app. */
export interface QueueTriggers {
  start(): void;
  /** No more messages. Ends when those under way are settled. */
  stop(): Promise<void>;
}

/** Whether a function is run by messages of a queue. */
export function isQueueTrigger({ trigger: { binding } }: RegisteredFunction): boolean {
  return binding.type.toLowerCase() === 'servicebustrigger' && typeof binding.queueName === 'string';
}

export function createQueueTriggers(parts: QueueTriggerParts): QueueTriggers {
  const listeners = [...parts.functions].filter(isQueueTrigger).map((fn) => new Listener(fn, parts));
  return {
    start() {
      for (const listener of listeners) listener.start();
    },
    async stop() {
      await Promise.all(listeners.map((listener) => listener.stop()));
    },
  };
}

class Listener {
  readonly #fn: RegisteredFunction;
  readonly #parts: QueueTriggerParts;
  readonly #queue: string;
  #client: ServiceBusClient | undefined;
  readonly #inHand = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(fn: RegisteredFunction, parts: QueueTriggerParts) {
    this.#fn = fn;
    this.#parts = parts;
    this.#queue = String(fn.trigger.binding.queueName);
  }

  start(): void {
    const { connection, isSessionsEnabled } = this.#fn.trigger.binding;
    const connectionString = this.#parts.settings[String(connection)];
    if (connectionString === undefined) {
      this.#log('error', `The trigger can't be started: there is no setting ${String(connection)}.`);
      return;
    }
    this.#client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0 } });
    const loops = isSessionsEnabled === true ? MAX_SESSIONS : 1;
    for (let count = 0; count < loops; count++) void this.#loop(isSessionsEnabled === true);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#inHand);
    // Loops aren't waited for: the client's wait for a session neither ends when it is aborted nor when the client is closed.
    const closed = this.#client?.close().catch(() => undefined);
    await Promise.race([closed, sleep(CLOSE_LIMIT_MS, undefined, { ref: false })]);
  }

  async #loop(hasSessions: boolean): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const receiver = await this.#openReceiver(hasSessions);
        if (!receiver) continue;
        try {
          await this.#serve(receiver, hasSessions);
        } finally {
          await receiver.close();
        }
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.#log('warning', `Queue ${this.#queue} can't be read now: ${String(error)}`);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_FAILURE_MS));
      }
    }
  }

  /** Undefined: no session has had a message for a while. */
  async #openReceiver(hasSessions: boolean): Promise<ServiceBusReceiver | undefined> {
    if (!this.#client) return undefined;
    if (!hasSessions) return this.#client.createReceiver(this.#queue);
    try {
      return await this.#client.acceptNextSession(this.#queue, { abortSignal: this.#stopping.signal });
    } catch (error) {
      if (isServiceBusError(error) && error.code === 'ServiceTimeout') return undefined;
      throw error;
    }
  }

  async #serve(receiver: ServiceBusReceiver, hasSessions: boolean): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const abortSignal = this.#stopping.signal;
      const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: IDLE_MS, abortSignal });
      if (!message) {
        if (hasSessions) return;
        continue;
      }
      const handled = this.#handle(receiver, message);
      this.#inHand.add(handled);
      await handled.finally(() => this.#inHand.delete(handled));
    }
  }

  async #handle(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage): Promise<void> {
    try {
      await this.#parts.invocations.run(this.#fn, dataOf(message.body), metadataOf(message));
    } catch {
      // The failure has been told. The message is given back.
      await receiver.abandonMessage(message);
      return;
    }
    await receiver.completeMessage(message);
  }

  #log(level: 'warning' | 'error', message: string): void {
    this.#parts.log({ level, message, function: this.#fn.name });
  }
}

function dataOf(body: unknown): RpcTypedData {
  if (Buffer.isBuffer(body)) return { bytes: body };
  return { string: typeof body === 'string' ? body : JSON.stringify(body) };
}

function metadataOf(message: ServiceBusReceivedMessage): Record<string, RpcTypedData> {
  const { messageId, sessionId, deliveryCount = 0, sequenceNumber, enqueuedTimeUtc, applicationProperties } = message;
  return {
    MessageId: { string: String(messageId) },
    ...(sessionId !== undefined && { SessionId: { string: sessionId } }),
    // The extension counts the delivery at hand.
    DeliveryCount: { int: deliveryCount + 1 },
    SequenceNumber: { string: String(sequenceNumber) },
    ...(enqueuedTimeUtc && { EnqueuedTimeUtc: { string: enqueuedTimeUtc.toISOString() } }),
    ApplicationProperties: { json: JSON.stringify(applicationProperties ?? {}) },
  };
}
