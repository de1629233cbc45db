/**
 * Runs orchestrations: takes messages to instances, runs turns, sets activities, timers and children going.
 *
 * Invariants
 * 1. Nothing happens that isn't stored: a start or message is acknowledged, an activity begins, a child exists and a timer
 *    runs only after the record that says so is in the log. What a turn decided counts from then on.
 * 2. One turn of an instance at a time; a turn takes in all messages that are there when it begins.
 * 3. Activity results and fired timers needn't be stored before the turn that takes them in: after a crash the activity runs
 *    again, the timer fires again.
 * 4. An outcome that belongs to an earlier execution of an instance is dropped.
 * 5. After a restart `recover` sets going exactly what the stored state calls for.
 */
import type { Clock } from '../clock.ts';
import type { FunctionApp } from '../functions-core/function-app.ts';
import { ActivityRunner, type ScheduledActivity } from './activity-runner.ts';
import { type ActivityOutcome, callOrchestrator } from './call-function.ts';
import { decideTurn } from './decide-turn.ts';
import { newExecutionId } from './execution-start.ts';
import type { Message } from './history.ts';
import { eventsBeforeDecisions, type Instance, isEnded } from './instance.ts';
import type { InstanceTable } from './instance-table.ts';
import { InstanceTimers } from './instance-timers.ts';
import { openWork } from './open-work.ts';
import type { LogRecord, TurnRecord } from './records.ts';
import { TurnInputs } from './turn-input.ts';

export interface EngineLimits {
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
}

export interface EngineParts {
  readonly app: FunctionApp;
  readonly clock: Clock;
  readonly limits: EngineLimits;
  readonly instances: InstanceTable;
  /** Stores a record; it has been applied to `instances` and given to `onStored` when this resolves. */
  readonly commit: (record: LogRecord) => Promise<void>;
}

