import type {
  FunctionApp,
  InvocationRequest,
  InvocationResult,
  RegisteredFunction,
  RpcTypedData,
} from './functions-core/function-app.ts';
import type { Log } from './log.ts';

/** Runs functions for the triggers of the host, and knows which are under way. */
export interface Invocations {
  /** Runs a function with its further inputs. Failures are logged here, then thrown on. */
  run(
    fn: RegisteredFunction,
    trigger: RpcTypedData,
    triggerMetadata?: Readonly<Record<string, RpcTypedData>>,
  ): Promise<InvocationResult>;
  /** Ends when nothing runs any more (true), or after `timeoutMs` (false). */
  settled(timeoutMs: number): Promise<boolean>;
}

/**
 * @param parts.durableClient the value of bindings of type `durableClient`.
 */
export function createInvocations(parts: {
  readonly app: FunctionApp;
  readonly log: Log;
  readonly durableClient: RpcTypedData;
}): Invocations {
  const running = new Set<Promise<unknown>>();
  return {
    async run(fn, trigger, triggerMetadata = {}) {
      const request = { ...toInvocationRequest(fn, trigger, parts.durableClient), triggerMetadata };
      const run = parts.app.invoke(fn, request);
      running.add(run);
      try {
        return await run;
      } catch (error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        parts.log({
          level: 'error',
          message: `Failed: ${text}`,
          function: fn.name,
          invocationId: request.invocationId,
        });
        throw error;
      } finally {
        running.delete(run);
      }
    },
    async settled(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<false>((resolve) => {
        timer = setTimeout(() => resolve(false), timeoutMs);
      });
      const all = (async () => {
        while (running.size > 0) await Promise.allSettled(running);
        return true as const;
      })();
      const result = await Promise.race([all, timeout]);
      clearTimeout(timer);
      return result;
    },
  };
}

function toInvocationRequest(
  fn: RegisteredFunction,
  trigger: RpcTypedData,
  durableClient: RpcTypedData,
): InvocationRequest & { invocationId: string } {
  const inputs: Record<string, RpcTypedData> = {};
  for (const [name, binding] of Object.entries(fn.bindings)) {
    if (binding.type.toLowerCase() === 'durableclient') inputs[name] = durableClient;
  }
  return { trigger, inputs, invocationId: crypto.randomUUID() };
}
