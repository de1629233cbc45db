import { app } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';
import type { TimerRuns } from '../../shared/runs/timer-runs.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import { cdx1010Timer } from './cdx1010-timer.ts';
import { customerSyncTimer } from './customer-sync-timer.ts';
import { createJobTimer } from './job-timer.ts';
import { pJobTimer } from './p-job-timer.ts';

const TIMERS = [pJobTimer, customerSyncTimer, cdx1010Timer];
const EACH_MINUTE = '0 * * * * *';

export interface TimerServices {
  readonly runs: RunRegistry;
  readonly settings: { readSettings(): Promise<{ readonly settings: Settings }> };
  readonly timerRuns: Pick<TimerRuns, 'noted'>;
  readonly now?: () => number;
}

/** Tells the Functions runtime of the jobs' timers. They fire each minute and look at the settings, which can change at run time. */
export function registerTimers({ runs, settings, timerRuns, now = Date.now }: TimerServices): void {
  for (const { name, job, schedule } of TIMERS) {
    const readSettings = async () => {
      const { timersEnabled, schedules } = (await settings.readSettings()).settings;
      return { timersEnabled, schedule: schedules[schedule] };
    };
    app.timer(name, {
      schedule: EACH_MINUTE,
      extraInputs: [input.durableClient()],
      handler: timerRuns.noted(name, createJobTimer(job, { runs, readSettings, clientOf: getClient, now })),
    });
  }
}
