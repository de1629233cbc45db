import { readFileSync } from 'node:fs';
import type { FunctionApp } from '../../../../local/functions-core/function-app.ts';
import { fixturePath } from './hub.ts';

type Json = Record<string, unknown>;

/** One run of an orchestrator function: what it was given and what came of it. */
export interface Turn {
  readonly input: Json;
  readonly returned: Json | null;
  readonly thrown: string | null;
}

/** A recorded turn by its file name, `turns/…` or `edge-turns/…`. */
export function recordedTurn(name: string): Turn {
  const { orchestratorInput, orchestratorReturn, orchestratorThrows } = JSON.parse(
    readFileSync(fixturePath(`recordings/${name}.json`), 'utf8'),
  ) as { orchestratorInput: Json; orchestratorReturn?: Json; orchestratorThrows?: string };
  return { input: orchestratorInput, returned: orchestratorReturn ?? null, thrown: orchestratorThrows ?? null };
}

/** Writes down the turns of orchestrator functions, by instance id. */
export function watchTurns(turns: Map<string, Turn[]>): (app: FunctionApp) => FunctionApp {
  return (app) => ({
    functions: app.functions,
    async invoke(fn, request) {
      if (fn.trigger.binding.type !== 'orchestrationTrigger') return app.invoke(fn, request);
      const input = JSON.parse(request.trigger.string ?? '') as Json & { instanceId: string };
      const add = (turn: Turn) => turns.set(input.instanceId, [...(turns.get(input.instanceId) ?? []), turn]);
      try {
        const result = await app.invoke(fn, request);
        add({ input, returned: JSON.parse(result.returnValue?.json ?? 'null') as Json, thrown: null });
        return result;
      } catch (error) {
        add({ input, returned: null, thrown: error instanceof Error ? error.message : String(error) });
        throw error;
      }
    },
  });
}

/**
 * A turn without what differs from run to run: times, execution ids, serialized .NET exceptions (which stack traces and the
 * recording's own cuts make unlike), and long values that the recording cut.
 */
export function comparable(turn: Turn): unknown {
  return normalize(turn, undefined);
}

const RUN_DEPENDENT = new Set(['Timestamp', 'FireAt', 'fireAt', 'ExecutionId', 'Details']);

function normalize(value: unknown, key: string | undefined): unknown {
  if (key !== undefined && RUN_DEPENDENT.has(key) && value !== null) return `<${key}>`;
  if (typeof value === 'string') return normalizeText(value);
  if (Array.isArray(value)) return value.map((item) => normalize(item, undefined));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normalize(item, name)]));
}

function normalizeText(text: string): string {
  const cut = /…cut, (\d+) characters$/.exec(text);
  if (cut) return `<${cut[1]} characters>`;
  if (text.length > 10_000) return `<${text.length} characters>`;
  return text.replace(/^[0-9a-f-]{32,36}:(\d+)$/, '<execution>:$1').replace(/ \n (\{|Message).*$/s, ' \n <exception>');
}
