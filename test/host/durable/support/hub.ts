import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { inject, onTestFinished } from 'vitest';
import { VirtualClock } from '../../../../local/clock.ts';
import {
  createDurableHost,
  type DurableHost,
  type DurableHostOptions,
} from '../../../../local/durable/durable-host.ts';
import type { FunctionApp } from '../../../../local/functions-core/function-app.ts';
import { loadFunctionApp } from '../../../../local/functions-core/load.ts';
import { type LogEntry, silentLog } from '../../../../local/log.ts';

export const START_MS = Date.parse('2026-11-22T00:00:00Z');

/** A compiled app under test/fixtures. */
export function fixturePath(path: string): string {
  return fileURLToPath(new URL(`../../../fixtures/${path}`, import.meta.url));
}

export interface Status {
  readonly name: string;
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
  readonly historyEvents?: readonly { readonly EventType: string }[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  json<T = unknown>(): T;
}

/** A task hub of its own name, with the calls that tests make of it. */
export class Hub {
  readonly host: DurableHost;
  readonly clock: VirtualClock;
  readonly taskHubName: string;
  readonly entries: LogEntry[];

  constructor(host: DurableHost, clock: VirtualClock, taskHubName: string, entries: LogEntry[]) {
    this.host = host;
    this.clock = clock;
    this.taskHubName = taskHubName;
    this.entries = entries;
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await this.host.handle({
      method,
      url: new URL(`http://localhost:7071/runtime/webhooks/durabletask/${path}`),
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    });
    if (!answer) throw new Error(`${path} is not of the management API`);
    const text = answer.body.toString();
    return { status: answer.status, headers: answer.headers, text, json: <T>() => JSON.parse(text) as T };
  }

  async start(name: string, instanceId: string, input: unknown = null): Promise<void> {
    const { status, text } = await this.call('POST', `orchestrators/${name}/${instanceId}`, input);
    if (status !== 202) throw new Error(`start of ${instanceId}: ${status} ${text}`);
  }

  async raise(instanceId: string, name: string, data: unknown = null): Promise<void> {
    const { status, text } = await this.call('POST', `instances/${instanceId}/raiseEvent/${name}`, data);
    if (status !== 202) throw new Error(`raise ${name} to ${instanceId}: ${status} ${text}`);
  }

  async status(instanceId: string, query = ''): Promise<Status> {
    return (await this.call('GET', `instances/${instanceId}${query}`)).json<Status>();
  }

  settled(): Promise<void> {
    return this.host.settled();
  }

  /** Moves the clock and waits until nothing runs; in steps, so that timers set on the way fire, too. */
  async advance(ms: number, stepMs = ms): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await this.settled();
      await this.clock.advance(Math.min(stepMs, ms - passed));
    }
    await this.settled();
  }
}

export interface HubOptions {
  readonly entryPoint?: string;
  readonly app?: FunctionApp;
  readonly taskHubName?: string;
  readonly clock?: VirtualClock;
  readonly limits?: DurableHostOptions['limits'];
  readonly storagePolicies?: DurableHostOptions['storagePolicies'];
  readonly onStopped?: (error: unknown) => void;
  readonly logEntriesPerSegment?: number;
  /** Sees every function call of the app. */
  readonly watch?: (app: FunctionApp) => FunctionApp;
}

/** Starts a task hub on the run's storage; it is drained when the test ends. */
export async function openHub(options: HubOptions = {}): Promise<Hub> {
  const entries: LogEntry[] = [];
  const loaded =
    options.app ??
    (await loadFunctionApp({ entryPoints: [options.entryPoint ?? fixturePath('recordings/app.js')], log: silentLog }));
  const taskHubName = options.taskHubName ?? newTaskHubName();
  const clock = options.clock ?? new VirtualClock(START_MS);
  const host = createDurableHost({
    app: options.watch ? options.watch(loaded) : loaded,
    connectionString: inject('azuriteConnectionString'),
    taskHubName,
    baseUrl: 'http://localhost:7071',
    clock,
    log: (entry) => entries.push(entry),
    limits: options.limits ?? { maxConcurrentActivities: 16, maxConcurrentOrchestrators: 16 },
    ...(options.storagePolicies ? { storagePolicies: options.storagePolicies } : {}),
    ...(options.logEntriesPerSegment ? { logEntriesPerSegment: options.logEntriesPerSegment } : {}),
    ...(options.onStopped ? { onStopped: options.onStopped } : {}),
  });
  await host.start();
  onTestFinished(() => host.drain(0));
  return new Hub(host, clock, taskHubName, entries);
}

export function newTaskHubName(): string {
  return `hub${randomUUID().replaceAll('-', '')}`;
}
