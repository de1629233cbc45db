import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../../local/timers/parse-schedule.ts';

const next = (text: string, after: string) => {
  const nextMs = parseSchedule(text, {}).nextMs(Date.parse(after));
  return nextMs === undefined ? undefined : new Date(nextMs).toISOString();
};

describe('a schedule', () => {
  it.each([
    ['0 */5 * * * *', '2026-11-22T10:00:00Z', '2026-11-22T10:05:00.000Z'],
    ['0 */5 * * * *', '2026-11-22T10:04:59.999Z', '2026-11-22T10:05:00.000Z'],
    ['*/20 * * * * *', '2026-11-22T10:00:40Z', '2026-11-22T10:01:00.000Z'],
    ['0 5/15 * * * *', '2026-11-22T10:00:00Z', '2026-11-22T10:05:00.000Z'],
    ['30 0 9-17 * * 1-5', '2026-11-20T17:00:30Z', '2026-11-23T09:00:30.000Z'],
    ['0 0 0 1 Jan *', '2026-11-22T10:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['0 0 12 29 2 *', '2026-11-22T10:00:00Z', '2028-02-29T12:00:00.000Z'],
    ['*/10 * * * *', '2026-11-22T10:00:01Z', '2026-11-22T10:10:00.000Z'],
    ['00:05:00', '2026-11-22T10:00:01Z', '2026-11-22T10:05:01.000Z'],
    ['1.02:00', '2026-11-22T10:00:00Z', '2026-11-23T12:00:00.000Z'],
  ])('%s after %s is due at %s', (text, after, expected) => {
    expect(next(text, after)).toBe(expected);
  });

  it('with a day and a weekday waits for a day that is both, as NCRONTAB does (E6)', () => {
    expect(next('0 0 0 13 * 5', '2026-11-22T00:00:00Z')).toBe('2027-08-13T00:00:00.000Z');
  });

  it('is in UTC: nights in which clocks change bring no occurrence twice and lose none', () => {
    expect(next('0 30 2 * * *', '2026-03-29T00:00:00Z')).toBe('2026-03-29T02:30:00.000Z');
    expect(next('0 30 1 * * *', '2026-10-25T01:30:00Z')).toBe('2026-10-26T01:30:00.000Z');
  });

  it('comes from a setting when it is written %NAME%', () => {
    const schedule = parseSchedule('%EVERY_HOUR%', { EVERY_HOUR: '0 0 * * * *' });
    expect(schedule.nextMs(0)).toBe(3_600_000);
    expect(() => parseSchedule('%MISSING%', {})).toThrow('"MISSING"');
  });

  it('is frequent when it is due more than once a minute', () => {
    const isFrequent = (text: string) => parseSchedule(text, {}).isFrequent;
    expect(['*/20 * * * * *', '0,30 * * * * *', '00:00:59'].map(isFrequent)).toEqual([true, true, true]);
    expect(['0 * * * * *', '0 */1 * * * *', '*/20 5 * * * *', '00:01:00'].map(isFrequent)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it.each(['', '* * *', '0 60 * * * *', '@daily', '0 0 0 L * *', '0 0 0 ? * 1#2', '24:00:00', '00:00:00', 'soon'])(
    'refuses "%s" and says what was expected',
    (text) => {
      expect(() => parseSchedule(text, {})).toThrow('six cron fields');
    },
  );
});
