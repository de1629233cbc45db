import type { InvocationContext, Timer } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { durableInstances } from '../../shared/runs/instances.ts';
import type { JobName } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';
import { decideTimer } from '../../shared/runs/timer-decision.ts';
import type { TimerName } from '../../shared/runs/timer-runs.ts';
import type { Settings } from '../../shared/settings/settings.ts';

/** The timer of a job: a function that fires each minute. */
export interface JobTimer {
  /** Name of the function. */
  readonly name: TimerName;
  readonly job: JobName;
  /** The setting that says when the job is due. */
  readonly schedule: keyof Settings['schedules'];
}

/** The settings that a job's timer follows, as they hold now. */
export interface TimerSettings {
  readonly timersEnabled: boolean;
  /** Six-field NCRONTAB in UTC, at most once a minute. */
  readonly schedule: string;
}

export interface JobTimerPorts {
  readonly runs: RunRegistry;
  readonly readSettings: () => Promise<TimerSettings>;
  readonly clientOf: (context: InvocationContext) => DurableClient;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * The handler of a job's timer, which fires each minute: mends what a crash has left of the job's run, and starts a run
 * when the schedule says so or the timer was called by hand. On schedule it leaves a run alone that is under way.
 */
export function createJobTimer(job: JobName, { runs, readSettings, clientOf, now }: JobTimerPorts) {
  return async (timer: Timer, context: InvocationContext): Promise<void> => {
    const instances = durableInstances(clientOf(context));
    await runs.heal(job, instances);
    const settings = await readSettings();
    const lastRunOn = (await runs.latest(job))?.requestedOn;
    const decision = decideTimer({ settings, timer, lastRunOn, nowMs: now() });
    if (decision === 'leave') return;
    const joins = decision === 'by hand' && job !== 'P-0001';
    const { runId, outcome } = await runs.request(job, instances, { whenRunning: joins ? 'join' : 'leave' });
    context.log(`Job ${job}: run ${runId} ${outcome === 'started' ? `started (${decision})` : 'is under way'}`);
  };
}