export class Engine {
  readonly #parts: EngineParts;
  readonly #activities: ActivityRunner;
  readonly #timers: InstanceTimers;
  readonly #inputs = new TurnInputs();
  /** Messages that aren't stored (invariant 3), by instance. */
  readonly #arrived = new Map<string, Message[]>();
  readonly #ready = new Set<string>();
  readonly #busy = new Set<string>();
  #runningFunctions = 0;
  #turnsAreDue = false;
  #stopped = false;
  readonly #onChange = new Set<() => void>();

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#activities = new ActivityRunner(
      parts.app,
      parts.limits.maxConcurrentActivities,
      (activity) => this.#isCurrent(activity),
      (activity, outcome) => this.#onActivityEnded(activity, outcome),
    );
    this.#timers = new InstanceTimers(parts.clock, (instanceId, { id, fireAt }) => {
      this.#arrive(instanceId, { type: 'TimerFired', at: parts.clock.now(), timerId: id, fireAt });
    });
  }

  /** Whether nothing runs and nothing is due: all instances wait for timers or events, or have ended. */
  get isIdle(): boolean {
    return this.#busy.size === 0 && this.#ready.size === 0 && this.#activities.isIdle;
  }

  /** Sets going what the stored instances wait for. Once, before anything else. */
  recover(): void {
    for (const instance of this.#parts.instances.all()) {
      if (isEnded(instance)) continue;
      const { instanceId, executionId } = instance.started;
      const { activities, timers } = openWork(instance);
      for (const timer of timers) this.#timers.start(instanceId, timer);
      for (const task of activities) this.#activities.add({ instanceId, executionId, task });
      this.#wake(instanceId);
    }
  }

  /** Takes up what a stored record has changed. */
  onStored(record: LogRecord, touched: ReadonlySet<string>): void {
    if (record.type === 'turn') this.#afterTurn(record);
    if (record.type === 'purge') this.#forget(record.instanceId);
    for (const instanceId of touched) this.#wake(instanceId);
    this.#changed();
  }

  /** Resolves when `isTrue()` holds, which is looked at after every change. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        const check = (): void => {
          this.#onChange.delete(check);
          resolve();
        };
        this.#onChange.add(check);
      });
    }
  }

  /** Runs `work` while no turn of the instance is under way. */
  async exclusively<T>(instanceId: string, work: () => Promise<T>): Promise<T> {
    await this.until(() => !this.#busy.has(instanceId));
    this.#busy.add(instanceId);
    try {
      return await work();
    } finally {
      this.#busy.delete(instanceId);
      this.#wake(instanceId);
      this.#changed();
    }
  }

  /** Takes no new turns and starts no new activities; resolves when those under way have ended. Repeatable. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ready.clear();
    this.#timers.stop();
    await Promise.all([this.#activities.stop(), this.until(() => this.#busy.size === 0)]);
  }

  /** Messages that no turn took in and no record holds; what `stop` leaves to store. */
  unstoredMessages(): { instanceId: string; executionId: string; message: Message }[] {
    return [...this.#arrived].flatMap(([instanceId, messages]) => {
      const instance = this.#parts.instances.get(instanceId);
      if (!instance || isEnded(instance)) return [];
      const { executionId } = instance.started;
      return messages.map((message) => ({ instanceId, executionId, message }));
    });
  }

  #wake(instanceId: string): void {
    const instance = this.#parts.instances.get(instanceId);
    if (this.#stopped || !instance || isEnded(instance) || !this.#needsTurn(instance)) return;
    this.#ready.add(instanceId);
    this.#startTurnsSoon();
  }

  /** After what is under way right now, so that messages that come together go into one turn. */
  #startTurnsSoon(): void {
    if (this.#turnsAreDue) return;
    this.#turnsAreDue = true;
    setImmediate(() => {
      this.#turnsAreDue = false;
      this.#startTurns();
    });
  }

  #needsTurn({ started, history, seeded, inbox }: Instance): boolean {
    return history.length === 0 || seeded || inbox.length > 0 || this.#arrived.has(started.instanceId);
  }

  #startTurns(): void {
    for (const instanceId of this.#ready) {
      if (this.#runningFunctions >= this.#parts.limits.maxConcurrentOrchestrators) return;
      if (this.#busy.has(instanceId)) continue;
      this.#ready.delete(instanceId);
      const instance = this.#parts.instances.get(instanceId);
      if (instance && !isEnded(instance) && this.#needsTurn(instance)) void this.#runTurn(instance);
    }
  }

  async #runTurn(instance: Instance): Promise<void> {
    const { app, clock, commit } = this.#parts;
    const { instanceId, name } = instance.started;
    this.#busy.add(instanceId);
    const intake = this.#takeIn(instance);
    const input = this.#inputs.write(instance, eventsBeforeDecisions(instance, intake));
    this.#runningFunctions++;
    const outcome = await callOrchestrator(app, name, input);
    this.#runningFunctions--;
    if (this.#ready.size > 0) this.#startTurnsSoon();
    const endedAt = Math.max(clock.now(), intake.startedAt);
    const turn = decideTurn(instance, intake, outcome, endedAt, newExecutionId);
    // Who stores the records stops the engine when it can't.
    await commit(turn).catch(() => {});
    this.#busy.delete(instanceId);
    this.#wake(instanceId);
    if (this.#ready.size > 0) this.#startTurnsSoon();
    this.#changed();
  }

  /** The first turn after continueAsNew takes nothing in: it sees only what it was seeded with. */
  #takeIn(instance: Instance): { startedAt: number; taken: number; arrived: Message[] } {
    const startedAt = Math.max(this.#parts.clock.now(), instance.updatedAt);
    if (instance.seeded) return { startedAt, taken: 0, arrived: [] };
    const arrived = this.#arrived.get(instance.started.instanceId) ?? [];
    this.#arrived.delete(instance.started.instanceId);
    return { startedAt, taken: instance.inbox.length, arrived };
  }

  #afterTurn(turn: TurnRecord): void {
    const { instanceId, executionId } = turn;
    const instance = this.#parts.instances.get(instanceId);
    if (!instance || isEnded(instance) || instance.started.executionId !== executionId) {
      this.#forget(instanceId);
      return;
    }
    for (const event of turn.decided) {
      if (event.type === 'TaskScheduled') this.#activities.add({ instanceId, executionId, task: event });
      else if (event.type === 'TimerCreated') this.#timers.start(instanceId, event);
    }
  }

  #forget(instanceId: string): void {
    this.#timers.cancelAll(instanceId);
    this.#arrived.delete(instanceId);
    this.#inputs.forget(instanceId);
  }

  #isCurrent({ instanceId, executionId }: ScheduledActivity): boolean {
    const instance = this.#parts.instances.get(instanceId);
    return instance?.started.executionId === executionId && !isEnded(instance);
  }

  #onActivityEnded(activity: ScheduledActivity, outcome: ActivityOutcome): void {
    if (this.#isCurrent(activity)) {
      const taskId = activity.task.id;
      const at = this.#parts.clock.now();
      const { instanceId } = activity;
      if (outcome.ok) this.#arrive(instanceId, { type: 'TaskCompleted', at, taskId, result: outcome.result });
      else {
        const { reason, details } = outcome;
        this.#arrive(instanceId, { type: 'TaskFailed', at, taskId, reason, details });
      }
    }
    this.#changed();
  }

  #arrive(instanceId: string, message: Message): void {
    const waiting = this.#arrived.get(instanceId);
    if (waiting) waiting.push(message);
    else this.#arrived.set(instanceId, [message]);
    this.#wake(instanceId);
  }

  #changed(): void {
    for (const check of [...this.#onChange]) check();
  }
}
