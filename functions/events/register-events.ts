import { app } from '@azure/functions';
import type { ServiceBusClient } from '@azure/service-bus';
import { createEventTopic } from '../../shared/events/event-topic.ts';
import type { TargetRules } from '../../shared/events/webhook-target.ts';
import type { TimerRuns } from '../../shared/runs/timer-runs.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { createDrainEvents, DRAIN_SCHEDULE } from './drain-events.ts';

export interface EventServices extends TargetRules {
  readonly storage: Storage;
  readonly settings: SettingsStore;
  readonly timerRuns: Pick<TimerRuns, 'noted'>;
  /** Undefined: no Service Bus is set up. */
  readonly serviceBus: ServiceBusClient | undefined;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Tells the Functions runtime of the outbox's timer. */
export function registerEvents(services: EventServices): void {
  const { serviceBus, timerRuns } = services;
  const topic = serviceBus && createEventTopic(serviceBus);
  app.timer('drainEvents', {
    schedule: DRAIN_SCHEDULE,
    handler: timerRuns.noted('drainEvents', createDrainEvents({ ...services, topic })),
  });
}
