/**
 * All instances of the task hub, as the log's records make them.
 *
 * Invariants
 * 1. The state is a function of the records in the order of their log positions; applying is the only way to change it,
 *    while running and on recovery alike.
 * 2. An instance restored from a snapshot ignores records up to the snapshot's position, also where they reach it
 *    through another instance's turn (a child's end, a parent's start).
 * 3. `changedSince(position)` names every instance that can't be restored without the log up to that position.
 */

import type { ExecutionStarted } from './history.ts';
import { type Instance, isEnded, newInstance, withMessage, withTurn } from './instance.ts';
import type { LogRecord, MessageRecord, TurnRecord } from './records.ts';

/** Instances that a record changed; the engine looks at them again. */
export type Touched = ReadonlySet<string>;

export class InstanceTable {
  readonly #instances = new Map<string, Instance>();
  /** Log position of the snapshot that an instance was restored from or last written to. */
  readonly #snapshotAt = new Map<string, number>();
  /** Position of the first record after the snapshot that changed the instance. */
  readonly #firstChange = new Map<string, number>();

  #position = -1;

  /** Log position of the last record applied; -1 before the first. */
  get position(): number {
    return this.#position;
  }

  get(instanceId: string): Instance | undefined {
    return this.#instances.get(instanceId);
  }

  all(): Iterable<Instance> {
    return this.#instances.values();
  }

  get size(): number {
    return this.#instances.size;
  }

  /** Puts in an instance as it was at a log position. */
  restore(instance: Instance, position: number): void {
    this.#instances.set(instance.started.instanceId, instance);
    this.#snapshotAt.set(instance.started.instanceId, position);
  }

  /** Applies a record at its log position. */
  apply(position: number, record: LogRecord): Touched {
    const touched = new Set<string>();
    this.#position = position;
    switch (record.type) {
      case 'start':
        this.#start(position, record.started, touched);
        break;
      case 'message':
        this.#deliver(position, record, touched);
        break;
      case 'turn':
        this.#turn(position, record, touched);
        break;
      case 'purge':
        this.#set(position, record.instanceId, undefined, touched);
        break;
    }
    return touched;
  }

  /** Instances (living, ended or purged) with changes at or before `position` that no snapshot holds. */
  changedSince(position: number): string[] {
    return [...this.#firstChange].filter(([, first]) => first <= position).map(([instanceId]) => instanceId);
  }

  /** A snapshot of the instance as of `position` is stored (or, when it was purged, none is stored any more). */
  snapshotStored(instanceId: string, position: number, hasChangedSince: boolean): void {
    if (this.#instances.has(instanceId)) this.#snapshotAt.set(instanceId, position);
    else this.#snapshotAt.delete(instanceId);
    if (hasChangedSince) this.#firstChange.set(instanceId, position + 1);
    else this.#firstChange.delete(instanceId);
  }

  #start(position: number, started: ExecutionStarted, touched: Set<string>): void {
    const existing = this.#instances.get(started.instanceId);
    if (existing && !isEnded(existing)) return;
    this.#set(position, started.instanceId, newInstance(started), touched);
  }

  #deliver(position: number, to: Omit<MessageRecord, 'type'>, touched: Set<string>): void {
    const instance = this.#instances.get(to.instanceId);
    if (!instance || isEnded(instance)) return;
    if (to.executionId !== null && to.executionId !== instance.started.executionId) return;
    this.#set(position, to.instanceId, withMessage(instance, to.message), touched);
  }

  #turn(position: number, turn: TurnRecord, touched: Set<string>): void {
    const instance = this.#instances.get(turn.instanceId);
    if (instance && instance.started.executionId === turn.executionId && !isEnded(instance)) {
      this.#set(position, turn.instanceId, withTurn(instance, turn), touched);
    }
    const parent = { name: turn.name, instanceId: turn.instanceId, executionId: turn.executionId };
    for (const event of turn.decided) {
      if (event.type !== 'SubOrchestrationCreated') continue;
      const { at, name, instanceId, executionId, input } = event;
      const link = { ...parent, taskId: event.id };
      const started = { at, name, instanceId, executionId, input, parent: link, generation: null };
      this.#start(position, { type: 'ExecutionStarted', ...started }, touched);
    }
    if (turn.tellParent) this.#deliver(position, turn.tellParent, touched);
  }

  #set(position: number, instanceId: string, instance: Instance | undefined, touched: Set<string>): void {
    if (position <= (this.#snapshotAt.get(instanceId) ?? -1)) return;
    if (instance) this.#instances.set(instanceId, instance);
    else this.#instances.delete(instanceId);
    if (!this.#firstChange.has(instanceId)) this.#firstChange.set(instanceId, position);
    touched.add(instanceId);
  }
}
