/**
 * When a timer runs, decided as the Functions host decides it.
 *
 * Invariants
 * 1. An occurrence is run once: the next one is computed from the later of "when the run began" and "the occurrence it
 *    was for", so neither an early wake-up nor a clock set back brings an occurrence again.
 * 2. However many occurrences passed while a run was long or the host was down, one run makes up for them.
 * 3. The state is written after a run. A host that dies during a run finds the timer past due and runs it again.
 */

import type { Schedule } from './schedule.ts';

/** What is kept of a timer between runs, and between lives of the host. */
export interface TimerStatus {
  /** When the last run began; undefined: none yet. */
  readonly lastMs?: number | undefined;
  /** The occurrence that is waited for; undefined: there is none. */
  readonly nextMs?: number | undefined;
  /** What `nextMs` was computed from; undefined: computed just now and not kept. */
  readonly lastUpdatedMs?: number | undefined;
}

/** Why a timer runs. */
export type TimerRunReason = 'schedule' | 'past-due' | 'startup';

/** What to do when the host starts. */
export interface TimerStart {
  readonly status: TimerStatus;
  /** Whether the status differs from the kept one. */
  readonly isNew: boolean;
  /** Run at once for this reason, before the schedule is followed. */
  readonly runNow?: TimerRunReason;
}

/** @param kept what an earlier life of the host left; undefined: nothing. */
export function decideTimerStart(input: {
  readonly schedule: Schedule;
  readonly kept: TimerStatus | undefined;
  readonly nowMs: number;
  readonly runOnStartup: boolean;
}): TimerStart {
  const { schedule, kept, nowMs } = input;
  const begin = kept ? withCurrentSchedule(schedule, kept, nowMs) : fresh(schedule, nowMs);
  const isPastDue = begin.nextMs !== undefined && nowMs > begin.nextMs;
  const runNow = isPastDue ? 'past-due' : input.runOnStartup ? 'startup' : undefined;
  return { status: begin, isNew: begin !== kept, ...(runNow ? { runNow } : {}) };
}

/** The status after a run that began at `beganMs`. */
export function afterTimerRun(
  schedule: Schedule,
  status: TimerStatus,
  beganMs: number,
  reason: TimerRunReason,
): TimerStatus {
  const fromMs = reason === 'schedule' ? Math.max(beganMs, status.nextMs ?? beganMs) : beganMs;
  return { lastMs: fromMs, nextMs: schedule.nextMs(fromMs), lastUpdatedMs: fromMs };
}

function fresh(schedule: Schedule, nowMs: number): TimerStatus {
  return { nextMs: schedule.nextMs(nowMs), lastUpdatedMs: nowMs };
}

/** A schedule that was changed while the host was down counts from now on, and doesn't make the timer past due. */
function withCurrentSchedule(schedule: Schedule, kept: TimerStatus, nowMs: number): TimerStatus {
  const fromMs = kept.lastMs ?? kept.lastUpdatedMs ?? nowMs;
  const expectedMs = schedule.nextMs(fromMs);
  if (expectedMs === kept.nextMs) return kept;
  return expectedMs !== undefined && nowMs > expectedMs
    ? fresh(schedule, nowMs)
    : { nextMs: expectedMs, lastUpdatedMs: fromMs };
}
