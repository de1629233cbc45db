import { CronExpressionParser } from 'cron-parser';

/**
 * Schedules of timers: NCRONTAB with six fields (second, minute, hour, day, month, weekday), in UTC. Only what the Azure
 * Functions host and our own evaluation read alike is taken: numbers, `*`, lists, ranges, steps, names of months and
 * weekdays. Timers fire on the minute, so the second is 0. Day and weekday may not both be restricted: cron dialects disagree on whether either or both must fit.
 */

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** The form of one field: values, `*`, ranges, each with a step if wanted, in a list. */
function fieldForm(names: readonly string[]): RegExp {
  const value = ['\\d{1,2}', ...names].join('|');
  const part = `(?:\\*|(?:${value})(?:-(?:${value}))?)(?:/\\d{1,2})?`;
  return new RegExp(`^${part}(?:,${part})*$`, 'i');
}

const PLAIN = fieldForm([]);
const FORMS = [PLAIN, PLAIN, PLAIN, PLAIN, fieldForm(MONTHS), fieldForm(WEEKDAYS)];

/** What is wrong with a schedule, as the rest of a sentence that begins with its name; undefined when nothing is. */
export function scheduleProblem(schedule: string): string | undefined {
  const fields = schedule.split(' ');
  if (fields.length !== FORMS.length) {
    return `must have six fields with one space between them: second minute hour day month weekday, such as "0 */5 * * * *"`;
  }
  const wrong = fields.find((field, at) => !FORMS[at]?.test(field));
  if (wrong !== undefined) return `has a field that can't be read: "${wrong}"`;
  try {
    const expression = parse(schedule, 0);
    const seconds = new Set<unknown>(expression.fields.second.values);
    if (seconds.size > 1) return 'is finer than a minute; make the first field 0';
    if (!seconds.has(0)) return 'names a second other than 0, but timers fire on the minute; make the first field 0';
    expression.next();
    return undefined;
  } catch (error) {
    return `can't be followed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The first time after `afterMs` (both in ms since 1970) at which a schedule is due. The schedule must have no problem. */
export function nextDueMs(schedule: string, afterMs: number): number {
  return parse(schedule, afterMs).next().getTime();
}

function parse(schedule: string, afterMs: number) {
  return CronExpressionParser.parse(schedule, { tz: 'UTC', strict: true, currentDate: new Date(afterMs) });
}
