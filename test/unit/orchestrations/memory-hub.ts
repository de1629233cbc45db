/**
 * Orchestrations in memory and in virtual time: the real library's executor replays them, and the local host's engine
 * keeps their histories, so that turns go as they do on a host. Nothing runs while a test doesn't let time pass.
 */
import { InvocationContext } from '@azure/functions';
import { app as durable, type OrchestrationHandler } from 'durable-functions';
import type { Clock } from '../../../local/clock.ts';
import { Engine } from '../../../local/durable/engine.ts';
import type { Instance } from '../../../local/durable/instance.ts';
import { InstanceTable } from '../../../local/durable/instance-table.ts';
import { OrchestrationClient } from '../../../local/durable/orchestration-client.ts';
import type { LogRecord } from '../../../local/durable/records.ts';
import { type CoreFunctionCallback, coreModule } from '../../../local/functions-core/core-module.ts';
import type { FunctionApp, InvocationRequest, RegisteredFunction } from '../../../local/functions-core/function-app.ts';

export type Activity = (input: never) => Promise<unknown>;

export interface HubFunctions {
  readonly orchestrations: Readonly<Record<string, OrchestrationHandler>>;
  readonly activities: Readonly<Record<string, Activity>>;
}

/** Nothing happens any more when nothing was stored or called in so many turns of the event loop. */
const QUIET_LOOPS = 5;

/** Stands still until told to fire the next timer. */
class HubClock implements Clock {
  #nowMs: number;
  #pending: { readonly timeMs: number; readonly callback: () => void }[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  at(timeMs: number, callback: () => void): () => void {
    const timer = { timeMs, callback };
    this.#pending.push(timer);
    return () => {
      this.#pending = this.#pending.filter((other) => other !== timer);
    };
  }

  /** Goes to the next timer that is due by `endMs`, and fires it; false when there is none. */
  fireNext(endMs: number): boolean {
    const due = this.#pending.filter(({ timeMs }) => timeMs <= endMs).sort((a, b) => a.timeMs - b.timeMs)[0];
    if (!due) return false;
    this.#pending = this.#pending.filter((other) => other !== due);
    this.#nowMs = Math.max(this.#nowMs, due.timeMs);
    due.callback();
    return true;
  }

  set(timeMs: number): void {
    this.#nowMs = timeMs;
  }
}

export class MemoryHub {
  readonly clock = new HubClock(Date.parse('2026-03-01T12:00:00.000Z'));
  readonly #instances = new InstanceTable();
  readonly #engine: Engine;
  readonly #client: OrchestrationClient;
  #position = 0;
  #happenings = 0;

  constructor(functions: HubFunctions) {
    const instances = this.#instances;
    const commit = async (record: LogRecord): Promise<void> => {
      const touched = instances.apply(this.#position++, record);
      this.#happenings++;
      this.#engine.onStored(record, touched);
    };
    const limits = { maxConcurrentActivities: 20, maxConcurrentOrchestrators: 20 };
    this.#engine = new Engine({
      app: createApp(functions, () => this.#happenings++),
      clock: this.clock,
      limits,
      instances,
      commit,
    });
    this.#client = new OrchestrationClient({ engine: this.#engine, instances, commit, clock: this.clock });
  }

  async start(name: string, instanceId: string, input: unknown): Promise<void> {
    await this.#client.start(name, instanceId, JSON.stringify(input));
  }

  async raise(instanceId: string, name: string, data: unknown = {}): Promise<void> {
    await this.#client.send(instanceId, (at) => ({ type: 'EventRaised', at, name, input: JSON.stringify(data) }));
  }

  async terminate(instanceId: string): Promise<void> {
    await this.#client.send(instanceId, (at) => ({ type: 'ExecutionTerminated', at, reason: 'test' }));
  }

  /** Lets virtual time pass, and everything happen that is due meanwhile. */
  async pass(seconds: number): Promise<void> {
    const endMs = this.clock.now() + seconds * 1000;
    do await this.#quiet();
    while (this.clock.fireNext(endMs));
    this.clock.set(endMs);
  }

  /** Lets time pass in steps until something holds; an error when it doesn't within so many seconds. */
  async until(holds: () => boolean, limitSeconds = 600): Promise<void> {
    for (let second = 0; second <= limitSeconds; second++) {
      await this.pass(0);
      if (holds()) return;
      await this.pass(1);
    }
    throw new Error(`It didn't come to hold within ${limitSeconds} s`);
  }

  /** Resolves when nothing happens any more without time or a test. */
  async #quiet(): Promise<void> {
    let seen = -1;
    for (let still = 0; still < QUIET_LOOPS; still++) {
      if (seen !== this.#happenings) still = 0;
      seen = this.#happenings;
      await new Promise(setImmediate);
    }
  }

  instance(instanceId: string): Instance | undefined {
    return this.#instances.get(instanceId);
  }

  ids(): string[] {
    return [...this.#instances.all()].map(({ started }) => started.instanceId);
  }
}

export function createApp({ orchestrations, activities }: HubFunctions, onCall: () => void): FunctionApp {
  const functions = new Map<string, RegisteredFunction>();
  const declare = (name: string, type: string) => {
    const binding = { type };
    functions.set(name, { name, bindings: { trigger: binding }, trigger: { name: 'trigger', binding } });
  };
  for (const name of Object.keys(orchestrations)) declare(name, 'orchestrationTrigger');
  for (const name of Object.keys(activities)) declare(name, 'activityTrigger');
  let listening: Promise<ReadonlyMap<string, CoreFunctionCallback>> | undefined;
  return {
    functions,
    async invoke({ name }: RegisteredFunction, { trigger }: InvocationRequest) {
      onCall();
      const input: unknown = JSON.parse(trigger.string ?? trigger.json ?? 'null');
      listening ??= registered(orchestrations);
      const listener = (await listening).get(name);
      const context = new InvocationContext({ functionName: name, invocationId: name, logHandler: () => {} });
      const result = listener
        ? await listener(input, context)
        : await (activities[name] as (input: unknown) => Promise<unknown>)(input);
      onCall();
      return { invocationId: name, returnValue: { json: JSON.stringify(result ?? null) }, outputs: {} };
    },
  };
}

/** Orchestrators as the library hands them to a host. */
async function registered(
  orchestrations: HubFunctions['orchestrations'],
): Promise<ReadonlyMap<string, CoreFunctionCallback>> {
  const callbacks = new Map<string, CoreFunctionCallback>();
  const host = {
    registerFunction: ({ name }: { readonly name: string }, callback: CoreFunctionCallback) =>
      void callbacks.set(name, callback),
    registerHook: () => ({ dispose: () => {} }),
    log: () => {},
  };
  await coreModule.during(host, async () => {
    for (const [name, handler] of Object.entries(orchestrations)) durable.orchestration(name, handler);
  });
  return callbacks;
}
