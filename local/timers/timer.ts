import type { Clock } from '../clock.ts';
import type { RpcTypedData } from '../functions-core/function-app.ts';
import type { Log } from '../log.ts';
import type { Schedule } from './schedule.ts';
import { afterTimerRun, decideTimerStart, type TimerRunReason, type TimerStatus } from './timer-decisions.ts';
import { timerInput } from './timer-input.ts';
import type { TimerStateStore } from './timer-state-store.ts';

/** What a timer needs. */
export interface TimerParts {
  readonly functionName: string;
  readonly schedule: Schedule;
  readonly runOnStartup: boolean;
  /** Undefined: the timer's state isn't kept, so it is never past due. */
  readonly store: TimerStateStore | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Runs the function once. May reject: that has been told already and doesn't stop the schedule. */
  readonly run: (input: RpcTypedData) => Promise<unknown>;
}

/** One function on its schedule: waits, runs, notes the state, waits again. Its own runs never overlap. */
export class Timer {
  readonly #parts: TimerParts;
  #status: TimerStatus = {};
  #cancelWait: () => void = () => {};
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: TimerParts) {
    this.#parts = parts;
  }

  /** Reads the kept state and begins to wait, or runs at once when the timer is past due. */
  async start(): Promise<void> {
    const { store, functionName, schedule, clock, runOnStartup } = this.#parts;
    const kept = await store?.read(functionName);
    const start = decideTimerStart({ schedule, kept, nowMs: clock.now(), runOnStartup });
    this.#status = start.status;
    if (start.isNew) await store?.write(functionName, start.status);
    if (start.runNow) this.#wait(clock.now(), start.runNow);
    else this.#wait(start.status.nextMs, 'schedule');
  }

  /** No more runs. Ends when the one under way, if any, has ended and is noted. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelWait();
    await this.#running;
  }

  /** The trigger's value for a run by hand, which leaves the schedule as it is. */
  inputByHand(): RpcTypedData {
    return this.#input(false);
  }

  #input(isPastDue: boolean): RpcTypedData {
    return timerInput(this.#parts.store && this.#status, isPastDue);
  }

  #wait(untilMs: number | undefined, reason: TimerRunReason): void {
    if (this.#isStopped || untilMs === undefined) return;
    this.#cancelWait = this.#parts.clock.at(untilMs, () => {
      this.#running = this.#run(reason);
    });
  }

  async #run(reason: TimerRunReason): Promise<void> {
    const { clock, log, functionName, schedule, store } = this.#parts;
    const beganMs = clock.now();
    if (reason === 'past-due') log({ level: 'information', message: 'The timer is past due.', function: functionName });
    await this.#parts.run(this.#input(reason === 'past-due')).catch(() => {});
    this.#status = afterTimerRun(schedule, this.#status, beganMs, reason);
    await store?.write(functionName, this.#status).catch((error: unknown) => {
      const message = `The timer's state can't be kept, so it may run again after a restart: ${String(error)}`;
      log({ level: 'warning', message, function: functionName });
    });
    this.#wait(this.#status.nextMs, 'schedule');
  }
}
