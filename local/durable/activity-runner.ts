import type { FunctionApp } from '../functions-core/function-app.ts';
import { type ActivityOutcome, callActivity } from './call-function.ts';
import type { TaskScheduled } from './history.ts';

/** An activity that an instance's stored history has scheduled. */
export interface ScheduledActivity {
  readonly instanceId: string;
  readonly executionId: string;
  readonly task: TaskScheduled;
}

/** Runs activities, first come first served, so many at a time. */
export class ActivityRunner {
  readonly #app: FunctionApp;
  readonly #limit: number;
  readonly #isWanted: (activity: ScheduledActivity) => boolean;
  readonly #onEnded: (activity: ScheduledActivity, outcome: ActivityOutcome) => void;
  #queue: ScheduledActivity[] = [];
  #running = 0;
  #stopped = false;
  #onNoneRunning: (() => void)[] = [];

  /**
   * @param isWanted asked right before an activity would start; when false it is dropped.
   * @param onEnded called when one has run.
   */
  constructor(
    app: FunctionApp,
    limit: number,
    isWanted: (activity: ScheduledActivity) => boolean,
    onEnded: (activity: ScheduledActivity, outcome: ActivityOutcome) => void,
  ) {
    this.#app = app;
    this.#limit = limit;
    this.#isWanted = isWanted;
    this.#onEnded = onEnded;
  }

  get isIdle(): boolean {
    return this.#running === 0 && this.#queue.length === 0;
  }

  add(activity: ScheduledActivity): void {
    this.#queue.push(activity);
    this.#startMore();
  }

  /** Starts no more activities; resolves when none runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#queue = [];
    if (this.#running > 0) await new Promise<void>((resolve) => this.#onNoneRunning.push(resolve));
  }

  #startMore(): void {
    while (!this.#stopped && this.#running < this.#limit) {
      const activity = this.#queue.shift();
      if (!activity) return;
      if (this.#isWanted(activity)) void this.#run(activity);
    }
  }

  async #run(activity: ScheduledActivity): Promise<void> {
    const { name, input } = activity.task;
    this.#running++;
    const outcome = await callActivity(this.#app, { name, input, instanceId: activity.instanceId });
    this.#running--;
    this.#onEnded(activity, outcome);
    this.#startMore();
    if (this.#running === 0) for (const resolve of this.#onNoneRunning.splice(0)) resolve();
  }
}
