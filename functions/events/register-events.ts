import { app } from '@azure/functions';
import { ServiceBusClient } from '@azure/service-bus';
import { createEventTopic } from '../../shared/events/event-topic.ts';
import type { TargetRules } from '../../shared/events/webhook-target.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { createDrainEvents, DRAIN_SCHEDULE } from './drain-events.ts';
import { getOutbox } from './get-outbox.ts';

export interface EventServices extends TargetRules {
  readonly storage: Storage;
  readonly settings: SettingsStore;
  /** Undefined: no Service Bus is set up. */
  readonly serviceBus: ServiceBusClient | undefined;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** The retries of the client are few, as a failed key is tried again anyway. */
const RETRIES = { maxRetries: 1, retryDelayInMs: 500, timeoutInMs: 15_000 };

/** How to open the namespace; undefined where none is set up. A client connects at its first use. */
export function serviceBusConnector(connection: string | undefined): (() => ServiceBusClient) | undefined {
  return connection === undefined ? undefined : () => new ServiceBusClient(connection, { retryOptions: RETRIES });
}

/** Tells the Functions runtime of the outbox's timer, and gives the endpoints of events. */
export function registerEvents(services: EventServices): Endpoint[] {
  const { serviceBus } = services;
  const topic = serviceBus && createEventTopic(serviceBus);
  app.timer('drainEvents', { schedule: DRAIN_SCHEDULE, handler: createDrainEvents({ ...services, topic }) });
  return [getOutbox({ ...services, hasServiceBus: serviceBus !== undefined })];
}
