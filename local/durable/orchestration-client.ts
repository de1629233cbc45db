/**
 * What clients can ask of the task hub. Every command resolves once it is stored, and rejects with what kept it from
 * being stored; refusals are values.
 */

import type { Clock } from '../clock.ts';
import type { Engine } from './engine.ts';
import { clientStart } from './execution-start.ts';
import type { Message } from './history.ts';
import { type Instance, isEnded, type RuntimeStatus } from './instance.ts';
import type { InstanceTable } from './instance-table.ts';
import type { LogRecord } from './records.ts';

export type StartResult =
  | { readonly kind: 'started' }
  /** An instance of this id lives, with this status. */
  | { readonly kind: 'exists'; readonly status: RuntimeStatus };

export type SendResult = 'sent' | 'unknown' | 'ended';

export class OrchestrationClient {
  readonly #engine: Engine;
  readonly #instances: InstanceTable;
  readonly #commit: (record: LogRecord) => Promise<void>;
  readonly #clock: Clock;
  /** Ids whose start is being stored. */
  readonly #starting = new Set<string>();

  constructor(parts: {
    readonly engine: Engine;
    readonly instances: InstanceTable;
    readonly commit: (record: LogRecord) => Promise<void>;
    readonly clock: Clock;
  }) {
    this.#engine = parts.engine;
    this.#instances = parts.instances;
    this.#commit = parts.commit;
    this.#clock = parts.clock;
  }

  /** Starts an instance; one of this id that has ended is replaced. `input` is JSON text. */
  async start(name: string, instanceId: string, input: string | null): Promise<StartResult> {
    const existing = this.#instances.get(instanceId);
    if (existing && !isEnded(existing)) return { kind: 'exists', status: existing.status };
    if (this.#starting.has(instanceId)) return { kind: 'exists', status: 'Pending' };
    this.#starting.add(instanceId);
    try {
      await this.#commit({ type: 'start', started: clientStart(name, instanceId, input, this.#clock.now()) });
    } finally {
      this.#starting.delete(instanceId);
    }
    return { kind: 'started' };
  }

  /** Sends a message to whatever execution of the instance runs. `message` gets the present time. */
  async send(instanceId: string, toMessage: (at: number) => Message): Promise<SendResult> {
    const instance = this.#instances.get(instanceId);
    if (!instance) return 'unknown';
    if (isEnded(instance)) return 'ended';
    await this.#commit({ type: 'message', instanceId, executionId: null, message: toMessage(this.#clock.now()) });
    return 'sent';
  }

  /** Forgets an instance, ended or not. False when there is none. */
  purge(instanceId: string): Promise<boolean> {
    return this.#engine.exclusively(instanceId, async () => {
      if (!this.#instances.get(instanceId)) return false;
      await this.#commit({ type: 'purge', instanceId });
      return true;
    });
  }

  get(instanceId: string): Instance | undefined {
    return this.#instances.get(instanceId);
  }

  /** All instances, by instance id in code unit order. */
  list(): Instance[] {
    const order = (a: Instance, b: Instance): number => (a.started.instanceId < b.started.instanceId ? -1 : 1);
    return [...this.#instances.all()].sort(order);
  }

  /** Resolves when the instance has ended or is gone, or when `timeoutMs` are over. */
  async waitForEnd(instanceId: string, timeoutMs: number): Promise<Instance | undefined> {
    let isOver = false;
    let cancel = (): void => {};
    const over = new Promise<void>((resolve) => {
      cancel = this.#clock.at(this.#clock.now() + timeoutMs, () => {
        isOver = true;
        resolve();
      });
    });
    const hasEnded = (): boolean => {
      const instance = this.#instances.get(instanceId);
      return isOver || !instance || isEnded(instance);
    };
    await Promise.race([over, this.#engine.until(hasEnded)]);
    cancel();
    return this.#instances.get(instanceId);
  }
}
