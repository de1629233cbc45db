import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../local/clock.ts';
import { silentLog } from '../../../../local/log.ts';
import { parseSchedule } from '../../../../local/timers/parse-schedule.ts';
import { Timer } from '../../../../local/timers/timer.ts';
import type { TimerStatus } from '../../../../local/timers/timer-decisions.ts';

const START = Date.parse('2026-11-22T10:02:00Z');
const MINUTE_MS = 60_000;
const iso = (timeMs: number | undefined) => new Date(timeMs ?? 0).toISOString().slice(11, 19);

/** A timer every five minutes on a clock that the test moves; `runs` says when it ran and what it was told. */
function setUp(
  options: { kept?: TimerStatus; takesMs?: number; runOnStartup?: boolean; isKept?: boolean; startMs?: number } = {},
) {
  const clock = new VirtualClock(options.startMs ?? START);
  const runs: { at: string; isPastDue: boolean; status: Record<string, string> | null }[] = [];
  let kept = options.kept;
  let running = 0;
  let overlaps = 0;
  const make = () =>
    new Timer({
      functionName: 'tick',
      schedule: parseSchedule('0 */5 * * * *', {}),
      runOnStartup: options.runOnStartup ?? false,
      store:
        options.isKept === false
          ? undefined
          : {
              read: async () => kept,
              write: async (_, status) => {
                kept = status;
              },
            },
      clock,
      log: silentLog,
      run: async ({ json }) => {
        if (running++ > 0) overlaps++;
        const input = JSON.parse(json ?? '');
        runs.push({ at: iso(clock.now()), isPastDue: input.IsPastDue, status: input.ScheduleStatus });
        if (options.takesMs) await new Promise<void>((end) => clock.at(clock.now() + (options.takesMs ?? 0), end));
        running--;
        throw new Error('a failing run does not stop the schedule');
      },
    });
  return { clock, runs, make, kept: () => kept, overlaps: () => overlaps, at: () => runs.map((run) => run.at) };
}

describe('a timer', () => {
  it('runs at each occurrence and not before', async () => {
    const { clock, make, at } = setUp();
    await make().start();
    await clock.advance(2.5 * MINUTE_MS);
    expect(at()).toEqual([]);
    await clock.advance(10 * MINUTE_MS);
    expect(at()).toEqual(['10:05:00', '10:10:00']);
  });

  it('tells the function its last and next occurrence in the shape of the Functions host (E6)', async () => {
    const { clock, make, runs } = setUp();
    await make().start();
    await clock.advance(10 * MINUTE_MS);
    expect(runs.map((run) => run.status)).toEqual([
      {
        Last: '0001-01-01T00:00:00+00:00',
        Next: '2026-11-22T10:05:00+00:00',
        LastUpdated: '2026-11-22T10:02:00+00:00',
      },
      {
        Last: '2026-11-22T10:05:00+00:00',
        Next: '2026-11-22T10:10:00+00:00',
        LastUpdated: '2026-11-22T10:05:00+00:00',
      },
    ]);
  });

  it('that was missed while the host was down runs at once, once, past due, then follows its schedule (E5)', async () => {
    const first = setUp();
    await first.make().start();
    await first.clock.advance(4 * MINUTE_MS);
    const second = setUp({ kept: first.kept() ?? {}, startMs: START + 31 * MINUTE_MS });
    await second.make().start();
    await second.clock.advance(3 * MINUTE_MS);
    expect(second.runs.map(({ at, isPastDue }) => [at, isPastDue])).toEqual([
      ['10:33:00', true],
      ['10:35:00', false],
    ]);
  });

  it('whose host died during its run is past due at the next start (E5)', async () => {
    const { clock, make, runs } = setUp({ takesMs: 90_000 });
    await make().start();
    await clock.advance(3.5 * MINUTE_MS);
    await make().start();
    await clock.advance(1000);
    expect(runs.map(({ at, isPastDue }) => [at, isPastDue])).toEqual([
      ['10:05:00', false],
      ['10:05:30', true],
    ]);
  });

  it('never overlaps itself; occurrences that pass during a long run are made up for by one run', async () => {
    const { clock, make, at, overlaps } = setUp({ takesMs: 12 * MINUTE_MS });
    await make().start();
    await clock.advance(30 * MINUTE_MS);
    expect(at()).toEqual(['10:05:00', '10:17:00', '10:29:00']);
    expect(overlaps()).toBe(0);
  });

  it('does not repeat an occurrence when the clock goes back', async () => {
    const first = setUp();
    await first.make().start();
    await first.clock.advance(4 * MINUTE_MS);
    const second = setUp({ kept: first.kept() ?? {}, startMs: START + 2 * MINUTE_MS });
    await second.make().start();
    await second.clock.advance(4 * MINUTE_MS);
    expect(second.at()).toEqual([]);
    await second.clock.advance(3 * MINUTE_MS);
    expect(second.at()).toEqual(['10:10:00']);
  });

  it('whose schedule was changed while the host was down is not past due', async () => {
    const kept = {
      lastMs: START - 60 * MINUTE_MS,
      nextMs: START - 59 * MINUTE_MS,
      lastUpdatedMs: START - 60 * MINUTE_MS,
    };
    const { clock, make, at } = setUp({ kept });
    await make().start();
    await clock.advance(4 * MINUTE_MS);
    expect(at()).toEqual(['10:05:00']);
  });

  it('with runOnStartup runs when the host starts, without being past due', async () => {
    const { clock, make, runs } = setUp({ runOnStartup: true });
    await make().start();
    await clock.advance(4 * MINUTE_MS);
    expect(runs.map(({ at, isPastDue }) => [at, isPastDue])).toEqual([
      ['10:02:00', false],
      ['10:05:00', false],
    ]);
  });

  it('whose state is not kept has no schedule status', async () => {
    const { clock, make, runs } = setUp({ isKept: false });
    await make().start();
    await clock.advance(4 * MINUTE_MS);
    expect(runs).toEqual([{ at: '10:05:00', isPastDue: false, status: null }]);
  });

  it('that is stopped runs no more, and stopping waits for the run under way', async () => {
    const { clock, make, at, kept } = setUp({ takesMs: MINUTE_MS });
    const timer = make();
    await timer.start();
    await clock.advance(3.5 * MINUTE_MS);
    const stopped = timer.stop();
    await clock.advance(20 * MINUTE_MS);
    await stopped;
    expect(at()).toEqual(['10:05:00']);
    expect(iso(kept()?.nextMs)).toBe('10:10:00');
  });
});
