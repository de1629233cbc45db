/**
 * Runs plug-ins in worker threads, so that one that never returns, or that keeps the processor for itself, can be stopped.
 *
 *  THREAD-1  A thread serves one record at a time (and what its plug-ins start inside); so whom a stopped thread takes
 *      along is that record alone.
 *  THREAD-2  A run that has ended, in whatever way, can ask for nothing any more.
 */
import { Worker } from 'node:worker_threads';
import { Problem } from '../../problem.ts';
import type { Plugin, PluginCall, PluginWork } from './plugin.ts';
import { type ErrorText, errorText, type FromWorker, type ToWorker, type WorkerData } from './plugin-messages.ts';

/** Thrown when a plug-in didn't do its work. */
export class PluginFailure extends Error {
  override readonly name = 'PluginFailure';
  override readonly cause: { readonly code: 'plugin-failed' | 'plugin-timeout'; readonly plugin: string };

  constructor(code: PluginFailure['cause']['code'], plugin: string, message: string) {
    super(message);
    this.cause = { code, plugin };
  }
}

/** A thread for the plug-ins of one record. */
export interface PluginThread {
  /** Runs a plug-in to its end. Throws PluginFailure; a fault of its `work` is thrown as it is. */
  run(plugin: Pick<Plugin, 'name' | 'step'>, call: Omit<PluginCall, 'work'>, work: PluginWork): Promise<void>;
  /** Gives the thread back. */
  release(): void;
}

/** Runs plug-ins in threads. */
export interface PluginRunner {
  /** Takes a thread; each plug-in that runs in it has so long. */
  open(deadlineSeconds: number): PluginThread;
}

/** Which module the threads load. */
export interface PluginRunnerOptions {
  /** The module that SPILLWAY_PLUGINS names. */
  readonly modulePath?: string | undefined;
  /** The compiled worker; tests, which run from sources, name it. */
  readonly workerUrl?: URL;
}

interface RunRequest {
  readonly plugin: Pick<Plugin, 'name' | 'step'>;
  readonly call: Omit<PluginCall, 'work'>;
  readonly work: PluginWork;
  readonly deadlineSeconds: number;
}

interface Run {
  readonly work: PluginWork;
  end(error?: ErrorText): void;
  stop(reason: unknown): void;
}

const MAX_IDLE_THREADS = 4;
/** Memory of a thread; one that takes more is ended. */
const MAX_MEMORY_MB = 256;

/** Creates the runner; no thread is started before one is needed. */
export function createPluginRunner(options: PluginRunnerOptions): PluginRunner {
  const idle: Thread[] = [];
  return {
    open(deadlineSeconds) {
      const thread = idle.pop() ?? new Thread(options);
      return {
        run: (plugin, call, work) => thread.run({ plugin, call, work, deadlineSeconds }),
        release() {
          if (thread.isAlive && idle.length < MAX_IDLE_THREADS) idle.push(thread);
          else thread.stop();
        },
      };
    },
  };
}

class Thread {
  readonly #worker: Worker;
  readonly #runs = new Map<number, Run>();
  #count = 0;
  isAlive = true;

  constructor(options: PluginRunnerOptions) {
    const workerData: WorkerData = { modulePath: options.modulePath };
    const url = options.workerUrl ?? new URL('./plugin-worker.js', import.meta.url);
    this.#worker = new Worker(url, { workerData, resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB } });
    // A thread that waits for work doesn't keep the process.
    this.#worker.unref();
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.#worker.on('error', (error) => this.#die(error));
    this.#worker.on('exit', () => this.#die(new Error('The thread of the plug-in ended')));
  }

  async run(given: RunRequest): Promise<void> {
    const { plugin, call, work, deadlineSeconds } = given;
    const { name, step } = plugin;
    const run = ++this.#count;
    const where = `Plug-in ${name} (${step} ${call.action}) on ${call.record.table} ${call.record.id}`;
    try {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new PluginFailure('plugin-timeout', name, `${where} didn't end within ${deadlineSeconds} seconds.`));
          this.stop();
        }, deadlineSeconds * 1000);
        const finish = (act: () => void) => {
          clearTimeout(timer);
          act();
        };
        this.#runs.set(run, {
          work,
          stop: (reason) => finish(() => reject(reason)),
          end: (error) =>
            finish(() => {
              if (!error) resolve();
              else reject(new PluginFailure('plugin-failed', name, `${where} threw ${error.name}: ${error.message}`));
            }),
        });
        if (!this.isAlive) this.#runs.get(run)?.end(errorText(new Error('its thread had ended')));
        this.#post({ kind: 'run', run, plugin: name, call });
      });
    } finally {
      this.#runs.delete(run);
    }
  }

  stop(): void {
    this.isAlive = false;
    void this.#worker.terminate();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromWorker): void {
    const run = this.#runs.get(message.run);
    if (!run) return;
    if (message.kind === 'ended') run.end(message.error);
    else void this.#answer(run, message);
  }

  async #answer(run: Run, { ask, method, args }: Extract<FromWorker, { kind: 'ask' }>): Promise<void> {
    try {
      const perform = run.work[method] as (...given: readonly unknown[]) => Promise<unknown>;
      this.#post({ kind: 'answer', ask, result: await perform(...args) });
    } catch (error) {
      // A refusal is the plug-in's to deal with; a lock that will go away, a fault of storage, or of a plug-in further down, is not.
      if (error instanceof Problem && error.slug !== 'locked')
        this.#post({ kind: 'answer', ask, error: errorText(error) });
      else run.stop(error);
    }
  }

  #die(error: Error): void {
    this.isAlive = false;
    for (const run of this.#runs.values()) run.end(errorText(error));
  }
}
