import type { Clock } from '../clock.ts';
import type { RegisteredFunction, RpcTypedData } from '../functions-core/function-app.ts';
import type { Invocations } from '../invocations.ts';
import type { Log } from '../log.ts';
import { parseSchedule } from './parse-schedule.ts';
import { Timer } from './timer.ts';
import type { TimerStateStore } from './timer-state-store.ts';

/** All timer functions of an app. */
export interface TimerHost {
  start(): Promise<void>;
  /** No more runs. Ends when those under way have ended and are noted. */
  stop(): Promise<void>;
  /** The trigger's value for a run by hand; undefined when the function has no timer. */
  inputByHand(fn: RegisteredFunction): RpcTypedData | undefined;
}

/**
 * A function whose schedule can't be read is logged and never runs by itself, as on the Functions host.
 *
 * @param settings where `%NAME%` in a schedule is looked up.
 */
export function createTimerHost(parts: {
  readonly functions: Iterable<RegisteredFunction>;
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly store: TimerStateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly invocations: Pick<Invocations, 'run'>;
}): TimerHost {
  const timers = new Map<string, Timer>();
  for (const fn of parts.functions) {
    const { type, schedule: text, runOnStartup, useMonitor } = fn.trigger.binding;
    if (type.toLowerCase() !== 'timertrigger') continue;
    try {
      const schedule = parseSchedule(String(text), parts.settings);
      const isKept = useMonitor !== false && !schedule.isFrequent;
      const timer = new Timer({
        functionName: fn.name,
        schedule,
        runOnStartup: runOnStartup === true,
        store: isKept ? parts.store : undefined,
        clock: parts.clock,
        log: parts.log,
        run: (input) => parts.invocations.run(fn, input),
      });
      timers.set(fn.name, timer);
    } catch (error) {
      const message = `The timer can't be started. ${(error as Error).message}`;
      parts.log({ level: 'error', message, function: fn.name });
    }
  }
  return {
    async start() {
      await Promise.all([...timers.values()].map((timer) => timer.start()));
    },
    async stop() {
      await Promise.all([...timers.values()].map((timer) => timer.stop()));
    },
    inputByHand: (fn) => timers.get(fn.name)?.inputByHand(),
  };
}
