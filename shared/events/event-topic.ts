import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import type { Receiver } from './drain-outbox.ts';
import type { SpillwayEvent } from './event.ts';

/** The topic that carries events. */
export const EVENT_TOPIC = 'spillway-events';

/** The message of an event: the id makes a repetition known again, the session keeps the events of a key in order. */
function toMessage(event: SpillwayEvent): ServiceBusMessage {
  const { id, key, type, sequence } = event;
  return {
    messageId: id,
    sessionId: key,
    subject: type,
    contentType: 'application/json',
    applicationProperties: { type, sequence },
    body: event,
  };
}

/** A receiver that sends events to the topic: those of a key together, in order, all or none. */
export function createEventTopic(client: ServiceBusClient): Receiver {
  let sender: ServiceBusSender | undefined;
  return {
    name: 'topic',
    async send(events) {
      sender ??= client.createSender(EVENT_TOPIC);
      try {
        await sender.sendMessages(events.map(toMessage));
        return { taken: events.length };
      } catch (error) {
        return { taken: 0, error: `Service Bus took nothing: ${(error as Error).message}` };
      }
    },
  };
}
