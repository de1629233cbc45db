import Module from 'node:module';
import type { LogLevel } from '../log.ts';

/** A function's registration as the programming model hands it over. */
export interface CoreFunctionMetadata {
  readonly name: string;
  readonly bindings: Record<string, { type: string; direction?: string; [property: string]: unknown }>;
}

/** The app's own code for a function: the trigger's value, then the invocation context. */
export type CoreFunctionCallback = (...args: unknown[]) => unknown;

export type CoreHookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';

export type CoreHookCallback = (context: Record<string, unknown>) => unknown;

/** What the programming model makes of one invocation; the steps are called in this order, once each. */
export interface CoreInvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: CoreFunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<CoreInvocationResponse>;
}

export interface CoreInvocationResponse {
  readonly returnValue?: unknown;
  readonly outputData?: readonly { readonly name: string; readonly data: unknown }[];
}

export interface CoreProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: Record<string, unknown>): CoreInvocationModel;
}

/** Who receives what an app registers. */
export interface RegistrationTarget {
  registerFunction(metadata: CoreFunctionMetadata, callback: CoreFunctionCallback): void;
  registerHook(name: CoreHookName, callback: CoreHookCallback): { dispose(): void };
  log(level: LogLevel, category: string, message: string): void;
}

/**
 * The `@azure/functions-core` module of this process. There is one, because `@azure/functions` looks it up once and
 * keeps it; whichever app is being loaded is its target.
 */
class CoreModule {
  readonly version = '4.1037.0';
  readonly hostVersion = '4.1037.0';
  readonly workerVersion = '3.12.0';
  #model: CoreProgrammingModel | undefined;
  #target: RegistrationTarget | undefined;

  /** Runs `load` while `target` receives what is registered. One load at a time. */
  async during<T>(target: RegistrationTarget, load: () => Promise<T>): Promise<T> {
    if (this.#target) throw new Error('Another function app is being loaded; load them one after the other.');
    this.#target = target;
    try {
      return await load();
    } finally {
      this.#target = undefined;
    }
  }

  get model(): CoreProgrammingModel | undefined {
    return this.#model;
  }

  /** The members that `@azure/functions` calls. */
  readonly api = {
    version: this.version,
    hostVersion: this.hostVersion,
    workerVersion: this.workerVersion,
    Disposable: class {
      readonly #onDispose: () => unknown;
      constructor(onDispose: () => unknown) {
        this.#onDispose = onDispose;
      }
      dispose(): unknown {
        return this.#onDispose();
      }
    },
    setProgrammingModel: (model: CoreProgrammingModel) => {
      this.#model = model;
    },
    getProgrammingModel: () => this.#model,
    registerFunction: (metadata: CoreFunctionMetadata, callback: CoreFunctionCallback) => {
      this.#openTarget('function', metadata.name).registerFunction(metadata, callback);
    },
    registerHook: (name: CoreHookName, callback: CoreHookCallback) =>
      this.#openTarget('hook', name).registerHook(name, callback),
    log: (level: LogLevel, category: string, message: string) => {
      this.#target?.log(level, category, message);
    },
  };

  #openTarget(what: string, name: string): RegistrationTarget {
    if (!this.#target) throw new Error(`The ${what} "${name}" was registered after the app was loaded; do it on load.`);
    return this.#target;
  }
}

/** This process's one provider of `@azure/functions-core`. */
export const coreModule = new CoreModule();

const CORE_MODULE_NAME = '@azure/functions-core';

let provided = false;

/** Makes `require('@azure/functions-core')` answer with `coreModule.api`, everywhere in this process. Repeatable. */
export function provideCoreModule(): void {
  if (provided) return;
  provided = true;
  const loader: { _load?: (request: string, ...rest: unknown[]) => unknown } = Module as object;
  const load = loader._load;
  if (!load) throw new Error('This Node version has no Module._load; the local host needs Node 20 to 24.');
  loader._load = function (this: unknown, request, ...rest) {
    return request === CORE_MODULE_NAME ? coreModule.api : Reflect.apply(load, this, [request, ...rest]);
  };
}
