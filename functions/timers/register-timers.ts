import { app } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import type { JobName } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import { createJobTimer } from './job-timer.ts';

/** The timers' functions: the job that each runs, and the setting that says when. */
const TIMERS: Readonly<Record<string, { readonly job: JobName; readonly schedule: keyof Settings['schedules'] }>> = {
  pJobTimer: { job: 'P-0001', schedule: 'pJob' },
  customerSyncTimer: { job: 'customer-sync', schedule: 'customerSync' },
  cdx1010Timer: { job: '1010', schedule: 'cdx1010' },
};

const EACH_MINUTE = '0 * * * * *';

export interface TimerServices {
  readonly runs: RunRegistry;
  readonly settings: { readSettings(): Promise<{ readonly settings: Settings }> };
  readonly now?: () => number;
}

/** Tells the Functions runtime of the jobs' timers. They fire each minute and look at the settings, which can change at run time. */
export function registerTimers({ runs, settings, now = Date.now }: TimerServices): void {
  for (const [name, { job, schedule }] of Object.entries(TIMERS)) {
    const readSettings = async () => {
      const { timersEnabled, schedules } = (await settings.readSettings()).settings;
      return { timersEnabled, schedule: schedules[schedule] };
    };
    app.timer(name, {
      schedule: EACH_MINUTE,
      extraInputs: [input.durableClient()],
      handler: createJobTimer(job, { runs, readSettings, clientOf: getClient, now }),
    });
  }
}
