import type { DurableClient } from 'durable-functions';

/** Name of a job's orchestration; its instance id is the job's id. */
export const JOB_ORCHESTRATION = 'cascadeJob';

/** The event that only makes a waiting orchestration look at its job again. */
export const WAKE_EVENT = 'wake';

/** The orchestrations of jobs, as the parts outside of them need them. Nothing here throws but `state`. */
export interface JobInstances {
  /** Starts a job's orchestration. One that can't be started, or runs already, is reconciliation's to look at. */
  start(jobId: string): Promise<void>;
  /** Makes it look at its job. The wish itself is stored: a lost wake only delays it. */
  wake(jobId: string): Promise<void>;
  /** Whether it lives. Throws when that can't be found out. */
  state(jobId: string): Promise<'running' | 'ended' | 'none'>;
}

/** The part of the durable client that jobs use. */
export type JobDurableClient = Pick<DurableClient, 'startNew' | 'raiseEvent' | 'getStatus'>;

const ENDED = new Set(['Completed', 'Failed', 'Terminated', 'Canceled']);

/** The orchestrations as a durable client sees them. */
export function jobInstances(client: JobDurableClient, log: (message: string) => void): JobInstances {
  return {
    async start(jobId) {
      try {
        await client.startNew(JOB_ORCHESTRATION, { instanceId: jobId, input: { jobId } });
      } catch (error) {
        log(`Job ${jobId} is stored, but its orchestration couldn't be started now: ${String(error)}`);
      }
    },
    async wake(jobId) {
      try {
        await client.raiseEvent(jobId, WAKE_EVENT, {});
      } catch (error) {
        log(`Job ${jobId} couldn't be woken: ${String(error)}`);
      }
    },
    async state(jobId) {
      try {
        const { runtimeStatus } = await client.getStatus(jobId);
        return ENDED.has(runtimeStatus) ? 'ended' : 'running';
      } catch (error) {
        // The client tells an unknown instance by an ordinary error with these words.
        if (error instanceof Error && error.message.includes('HTTP 404')) return 'none';
        throw error;
      }
    },
  };
}
