import { type CronExpression, CronExpressionParser } from 'cron-parser';
import type { Schedule } from './schedule.ts';

/** What NCRONTAB knows: numbers, names, `*`, `,`, `-`, `/`. The parser knows more, which the Functions host would refuse. */
const FIELD = /^(?:[\d*,/-]|[a-z]{3})+$/i;

const MINUTE_MS = 60_000;

/** How many days a schedule with both a day of the month and a weekday is looked ahead for a day that is both. */
const MAX_STEPS = 100_000;

/**
 * A cron expression of six fields (second, minute, hour, day, month, weekday) or five (no second), in UTC.
 *
 * Unlike in Unix, a day has to fit the day field and the weekday field.
 *
 * @returns undefined when the text isn't a cron expression.
 */
export function parseCronSchedule(text: string): Schedule | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length < 5 || fields.length > 6 || !fields.every((field) => FIELD.test(field))) return undefined;
  const [second = '0', minute = '', hour = '', day = '', month = '', weekday = ''] =
    fields.length === 6 ? fields : ['0', ...fields];
  const parse = (expression: string, afterMs: number) =>
    CronExpressionParser.parse(expression, { tz: 'UTC', currentDate: new Date(afterMs) });
  const anyWeekday = [second, minute, hour, day, month, '*'].join(' ');
  let weekdays: ReadonlySet<number>;
  try {
    weekdays = new Set(parse(`* * * * * ${weekday}`, 0).fields.dayOfWeek.values.map((value) => Number(value) % 7));
    parse(anyWeekday, 0);
  } catch {
    return undefined;
  }
  const nextMs = (afterMs: number) => firstOn(parse(anyWeekday, afterMs), weekdays);
  const everyMinute = [minute, hour, day, month, weekday].every((field) => field === '*');
  const firstMs = nextMs(0);
  return {
    nextMs,
    isFrequent: everyMinute && firstMs !== undefined && (nextMs(firstMs) ?? 0) - firstMs < MINUTE_MS,
  };
}

function firstOn(expression: CronExpression, weekdays: ReadonlySet<number>): number | undefined {
  try {
    for (let step = 0; step < MAX_STEPS; step++) {
      const date = expression.next().toDate();
      if (weekdays.has(date.getUTCDay())) return date.getTime();
    }
  } catch {
    // A date that never comes, such as 30 February.
  }
  return undefined;
}
