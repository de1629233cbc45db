import { parseCronSchedule } from './cron-schedule.ts';
import type { Schedule } from './schedule.ts';

/**
 * Reads a timer's `schedule`: an NCRONTAB expression, a time span (`[days.]hours:minutes[:seconds]`, counted from the
 * last run), or `%NAME%` for either one in a setting.
 *
 * @throws an Error that says what was expected.
 */
export function parseSchedule(text: string, settings: Readonly<Record<string, string | undefined>>): Schedule {
  const resolved = text.trim().replace(/^%([^%]+)%$/, (_, name: string) => {
    const value = settings[name]?.trim();
    if (!value) throw new Error(`The schedule is in the setting "${name}", which isn't set.`);
    return value;
  });
  const schedule = parseCronSchedule(resolved) ?? parseTimeSpan(resolved);
  if (schedule) return schedule;
  throw new Error(
    `"${resolved}" is no schedule: six cron fields (second minute hour day month weekday) or hours:minutes:seconds are expected.`,
  );
}

function parseTimeSpan(text: string): Schedule | undefined {
  const [, days = '0', hours = '', minutes = '', seconds = '0'] =
    /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text) ?? [];
  if (hours === '' || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const periodMs = (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  if (periodMs === 0) return undefined;
  return { nextMs: (afterMs) => afterMs + periodMs, isFrequent: periodMs < 60_000 };
}
