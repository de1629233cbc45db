/** When a job's timer starts a run; pure. */
import { nextDueMs } from '../settings/schedule.ts';

/** The part of a timer trigger's input that tells a call on schedule from one by hand. */
export interface TimerCall {
  readonly isPastDue?: boolean;
  readonly scheduleStatus?: { readonly next?: string } | null;
}

/** A call on schedule may come this much early by the app's clock; its run then counts for the occurrence just after. */
const EARLY_MS = 100;
const MINUTE_MS = 60_000;

/**
 * Whether a schedule has an occurrence after the last run and up to now. Without a last run it has. A last run in the
 * future (the clock was set back) counts as one a minute ago: the schedule goes on by the clock as it is.
 */
export function isDue(schedule: string, lastRunOn: string | undefined, nowMs: number): boolean {
  if (lastRunOn === undefined) return true;
  const lastMs = Date.parse(lastRunOn);
  const afterMs = lastMs > nowMs ? nowMs - MINUTE_MS : lastMs;
  return nextDueMs(schedule, afterMs + EARLY_MS) <= nowMs + EARLY_MS;
}

/**
 * Whether the trigger fired on its own schedule: the occurrence that it waited for has come. Called by hand it still
 * waits for one.
 */
export function isOnSchedule({ isPastDue, scheduleStatus }: TimerCall, nowMs: number): boolean {
  if (isPastDue) return true;
  const nextMs = Date.parse(scheduleStatus?.next ?? '');
  return nextMs <= nowMs + EARLY_MS;
}

/** What a timer does when it is called: by hand it always runs its job, on schedule only when that is due and wanted. */
export function decideTimer(call: {
  readonly timer: TimerCall;
  readonly settings: { readonly timersEnabled: boolean; readonly schedule: string };
  readonly lastRunOn: string | undefined;
  readonly nowMs: number;
}): 'leave' | 'due' | 'by hand' {
  const { timer, settings, lastRunOn, nowMs } = call;
  if (!isOnSchedule(timer, nowMs)) return 'by hand';
  return settings.timersEnabled && isDue(settings.schedule, lastRunOn, nowMs) ? 'due' : 'leave';
}
