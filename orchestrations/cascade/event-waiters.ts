/**
 * External events that an orchestration listens to while it rests. Invariants, which the library forces on us:
 *
 *  WAITER-1  One waiter per name, renewed only after it fired: of two waiters the later one gets the event, and an
 *            abandoned one swallows it.
 *  WAITER-2  Nothing but these waiters and a timer of its own is put into a race: an activity or child that is raced a
 *            second time would be scheduled a second time.
 *  WAITER-3  Events that come while nobody waits are kept by the runtime; `forgetEarly` takes them out before they count.
 *
 * A waiter that is raced again counts for the runtime as one more, and what is left of those swallows an event of its name
 * that comes right after another, before it is renewed. Of `resume` and `cancel` that takes only what has become void; a
 * `wake` that is lost so is made good by reconciliation.
 */
import type { OrchestrationContext, Task } from 'durable-functions';
import type { Steps } from '../activity.ts';

/** More early events than this are not looked through. */
const MAX_EARLY_EVENTS = 100;

/** The waiters of one execution of an orchestration. */
export class EventWaiters<Name extends string> {
  readonly #context: OrchestrationContext;
  readonly #names: readonly Name[];
  readonly #waiters = new Map<Name, Task>();

  constructor(context: OrchestrationContext, names: readonly Name[]) {
    this.#context = context;
    this.#names = names;
  }

  /** Names of events that came since they were last taken. */
  take(): Name[] {
    const fired = this.#names.filter((name) => this.#waiters.get(name)?.isCompleted);
    for (const name of fired) this.#waiters.delete(name);
    return fired;
  }

  /** Waits for any of the events, `seconds` at most. Use with `yield*`. */
  *wait(seconds: number): Steps<void> {
    const { df } = this.#context;
    const timer = df.createTimer(new Date(df.currentUtcDateTime.valueOf() + seconds * 1000));
    yield df.Task.any([...this.#names.map((name) => this.#waiterOf(name)), timer]);
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

  #waiterOf(name: Name): Task {
    const waiter = this.#waiters.get(name) ?? this.#context.df.waitForExternalEvent(name);
    this.#waiters.set(name, waiter);
    return waiter;
  }
}
