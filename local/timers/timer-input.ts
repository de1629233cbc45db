import type { RpcTypedData } from '../functions-core/function-app.ts';
import type { TimerStatus } from './timer-decisions.ts';

/** How .NET writes a time that was never set. */
const NEVER = '0001-01-01T00:00:00+00:00';

/**
 * The value of a timer trigger as the Functions host sends it (the programming model changes the names to camel case).
 *
 * @param status undefined for a timer whose state isn't kept: `scheduleStatus` is null then.
 */
export function timerInput(status: TimerStatus | undefined, isPastDue: boolean): RpcTypedData {
  return {
    json: JSON.stringify(
      {
        Schedule: { AdjustForDST: true },
        ScheduleStatus: status && {
          Last: toDotNetTime(status.lastMs),
          Next: toDotNetTime(status.nextMs),
          LastUpdated: toDotNetTime(status.lastUpdatedMs),
        },
        IsPastDue: isPastDue,
      },
      (_, value: unknown) => value ?? null,
    ),
  };
}

function toDotNetTime(timeMs: number | undefined): string {
  return timeMs === undefined ? NEVER : new Date(timeMs).toISOString().replace(/(?:\.000)?Z$/, '+00:00');
}
