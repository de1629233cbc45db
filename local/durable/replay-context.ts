import type { EventRaised, HistoryEvent } from './history.ts';

/** Something that an orchestration wants done and that its history doesn't have yet. */
export type Decision =
  | { readonly kind: 'activity'; readonly id: number; readonly name: string; readonly input: string | null }
  | { readonly kind: 'timer'; readonly id: number; readonly fireAt: number }
  | {
      readonly kind: 'child';
      readonly id: number;
      readonly name: string;
      readonly instanceId: string;
      readonly input: string | null;
    };

/** Called once, when a piece of work ends; `failed` tells how. */
export type Done = (failed: boolean) => void;

/** The orchestrator's code asked for something else than its history says it did. */
export class NonDeterminism extends Error {
  override readonly name = 'NonDeterminism';

  constructor(what: string) {
    super(
      `Non-Deterministic workflow detected: A previous execution of this orchestration ${what}. ` +
        'Was the orchestrator code changed after this instance had started?',
    );
  }
}

/**
 * The state of one replay: what is scheduled and not answered yet, who waits for which event, and what was decided
 * beyond the history. Events go in through `process` in order; completions run their callbacks at once, so that
 * follow-up work is numbered exactly as the Durable Task Framework numbers it.
 */
export class ReplayContext {
  /** Start time of the turn whose events are being processed, in ms since 1970: "now" for the orchestration. */
  nowMs = 0;
  /** Set by continueAsNew: the next execution's input. */
  continueAsNew: { readonly input: string | null } | undefined;
  terminated: { readonly reason: string | null } | undefined;
  /** Events raised after continueAsNew was asked for; they go on to the next execution. */
  readonly carriedEvents: EventRaised[] = [];

  readonly #executionId: string;
  #nextId = 0;
  readonly #open = new Map<number, Done>();
  #undone = new Map<number, Decision>();
  readonly #waiters = new Map<string, (() => void)[]>();
  readonly #early = new Map<string, number>();
  #suspended = false;
  #undoneBeforeSuspension = new Map<number, Decision>();
  #whileSuspended: HistoryEvent[] = [];

  constructor(executionId: string) {
    this.#executionId = executionId;
  }

  /** Whether activities, timers or children are still to be answered; events that are waited for don't count. */
  get hasOpenTasks(): boolean {
    return this.#open.size > 0;
  }

  /** What the history doesn't have yet, in the order of the numbers. */
  get decisions(): Decision[] {
    return [...this.#undone.values()].sort((a, b) => a.id - b.id);
  }

  takeId(): number {
    return this.#nextId++;
  }

  callActivity(name: string, input: string | null, done: Done): void {
    const id = this.takeId();
    this.#undone.set(id, { kind: 'activity', id, name, input });
    this.#open.set(id, done);
  }

  /** A cancelled timer is scheduled like any other, but nobody waits for it. */
  createTimer(fireAt: number, canceled: boolean, done: Done): void {
    const id = this.takeId();
    this.#undone.set(id, { kind: 'timer', id, fireAt });
    if (canceled) done(true);
    else this.#open.set(id, done);
  }

  startChild(name: string, instanceId: string | undefined, input: string | null, done: Done): void {
    const id = this.takeId();
    const childId = instanceId?.trim() ? instanceId : `${this.#executionId}:${id}`;
    this.#undone.set(id, { kind: 'child', id, name, instanceId: childId, input });
    this.#open.set(id, done);
  }

  /** The latest waiter of a name gets the next event; an event that came early goes to the first who asks. */
  waitForEvent(name: string, done: Done): void {
    const key = name.toLowerCase();
    const early = this.#early.get(key) ?? 0;
    if (early > 0) {
      this.#early.set(key, early - 1);
      done(false);
      return;
    }
    const waiters = this.#waiters.get(key) ?? [];
    waiters.push(() => done(false));
    this.#waiters.set(key, waiters);
  }

  /** Takes in one event of the history (not the start of the execution). Throws NonDeterminism. */
  process(event: HistoryEvent): void {
    if (event.type === 'OrchestratorStarted') {
      this.nowMs = event.at;
    } else if (this.#suspended && event.type !== 'ExecutionResumed' && event.type !== 'ExecutionTerminated') {
      if (event.type !== 'ExecutionSuspended') this.#whileSuspended.push(event);
    } else {
      this.#dispatch(event);
    }
  }

  #dispatch(event: Exclude<HistoryEvent, { type: 'OrchestratorStarted' }>): void {
    switch (event.type) {
      case 'TaskScheduled':
        this.#confirm(
          event.id,
          'activity',
          `scheduled an activity task with sequence number ${event.id} named '${event.name}'`,
          event.name,
        );
        break;
      case 'SubOrchestrationCreated':
        this.#confirm(
          event.id,
          'child',
          `scheduled a sub-orchestration task with sequence number ${event.id} named '${event.name}'`,
          event.name,
        );
        break;
      case 'TimerCreated':
        this.#confirm(event.id, 'timer', `scheduled a timer task with sequence number ${event.id}`, undefined);
        break;
      case 'TaskCompleted':
      case 'SubOrchestrationCompleted':
        this.#close(event.taskId, false);
        break;
      case 'TaskFailed':
      case 'SubOrchestrationFailed':
        this.#close(event.taskId, true);
        break;
      case 'TimerFired':
        this.#close(event.timerId, false);
        break;
      case 'EventRaised':
        this.#raise(event);
        break;
      case 'ExecutionSuspended':
        this.#suspend();
        break;
      case 'ExecutionResumed':
        this.#resume();
        break;
      case 'ExecutionTerminated':
        this.terminated ??= { reason: event.reason };
        break;
      default:
        break;
    }
  }

  #confirm(id: number, kind: Decision['kind'], what: string, name: string | undefined): void {
    const decision = this.#undone.get(id);
    if (!decision) {
      throw new NonDeterminism(`${what}, but the current orchestration replay hasn't scheduled this task`);
    }
    if (decision.kind !== kind) {
      throw new NonDeterminism(
        `${what}, but the current orchestration replay instead scheduled a ${decision.kind} there`,
      );
    }
    if (decision.kind !== 'timer' && decision.name.toLowerCase() !== name?.toLowerCase()) {
      throw new NonDeterminism(
        `${what}, but the current orchestration replay instead scheduled one named '${decision.name}'`,
      );
    }
    this.#undone.delete(id);
  }

  #close(id: number, failed: boolean): void {
    const done = this.#open.get(id);
    if (!done) return;
    this.#open.delete(id);
    done(failed);
  }

  #raise(event: EventRaised): void {
    if (this.continueAsNew) {
      this.carriedEvents.push(event);
      return;
    }
    const key = event.name.toLowerCase();
    const waiter = this.#waiters.get(key)?.pop();
    if (waiter) waiter();
    else this.#early.set(key, (this.#early.get(key) ?? 0) + 1);
  }

  #suspend(): void {
    this.#suspended = true;
    for (const [id, decision] of this.#undone) this.#undoneBeforeSuspension.set(id, decision);
    this.#undone = new Map();
  }

  #resume(): void {
    this.#suspended = false;
    for (const [id, decision] of this.#undoneBeforeSuspension) this.#undone.set(id, decision);
    this.#undoneBeforeSuspension = new Map();
    const held = this.#whileSuspended;
    this.#whileSuspended = [];
    for (const event of held) this.process(event);
  }
}
