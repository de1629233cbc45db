import { ServiceBusClient } from '@azure/service-bus';
import { EVENT_TOPIC } from '../../shared/events/event-topic.ts';

/** The retries of the client are few, as a failed key is tried again anyway. */
const RETRIES = { maxRetries: 1, retryDelayInMs: 500, timeoutInMs: 15_000 };

/** How to open the namespace; undefined where none is set up. A client connects at its first use. */
export function serviceBusConnector(connection: string | undefined): (() => ServiceBusClient) | undefined {
  return connection === undefined ? undefined : () => new ServiceBusClient(connection, { retryOptions: RETRIES });
}

/** Opens the topic as who sends to it, over a connection of its own, and sends nothing. Throws what Service Bus says. */
export async function askServiceBus(connect: () => ServiceBusClient): Promise<void> {
  const client = connect();
  try {
    await client.createSender(EVENT_TOPIC).createMessageBatch();
  } finally {
    await client.close();
  }
}
