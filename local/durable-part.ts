import type { RpcTypedData } from './functions-core/function-app.ts';
import type { HostRequest, HostResponse } from './http/host-http.ts';

/** What the local host needs of the durable engine. */
export interface DurablePart {
  start(): Promise<void>;
  /** Takes no new work and ends when what is under way is kept. */
  drain(): Promise<void>;
  /** The management API; undefined for a path that isn't its own. */
  handle(request: HostRequest): Promise<HostResponse | undefined>;
  /** The value of a `durableClient` binding. */
  clientBinding(): RpcTypedData;
}
