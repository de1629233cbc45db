/** Bugs hunted here: an occurrence that is missed or taken twice; a clock set back that stops a job; a call by hand that is not heard. */
import { describe, expect, it } from 'vitest';
import { decideTimer, isDue, isOnSchedule } from '../../../shared/runs/timer-decision.ts';

const EACH_5_MINUTES = '0 */5 * * * *';
const at = (time: string) => Date.parse(`2026-03-02T${time}Z`);
const on = (time: string) => new Date(at(time)).toISOString();

describe('A6 a job is due', () => {
  it('when it never ran', () => {
    expect(isDue(EACH_5_MINUTES, undefined, at('12:02:00'))).toBe(true);
  });

  it.each([
    ['before the next occurrence', '12:00:00', '12:04:00', false],
    ['at the next occurrence', '12:00:00', '12:05:00', true],
    ['long after it', '12:00:00', '23:00:00', true],
    ['after a run by hand, at the occurrence', '12:04:30', '12:05:00', true],
    ['by a call that comes a little early', '12:00:00', '12:04:59.950', true],
    ['but not again after such a call', '12:04:59.950', '12:06:00', false],
  ])('%s', (_, last, now, expected) => {
    expect(isDue(EACH_5_MINUTES, on(last), at(now))).toBe(expected);
  });

  it('by the clock as it is when that was set back behind the last run', () => {
    expect(isDue(EACH_5_MINUTES, on('12:00:00'), at('09:05:00'))).toBe(true);
    expect(isDue(EACH_5_MINUTES, on('12:00:00'), at('09:07:00'))).toBe(false);
  });

  it('each minute when the schedule says each minute', () => {
    for (let minute = 1; minute < 10; minute++) {
      expect(isDue('0 */1 * * * *', on(`12:0${minute - 1}:00.030`), at(`12:0${minute}:00.010`))).toBe(true);
    }
  });
});

describe('A6 a timer', () => {
  const timer = (next: string) => ({ isPastDue: false, scheduleStatus: { next: on(next) } });
  const settings = { timersEnabled: true, schedule: EACH_5_MINUTES };

  it('knows a call on its schedule, also a late one, from one by hand', () => {
    expect(isOnSchedule(timer('12:05:00'), at('12:05:00.010'))).toBe(true);
    expect(isOnSchedule(timer('12:05:00'), at('12:04:59.990'))).toBe(true);
    expect(isOnSchedule({ isPastDue: true }, at('12:04:00'))).toBe(true);
    expect(isOnSchedule(timer('12:05:00'), at('12:04:30'))).toBe(false);
    expect(isOnSchedule({ scheduleStatus: null }, at('12:04:30'))).toBe(false);
  });

  it('runs the job when it is due, unless timers are off', () => {
    const call = { timer: timer('12:05:00'), lastRunOn: on('12:00:00'), nowMs: at('12:05:00.010') };
    expect(decideTimer({ ...call, settings })).toBe('due');
    expect(decideTimer({ ...call, settings: { ...settings, timersEnabled: false } })).toBe('leave');
    expect(decideTimer({ ...call, settings, lastRunOn: on('12:05:00') })).toBe('leave');
  });

  it('called by hand runs the job in any case', () => {
    const call = { timer: timer('12:05:00'), lastRunOn: on('12:04:00'), nowMs: at('12:04:30') };
    expect(decideTimer({ ...call, settings: { ...settings, timersEnabled: false } })).toBe('by hand');
  });
});
