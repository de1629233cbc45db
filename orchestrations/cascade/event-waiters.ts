/**
 * The events that a job's orchestration listens to. `wake` says that the stored job has changed; `resume`, `skip` and
 * `cancel` are for whoever talks to the orchestration directly. Invariants, which the library forces on us:
 *
 *  W1  One waiter per name, renewed only after it fired: of two waiters the later one gets the event, and an abandoned one
 *      swallows it.
 *  W2  Nothing but these waiters and a timer of its own is put into a race: an activity or child that is raced a second
 *      time would be scheduled a second time.
 *  W3  Events that come while nobody waits are kept by the runtime; `forgetEarly` takes them out before they would count.
 *
 * A waiter that is raced again counts for the runtime as one more, and what is left of those swallows an event of its name
 * that comes right after another, before it is renewed. Of `resume` and `cancel` that takes only what has become void; a
 * `wake` that is lost so is made good by reconciliation.
 */
import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import { WAKE_EVENT } from '../../shared/cascade/jobs/job-instances.ts';
import type { Steps } from '../activity.ts';

const NAMES = [WAKE_EVENT, 'resume', 'skip', 'cancel'] as const;
export type EventName = (typeof NAMES)[number];

/** More early events than this are not looked through. */
const MAX_EARLY_EVENTS = 100;

/** The waiters of one execution of a job's orchestration. */
export class EventWaiters {
  readonly #context: OrchestrationContext;
  readonly #waiters = new Map<EventName, Task>();

  constructor(context: OrchestrationContext) {
    this.#context = context;
  }

  /** Names of events that came since they were last taken. */
  take(): EventName[] {
    const fired = NAMES.filter((name) => this.#waiters.get(name)?.isCompleted);
    for (const name of fired) this.#waiters.delete(name);
    return fired;
  }

  /** Waits for any of the events, `seconds` at most. Use with `yield*`. */
  *wait(seconds: number): Steps<void> {
    const timer = this.#timer(seconds);
    yield this.#context.df.Task.any([...this.#armed(), timer]);
    if (!timer.isCompleted) timer.cancel();
  }

  /** Drops the events that came until now. Use with `yield*`. */
  *forgetEarly(): Steps<void> {
    for (let count = 0; count < MAX_EARLY_EVENTS; count++) {
      this.take();
      yield* this.wait(0);
      if (this.take().length === 0) return;
    }
  }

  #armed(): Task[] {
    return NAMES.map((name) => {
      const waiter = this.#waiters.get(name) ?? this.#context.df.waitForExternalEvent(name);
      this.#waiters.set(name, waiter);
      return waiter;
    });
  }

  #timer(seconds: number): TimerTask {
    return this.#context.df.createTimer(new Date(this.#context.df.currentUtcDateTime.valueOf() + seconds * 1000));
  }
}
