/**
 * A stand-in for Azure Service Bus on one machine: what the app and its tests use of it, for the unmodified SDK. Sending,
 * batches, peek-lock, dead-letter queues, sessions, topics, duplicate detection, peeking. It has no deferral, no schedules,
 * no time to live, no rules and no security beyond hearing this machine alone.
 */
import { type Clock, systemClock } from '../clock.ts';
import { LOOPBACK, listen, type PortWish } from '../ports.ts';
import { AmqpServer } from './amqp/server.ts';
import { Namespace, type Topology } from './namespace.ts';

const LOCK_MS = 30_000;
const MAX_DELIVERIES = 10;

const queue = { lockMs: LOCK_MS, maxDeliveryCount: MAX_DELIVERIES, maxMessages: 0 };
/** Subscriptions that perhaps nobody reads keep their newest messages. */
const subscription = { ...queue, maxMessages: 5_000 };

/** What the app uses, with subscriptions to look at: all events in one row, and in sessions by job or customer. */
const TOPOLOGY: Topology = {
  queues: { 'channel-changes': { ...queue, requiresSession: true } },
  topics: {
    'spillway-events': {
      all: { ...subscription, requiresSession: false },
      'by-key': { ...subscription, requiresSession: true },
    },
  },
  duplicateWindowMs: 10 * 60_000,
};

/** How the SDK reaches a stand-in on this port. */
export function serviceBusConnectionString(port: number): string {
  return `Endpoint=sb://${LOOPBACK}:${port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true`;
}

/** A running stand-in. */
export interface LocalServiceBus {
  readonly port: number;
  readonly connectionString: string;
  close(): Promise<void>;
}

/** Starts it on a file's messages. Rejects with PortTakenError when a port that was set is in use. */
export async function startServiceBus(options: {
  readonly file: string;
  readonly wish: PortWish;
  readonly topology?: Topology;
  /** For locks, waits and the window of duplicate detection; tests move one by hand. */
  readonly clock?: Clock;
}): Promise<LocalServiceBus> {
  const namespace = new Namespace(options.file, options.topology ?? TOPOLOGY, options.clock ?? systemClock);
  const amqp = new AmqpServer(namespace);
  const port = await listen(amqp.server, options.wish);
  return {
    port,
    connectionString: serviceBusConnectionString(port),
    async close() {
      await amqp.close();
      namespace.close();
    },
  };
}
