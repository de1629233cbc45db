import { randomUUID } from 'node:crypto';
import type { Log, LogLevel } from '../log.ts';
import type { CoreFunctionCallback, CoreHookCallback, CoreHookName, CoreProgrammingModel } from './core-module.ts';
import type { InvocationRequest, InvocationResult, RegisteredFunction, RpcTypedData } from './function-app.ts';

/** What a loaded app needs to run its functions. */
export interface InvokerParts {
  readonly callbacks: ReadonlyMap<string, CoreFunctionCallback>;
  readonly hooks: ReadonlyMap<CoreHookName, readonly CoreHookCallback[]>;
  readonly log: Log;
  readonly getModel: () => CoreProgrammingModel | undefined;
}

/** Runs functions of a loaded app through its programming model and hooks, in the order the Functions worker uses. */
export class Invoker {
  readonly #parts: InvokerParts;
  readonly #appHookData: Record<string, unknown> = {};

  constructor(parts: InvokerParts) {
    this.#parts = parts;
  }

  /** Runs the app's `appStart` hooks; once, after loading. Rejects with what a hook throws. */
  async runAppStartHooks(): Promise<void> {
    await this.#runHooks('appStart', { hookData: this.#appHookData });
  }

  /** Runs a function once. Rejects with what the function, or a hook, threw. */
  async invoke(fn: RegisteredFunction, request: InvocationRequest): Promise<InvocationResult> {
    const callback = this.#parts.callbacks.get(fn.name);
    const model = this.#parts.getModel();
    if (!callback || !model) throw new Error(`The function "${fn.name}" is not part of this app.`);
    const invocationId = request.invocationId ?? randomUUID();
    const coreContext: Record<string, unknown> = {
      invocationId,
      metadata: { name: fn.name, bindings: fn.bindings },
      request: {
        invocationId,
        inputData: [
          { name: fn.trigger.name, data: request.trigger },
          ...Object.entries(request.inputs ?? {}).map(([name, data]) => ({ name, data })),
        ],
        triggerMetadata: request.triggerMetadata ?? {},
      },
      state: undefined,
    };
    const invocation = model.getInvocationModel(coreContext);
    let invocationContext: unknown;
    coreContext.log = (level: LogLevel, category: string, message: string) =>
      this.#log({ level, category, message, invocationContext }, fn.name, invocationId);
    const { context, inputs } = await invocation.getArguments();
    invocationContext = context;

    const before: Record<string, unknown> = {
      hookData: {},
      appHookData: this.#appHookData,
      invocationContext: context,
      functionCallback: callback,
      inputs,
    };
    coreContext.state = 'preInvocationHooks';
    await this.#runHooks('preInvocation', before);
    coreContext.state = 'invocation';
    const after: Record<string, unknown> = { ...before, result: null, error: null };
    try {
      const hooked = before.functionCallback as CoreFunctionCallback;
      after.result = await invocation.invokeFunction(context, before.inputs as unknown[], hooked);
    } catch (error) {
      after.error = error ?? new Error(`The function "${fn.name}" threw ${String(error)}.`);
    }
    coreContext.state = 'postInvocationHooks';
    await this.#runHooks('postInvocation', after);
    coreContext.state = undefined;
    // What the function threw goes on as it is; a hook may have replaced it, so its type is anybody's guess.
    if (after.error) return Promise.reject(after.error);

    const response = await invocation.getResponse(context, after.result);
    const outputs: Record<string, RpcTypedData> = {};
    for (const { name, data } of response.outputData ?? []) outputs[name] = data as RpcTypedData;
    const returnValue = (response.returnValue ?? undefined) as RpcTypedData | undefined;
    return { invocationId, returnValue, outputs };
  }

  async #runHooks(name: CoreHookName, context: Record<string, unknown>): Promise<void> {
    for (const hook of this.#parts.hooks.get(name) ?? []) await hook(context);
  }

  /** Log hooks see and may change an entry before it is written; the worker calls them without waiting. */
  #log(
    entry: { level: LogLevel; category: string; message: string; invocationContext: unknown },
    fn: string,
    id: string,
  ) {
    const context: Record<string, unknown> & typeof entry = { hookData: {}, ...entry };
    for (const hook of this.#parts.hooks.get('log') ?? []) hook(context);
    this.#parts.log({ level: context.level, message: context.message, function: fn, invocationId: id });
  }
}
