/**
 * The durable task hub of the embedded local host: does for the app what the Durable extension does on the Functions host.
 * Its state is in two tables of the storage account, `<hub>DurableLog` and `<hub>DurableInstances`.
 */
import { TableClient, type TransactionAction } from '@azure/data-tables';
import { type StoragePolicy, sizeLimitsPolicy } from '../../shared/storage/size-limits.ts';
import { openStorage } from '../../shared/storage/storage.ts';
import type { Clock } from '../clock.ts';
import type { FunctionApp } from '../functions-core/function-app.ts';
import type { Log } from '../log.ts';
import { Compaction } from './compaction.ts';
import { Engine, type EngineLimits } from './engine.ts';
import { GroupCommit } from './group-commit.ts';
import { type DurableRequest, type DurableResponse, message } from './http-messages.ts';
import { InstanceTable } from './instance-table.ts';
import { ManagementApi } from './management-api.ts';
import { durableClientBinding, RPC_PATH, WEBHOOK_PATH } from './management-urls.ts';
import { OrchestrationClient } from './orchestration-client.ts';
import type { LogRecord } from './records.ts';
import { SnapshotStore } from './snapshots.ts';
import { type DropRows, WriteAheadLog } from './write-ahead-log.ts';

/** How long `drain` waits for storage that doesn't answer. */
const STORE_LIMIT_MS = 5_000;

export interface DurableHostOptions {
  readonly app: FunctionApp;
  /** Of the storage account that holds the task hub's state. */
  readonly connectionString: string;
  /** `extensions.durableTask.hubName` of host.json. */
  readonly taskHubName: string;
  /** The host's origin, such as `http://localhost:7071`; a function when the port is known only after `start`. */
  readonly baseUrl: string | (() => string);
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: EngineLimits;
  /** Told once when the engine can't go on: another host has taken over (Fenced), or storage refuses its writes. */
  readonly onStopped?: (error: unknown) => void;
  /** Size of the log's segments, for a task hub that doesn't exist yet; tests use short ones. */
  readonly logEntriesPerSegment?: number;
  /** Further steps of the storage requests; tests make the service fail with one. */
  readonly storagePolicies?: readonly StoragePolicy[];
}

export interface DurableHost {
  /** Takes the task hub over, restores its instances and lets them go on. Rejects when storage can't be reached. */
  start(): Promise<void>;
  /** Answers a request to the durable management API; undefined when it isn't one. */
  handle(request: DurableRequest): Promise<DurableResponse | undefined>;
  /** JSON text for a `durableClient` input binding. */
  clientBinding(): string;
  /** Resolves when nothing runs: every instance waits for a timer or an event, or has ended. */
  settled(): Promise<void>;
  /**
   * Takes no new turns and activities, lets running ones end for up to `timeoutMs`, stores their results, stops. What didn't
   * end in time runs again after the next start.
   */
  drain(timeoutMs: number): Promise<void>;
}

/** Makes a durable host; nothing happens before `start`. */
export function createDurableHost(options: DurableHostOptions): DurableHost {
  return new TaskHubHost(options);
}

class TaskHubHost implements DurableHost {
  readonly #options: DurableHostOptions;
  readonly #instances = new InstanceTable();
  readonly #log: WriteAheadLog;
  readonly #snapshots: SnapshotStore;
  readonly #commits: GroupCommit;
  readonly #engine: Engine;
  readonly #compaction: Compaction;
  readonly #api: ManagementApi;
  #state: 'new' | 'running' | 'stopped' = 'new';

