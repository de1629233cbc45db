import type { DurableClient } from 'durable-functions';
import { type Counts, countsSchema } from './run.ts';
import type { InstanceState } from './run-decisions.ts';

/** What the registry needs of the durable engine. */
export interface Instances {
  state(instanceId: string): Promise<InstanceState>;
  /** Starts an orchestration under this id; one that runs under it already is fine. */
  start(orchestration: string, instanceId: string, input?: unknown): Promise<void>;
}

/** What jobs need in addition. */
export interface WakeableInstances extends Instances {
  /** Raises an external event without data. */
  raise(instanceId: string, event: string): Promise<void>;
}

/** The part of the durable client that is used here. */
export type DurableEngine = Pick<DurableClient, 'startNew' | 'raiseEvent' | 'getStatus'>;

const ENDED = new Set<string>(['Completed', 'Failed', 'Terminated', 'Canceled']);

/** The durable engine behind a function's client. */
export function durableInstances(client: DurableEngine): WakeableInstances {
  async function state(instanceId: string): Promise<InstanceState> {
    try {
      const status = await client.getStatus(instanceId);
      return ENDED.has(status.runtimeStatus) ? 'ended' : 'alive';
    } catch (error) {
      // The client throws for an id that it doesn't know, and tells so in the message alone.
      if (error instanceof Error && /HTTP 404/.test(error.message)) return 'none';
      throw error;
    }
  }
  return {
    state,
    async start(orchestration, instanceId, input) {
      try {
        await client.startNew(orchestration, { instanceId, input });
      } catch (error) {
        // Somebody else has started it at the same moment: refused already, although it can't be seen yet.
        if (error instanceof Error && /status code: 409/.test(error.message)) return;
        if ((await state(instanceId)) === 'none') throw error;
      }
    },
    raise: (instanceId, event) => client.raiseEvent(instanceId, event, {}),
  };
}

/** What a run that is under way has done so far, as its instance shows it; undefined when that can't be seen now. */
export async function countsOnTheWay(client: DurableClient, instanceId: string): Promise<Counts | undefined> {
  const status = await client.getStatus(instanceId).catch(() => undefined);
  return countsSchema.strip().safeParse(status?.customStatus).data;
}
