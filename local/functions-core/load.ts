/**
 * Loads a compiled function app into this process, as the Functions host's Node.js worker would.
 *
 * Invariants
 * 1. The app's own code is not changed: it registers itself through the real `@azure/functions` and `durable-functions`,
 *    which find the `@azure/functions-core` that this module provides.
 * 2. Registration ends when loading ends; a name is registered once.
 * 3. Loading the same entry points again evaluates them again, so a process can hold several apps (tests do).
 */

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Log } from '../log.ts';
import {
  type CoreFunctionCallback,
  type CoreFunctionMetadata,
  type CoreHookCallback,
  type CoreHookName,
  coreModule,
  provideCoreModule,
} from './core-module.ts';
import type { Binding, FunctionApp, RegisteredFunction } from './function-app.ts';
import { Invoker } from './invoke.ts';

const require = createRequire(import.meta.url);

let loads = 0;

/**
 * Imports the entry points one after the other and returns what they registered.
 *
 * @param options.entryPoints absolute paths of compiled JavaScript files (ES modules or CommonJS).
 * @param options.log receives what functions write, with function name and invocation id.
 * @throws what an entry point throws on import; an Error when a function has no or two triggers, or a name is taken.
 */
export async function loadFunctionApp(options: {
  readonly entryPoints: readonly string[];
  readonly log: Log;
}): Promise<FunctionApp> {
  provideCoreModule();
  const functions = new Map<string, RegisteredFunction>();
  const callbacks = new Map<string, CoreFunctionCallback>();
  const hooks = new Map<CoreHookName, CoreHookCallback[]>();
  let scriptPath = '';
  const target = {
    registerFunction(metadata: CoreFunctionMetadata, callback: CoreFunctionCallback) {
      if (functions.has(metadata.name)) throw new Error(`A function named "${metadata.name}" is registered already.`);
      functions.set(metadata.name, { ...toRegisteredFunction(metadata), scriptPath });
      callbacks.set(metadata.name, callback);
    },
    registerHook(name: CoreHookName, callback: CoreHookCallback) {
      hooks.set(name, [...(hooks.get(name) ?? []), callback]);
      return {
        dispose: () =>
          hooks.set(
            name,
            (hooks.get(name) ?? []).filter((other) => other !== callback),
          ),
      };
    },
    log: (level: Parameters<typeof coreModule.api.log>[0], _category: string, message: string) =>
      options.log({ level, message }),
  };
  loads++;
  await coreModule.during(target, async () => {
    for (const path of options.entryPoints) {
      scriptPath = path;
      await importAgain(path);
    }
  });
  const invoker = new Invoker({ callbacks, hooks, log: options.log, getModel: () => coreModule.model });
  await invoker.runAppStartHooks();
  return { functions, invoke: (fn, request) => invoker.invoke(fn, request) };
}

/** Node keeps imported modules: a query makes an ES module new, and a CommonJS one is forgotten first. */
async function importAgain(path: string): Promise<void> {
  delete require.cache[path];
  const url = pathToFileURL(path);
  if (loads > 1) url.searchParams.set('load', String(loads));
  await import(url.href);
}

function toRegisteredFunction(metadata: CoreFunctionMetadata): RegisteredFunction {
  const bindings: Record<string, Binding> = metadata.bindings;
  const triggers = Object.entries(bindings).filter(([, binding]) => /trigger$/i.test(binding.type));
  const [first, ...others] = triggers;
  if (!first || others.length > 0) {
    throw new Error(`The function "${metadata.name}" has ${triggers.length} triggers; it needs exactly one.`);
  }
  return { name: metadata.name, bindings, trigger: { name: first[0], binding: first[1] } };
}
