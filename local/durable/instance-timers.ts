import type { Clock } from '../clock.ts';
import type { TimerCreated } from './history.ts';

/** The running timers of all instances. */
export class InstanceTimers {
  readonly #clock: Clock;
  readonly #onFired: (instanceId: string, timer: TimerCreated) => void;
  readonly #running = new Map<string, Map<number, () => void>>();

  constructor(clock: Clock, onFired: (instanceId: string, timer: TimerCreated) => void) {
    this.#clock = clock;
    this.#onFired = onFired;
  }

  start(instanceId: string, timer: TimerCreated): void {
    const timers = this.#running.get(instanceId) ?? new Map<number, () => void>();
    this.#running.set(instanceId, timers);
    const cancel = this.#clock.at(timer.fireAt, () => {
      timers.delete(timer.id);
      this.#onFired(instanceId, timer);
    });
    timers.set(timer.id, cancel);
  }

  /** Ends an instance's timers without their firing. */
  cancelAll(instanceId: string): void {
    for (const cancel of this.#running.get(instanceId)?.values() ?? []) cancel();
    this.#running.delete(instanceId);
  }

  stop(): void {
    for (const instanceId of [...this.#running.keys()]) this.cancelAll(instanceId);
  }
}
