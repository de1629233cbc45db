import { type DurableEngine, durableInstances } from '../../runs/instances.ts';
import type { InstanceState } from '../../runs/run-decisions.ts';

/** Name of a job's orchestration; its instance id is the job's id. */
export const JOB_ORCHESTRATION = 'cascadeJob';

/** The event that only makes a waiting orchestration look at its job again. */
export const WAKE_EVENT = 'wake';

/** The orchestrations of jobs, as the parts outside of them need them. Nothing here throws but `state`. */
export interface JobInstances {
  /** Starts a job's orchestration. One that can't be started, or runs already, is reconciliation's to look at. */
  start(jobId: string): Promise<void>;
  /** Makes it look at its job. The command itself is stored: a lost wake only delays it. */
  wake(jobId: string): Promise<void>;
  /** Whether it lives. Throws when that can't be found out. */
  state(jobId: string): Promise<InstanceState>;
}

/** The orchestrations as a durable client sees them. What fails is logged: reconciliation makes up for it. */
export function jobInstances(client: DurableEngine, log: (message: string) => void): JobInstances {
  const instances = durableInstances(client);
  return {
    async start(jobId) {
      try {
        await instances.start(JOB_ORCHESTRATION, jobId, { jobId });
      } catch (error) {
        log(`Job ${jobId} is stored, but its orchestration couldn't be started now: ${String(error)}`);
      }
    },
    async wake(jobId) {
      try {
        await instances.raise(jobId, WAKE_EVENT);
      } catch (error) {
        log(`Job ${jobId} couldn't be woken: ${String(error)}`);
      }
    },
    state: instances.state,
  };
}
