/**
 * What the local host knows of a loaded function app. The app registers itself through the real `@azure/functions` and
 * `durable-functions` packages; `loadFunctionApp` (load.ts) gives them the `@azure/functions-core` module that only a
 * host provides, and hands back this.
 */

/** A value on the wire between host and worker: exactly one of the members is set. */
export interface RpcTypedData {
  string?: string | null;
  json?: string | null;
  bytes?: Uint8Array;
  http?: RpcHttp;
  int?: number;
  double?: number;
}

export interface RpcHttp {
  method?: string;
  url?: string;
  headers?: Record<string, string>;
  query?: Record<string, string>;
  params?: Record<string, string>;
  body?: RpcTypedData;
  rawBody?: RpcTypedData;
  statusCode?: string;
  cookies?: { name: string; value: string }[];
}

/** A binding as the app registered it (`type`, `direction` and the trigger's own properties such as `route`, `schedule`). */
export interface Binding {
  readonly type: string;
  readonly direction?: string | undefined;
  readonly [property: string]: unknown;
}

export interface RegisteredFunction {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  /** The one binding whose type ends in "Trigger", with its name in `bindings`. */
  readonly trigger: { readonly name: string; readonly binding: Binding };
  /** The entry point that registered it, an absolute path. */
  readonly scriptPath?: string;
}

export interface InvocationRequest {
  readonly trigger: RpcTypedData;
  /** Values of further input bindings by binding name (a durable client, for one). */
  readonly inputs?: Readonly<Record<string, RpcTypedData>>;
  readonly triggerMetadata?: Readonly<Record<string, RpcTypedData>>;
  /** Made by the app's loader when absent. */
  readonly invocationId?: string;
}

export interface InvocationResult {
  readonly invocationId: string;
  /** What the function returned (undefined: nothing). */
  readonly returnValue?: RpcTypedData | undefined;
  readonly outputs: Readonly<Record<string, RpcTypedData>>;
}

export interface FunctionApp {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  /** Runs a function once. Rejects with what the function threw. */
  invoke(fn: RegisteredFunction, request: InvocationRequest): Promise<InvocationResult>;
}