  constructor(options: DurableHostOptions) {
    this.#options = options;
    const { app, clock, log, limits, taskHubName } = options;
    const policies = options.storagePolicies ?? [];
    const storage = openStorage({ connectionString: options.connectionString, policies });
    const names = { log: `${taskHubName}DurableLog`, instances: `${taskHubName}DurableInstances` };
    const dropLogRows = rowDropper(options, names.log);
    this.#log = new WriteAheadLog(storage.table(names.log), dropLogRows, log, options.logEntriesPerSegment);
    this.#snapshots = new SnapshotStore(storage.table(names.instances), rowDropper(options, names.instances));
    this.#commits = new GroupCommit(
      (text) => this.#log.append(text),
      (position, records) => this.#onStored(position, records),
      (error) => this.#fail(error),
    );
    const instances = this.#instances;
    const commit = (record: LogRecord): Promise<void> => this.#commits.commit(record);
    this.#engine = new Engine({ app, clock, limits, instances, commit });
    this.#compaction = new Compaction(this.#log, instances, this.#snapshots, log);
    const client = new OrchestrationClient({ engine: this.#engine, instances, commit, clock });
    this.#api = new ManagementApi(client, taskHubName);
  }

  async start(): Promise<void> {
    const entries = await this.#log.open();
    for (const { instance, position } of await this.#snapshots.load()) this.#instances.restore(instance, position);
    for (const { position, text } of entries) {
      for (const record of JSON.parse(text) as LogRecord[]) this.#instances.apply(position, record);
    }
    await this.#log.deleteLeftovers();
    this.#state = 'running';
    this.#options.log({
      level: 'information',
      message: `Durable task hub ${this.#options.taskHubName}: ${this.#instances.size} instances, epoch ${this.#log.epoch}`,
    });
    this.#engine.recover();
    this.#compaction.startIfDue();
  }

  async handle(request: DurableRequest): Promise<DurableResponse | undefined> {
    const { pathname } = request.url;
    if (![WEBHOOK_PATH, RPC_PATH].some((base) => pathname === base || pathname.startsWith(`${base}/`)))
      return undefined;
    if (this.#state !== 'running') return message(503, 'The durable task hub is not running.');
    try {
      return await this.#api.handle(request);
    } catch (error) {
      this.#options.log({ level: 'error', message: `Durable management API: ${String(error)}` });
      return message(500, 'Something went wrong while processing your request');
    }
  }

  clientBinding(): string {
    const { baseUrl, taskHubName } = this.#options;
    return durableClientBinding(typeof baseUrl === 'string' ? baseUrl : baseUrl(), taskHubName);
  }

  settled(): Promise<void> {
    return this.#engine.until(() => this.#state === 'stopped' || (this.#engine.isIdle && this.#commits.isIdle));
  }

  async drain(timeoutMs: number): Promise<void> {
    if (this.#state !== 'running') return;
    let cancel = (): void => {};
    const timeout = new Promise<void>((resolve) => {
      cancel = this.#options.clock.at(this.#options.clock.now() + timeoutMs, resolve);
    });
    await Promise.race([this.#engine.stop(), timeout]);
    cancel();
    this.#state = 'stopped';
    await Promise.race([this.#storeRest(), new Promise((resolve) => setTimeout(resolve, STORE_LIMIT_MS).unref())]);
    this.#log.stop();
  }

  async #storeRest(): Promise<void> {
    const unstored = this.#engine.unstoredMessages();
    await Promise.allSettled(unstored.map((toStore) => this.#commits.commit({ type: 'message', ...toStore })));
    await this.#commits.flush();
    await this.#compaction.finished();
  }

  #onStored(position: number, records: readonly LogRecord[]): void {
    for (const record of records) this.#engine.onStored(record, this.#instances.apply(position, record));
    this.#compaction.startIfDue();
  }

  #fail(error: unknown): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    void this.#engine.stop();
    this.#log.stop();
    this.#options.log({ level: 'critical', message: `Durable engine stopped: ${String(error)}` });
    this.#options.onStopped?.(error);
  }
}

/** Deletes rows by key, together where the storage service takes it, one by one where some are gone already. */
function rowDropper(options: DurableHostOptions, tableName: string): DropRows {
  const client = TableClient.fromConnectionString(options.connectionString, tableName, {
    allowInsecureConnection: !options.connectionString.includes('DefaultEndpointsProtocol=https'),
    additionalPolicies: [sizeLimitsPolicy, ...(options.storagePolicies ?? [])].map((policy) => ({
      policy,
      position: 'perCall',
    })),
  });
  return async (partitionKey, rowKeys) => {
    const actions = rowKeys.map((rowKey): TransactionAction => ['delete', { partitionKey, rowKey }]);
    try {
      await client.submitTransaction(actions);
    } catch {
      for (const rowKey of rowKeys) {
        await client.deleteEntity(partitionKey, rowKey).catch((error: { statusCode?: number }) => {
          if (error.statusCode !== 404) throw error;
        });
      }
    }
  };
}
