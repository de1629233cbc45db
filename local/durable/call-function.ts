import type { FunctionApp, RegisteredFunction, RpcTypedData } from '../functions-core/function-app.ts';
import { type FunctionOutcome, parseOrchestratorState } from './actions.ts';

/** Begins the state that an orchestrator function's error carries. */
const STATE_MARKER = '\n\n$OutOfProcData$:';

/** How one run of an activity function went. `result` is JSON text. */
export type ActivityOutcome =
  | { readonly ok: true; readonly result: string | null }
  | { readonly ok: false; readonly reason: string; readonly details: string };

/** Runs an orchestrator function once on the given trigger input (JSON text). Never rejects. */
export async function callOrchestrator(app: FunctionApp, name: string, input: string): Promise<FunctionOutcome> {
  const fn = find(app, name, 'orchestrationTrigger');
  if (!fn) {
    const message = `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`;
    return { kind: 'broken', message, details: message };
  }
  try {
    const { returnValue } = await app.invoke(fn, { trigger: { string: input } });
    return { kind: 'state', state: parseOrchestratorState(returnValue?.json ?? 'null'), stack: '' };
  } catch (error) {
    return outcomeOf(error);
  }
}

function outcomeOf(error: unknown): FunctionOutcome {
  const { message, stack } = describe(error);
  const at = message.indexOf(STATE_MARKER);
  if (at >= 0) {
    try {
      return { kind: 'state', state: parseOrchestratorState(message.slice(at + STATE_MARKER.length)), stack };
    } catch {
      // Not a state after all: the message speaks for itself.
    }
  }
  return { kind: 'broken', message, details: stack };
}

/** Runs an activity function once. `input` is the JSON text that the orchestration gave. Never rejects. */
export async function callActivity(
  app: FunctionApp,
  call: { readonly name: string; readonly instanceId: string; readonly input: string | null },
): Promise<ActivityOutcome> {
  const fn = find(app, call.name, 'activityTrigger');
  if (!fn) {
    const message = `The function '${call.name}' doesn't exist, is disabled, or is not an activity function.`;
    return activityFailure(call.name, message, message);
  }
  try {
    const trigger = toTrigger(call.input);
    const triggerMetadata = { instanceId: { string: call.instanceId } };
    const { returnValue } = await app.invoke(fn, { trigger, triggerMetadata });
    return { ok: true, result: toResult(returnValue) };
  } catch (error) {
    const { message, stack } = describe(error);
    return activityFailure(call.name, message, stack);
  }
}

function find(app: FunctionApp, name: string, triggerType: string): RegisteredFunction | undefined {
  const fn = app.functions.get(name);
  return fn?.trigger.binding.type === triggerType ? fn : undefined;
}

/** A string goes to the function as it is (it is JSON text itself), everything else as JSON. */
function toTrigger(input: string | null): RpcTypedData {
  if (input === null) return {};
  const value: unknown = JSON.parse(input);
  return { string: typeof value === 'string' ? value : input };
}

function toResult(value: RpcTypedData | undefined): string | null {
  if (!value) return null;
  if (typeof value.string === 'string') return JSON.stringify(value.string);
  if (typeof value.json === 'string') return value.json;
  if (value.bytes) return JSON.stringify(Buffer.from(value.bytes).toString('base64'));
  return JSON.stringify(value.int ?? value.double ?? null);
}

/** A failed activity in the words of the Functions host: a reason for people, and the exception as .NET serializes it. */
function activityFailure(name: string, message: string, stack: string): ActivityOutcome {
  const details = JSON.stringify({
    $type: 'System.Exception, System.Private.CoreLib',
    ClassName: 'System.Exception',
    Message: message,
    Data: null,
    InnerException: null,
    HelpLink: null,
    Source: 'System.Private.CoreLib',
    HResult: -2146233088,
    StackTrace: stack,
  });
  return { ok: false, reason: `Activity function '${name}' failed: ${message}`, details };
}

function describe(error: unknown): { message: string; stack: string } {
  if (!(error instanceof Error)) return { message: String(error), stack: '' };
  return { message: error.message, stack: error.stack ?? '' };
}
