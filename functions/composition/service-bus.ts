import { ServiceBusClient } from '@azure/service-bus';

/** The retries of the client are few, as a failed key is tried again anyway. */
const RETRIES = { maxRetries: 1, retryDelayInMs: 500, timeoutInMs: 15_000 };

/** How to open the namespace; undefined where none is set up. A client connects at its first use. */
export function serviceBusConnector(connection: string | undefined): (() => ServiceBusClient) | undefined {
  return connection === undefined ? undefined : () => new ServiceBusClient(connection, { retryOptions: RETRIES });
}
