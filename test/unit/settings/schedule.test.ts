import { describe, expect, it } from 'vitest';
import { nextDueMs, scheduleProblem } from '../../../shared/settings/schedule.ts';

describe('a schedule', () => {
  it.each([
    '0 */1 * * * *',
    '0 */5 * * * *',
    '0 0,15,30,45 8-18 * * MON-FRI',
    '0 0 3 1 JAN,jul *',
    '0 5/15 * * * *',
    '0 0 0 29 2 *',
    '0 0 0 * * 0-6',
  ])('may be %s', (schedule) => {
    expect(scheduleProblem(schedule)).toBeUndefined();
  });

  it.each([
    ['* * * * * *', /finer than a minute/],
    ['*/30 * * * * *', /finer than a minute/],
    ['0,30 * * * * *', /finer than a minute/],
    ['0-1 * * * * *', /finer than a minute/],
    ['30 */5 * * * *', /second other than 0/],
    ['59-59 * * * * *', /second other than 0/],
    ['*/5 * * * *', /six fields/],
    ['', /six fields/],
    ['0 */5 * * * * *', /six fields/],
    ['0  */5 * * * *', /six fields/],
    ['@hourly', /six fields/],
    ['0 60 * * * *', /60/],
    ['0 0 24 * * *', /24/],
    ['0 0 0 30 2 *', /day of month/],
    ['0 0 0 0 * *', /0/],
    ['0 */0 * * * *', /0/],
    ['0 20-10 * * * *', /range/],
    ['0 0 0 1 * MON', /both/],
    ['0 H * * * *', /"H"/],
    ['0 0 0 L * *', /"L"/],
    ['0 0 0 ? * *', /"\?"/],
    ['0 0 0 * * 1#2', /"1#2"/],
    ['0 0 0 * FOO *', /"FOO"/],
    ['0 0 0 MON * *', /"MON"/],
    ['0 , * * * *', /","/],
  ])('may not be "%s"', (schedule, problem) => {
    expect(scheduleProblem(schedule)).toMatch(problem);
  });

  it('is due in UTC, strictly after the time that is asked about', () => {
    const noon = Date.parse('2026-03-29T12:00:00Z');
    expect(nextDueMs('0 */5 * * * *', noon)).toBe(Date.parse('2026-03-29T12:05:00Z'));
    expect(nextDueMs('0 */5 * * * *', noon - 1)).toBe(noon);
    expect(nextDueMs('0 30 2 * * *', noon)).toBe(Date.parse('2026-03-30T02:30:00Z'));
  });

  it('skips and repeats no hour when summer time begins or ends somewhere', () => {
    const everyHour = (from: string) => {
      let time = Date.parse(from);
      return Array.from({ length: 4 }, () => {
        time = nextDueMs('0 0 * * * *', time);
        return new Date(time).toISOString().slice(11, 16);
      });
    };
    expect(everyHour('2026-03-29T00:00:00Z')).toEqual(['01:00', '02:00', '03:00', '04:00']);
    expect(everyHour('2026-10-25T00:00:00Z')).toEqual(['01:00', '02:00', '03:00', '04:00']);
  });
});
