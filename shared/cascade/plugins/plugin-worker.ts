/**
 * The worker thread that plug-ins run in: an entry point of its own. It calls plug-ins as it is told and passes what they
 * ask of their `work` on to the main thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { loadPlugins } from './load-plugins.ts';
import { type Plugin, type PluginWork, WORK_METHODS, type WorkMethod } from './plugin.ts';
import { errorText, type FromWorker, type ToWorker, type WorkerData } from './plugin-messages.ts';

const port = parentPort;
if (!port) throw new Error('plugin-worker runs as a worker thread only');

const { modulePath } = workerData as WorkerData;
const plugins = new Map((await loadPlugins(modulePath)).map((plugin) => [plugin.name, plugin]));
const asked = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
let asks = 0;

port.on('message', (message: ToWorker) => {
  if (message.kind === 'run') void perform(message);
  else takeAnswer(message);
});

function post(message: FromWorker): void {
  port?.postMessage(message);
}

async function perform({ run, plugin: name, call }: Extract<ToWorker, { kind: 'run' }>): Promise<void> {
  try {
    const plugin: Plugin | undefined = plugins.get(name);
    if (!plugin) throw new Error(`There is no plug-in ${name}`);
    await plugin.run({ ...call, work: workOf(run) });
    post({ kind: 'ended', run });
  } catch (error) {
    post({ kind: 'ended', run, error: errorText(error) });
  }
}

function workOf(run: number): PluginWork {
  const method =
    (name: WorkMethod) =>
    (...args: readonly unknown[]) =>
      new Promise((resolve, reject) => {
        const ask = ++asks;
        asked.set(ask, { resolve, reject });
        post({ kind: 'ask', run, ask, method: name, args });
      });
  return Object.fromEntries(WORK_METHODS.map((name) => [name, method(name)])) as unknown as PluginWork;
}

function takeAnswer({ ask, result, error }: Extract<ToWorker, { kind: 'answer' }>): void {
  const waiting = asked.get(ask);
  asked.delete(ask);
  if (error) waiting?.reject(Object.assign(new Error(error.message), { name: error.name }));
  else waiting?.resolve(result);
}
