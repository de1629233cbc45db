import type { OrchestrationContext, Task } from 'durable-functions';
import type { Steps } from '../../../orchestrations/activity.ts';

/** An activity as a test plays it; throwing makes the task fail. */
export type Played = (input: never) => unknown;

export interface Driven {
  /** What the last execution returned. */
  readonly output: unknown;
  /** Every activity call, in the order of scheduling. */
  readonly calls: { readonly name: string; readonly input: unknown }[];
  /** Seconds of each wait. */
  readonly waits: number[];
  readonly statuses: unknown[];
  readonly executions: number;
}

type Step =
  | { readonly kind: 'activity'; readonly name: string; readonly input: unknown }
  | { readonly kind: 'all'; readonly steps: Step[] }
  | { readonly kind: 'timer'; readonly seconds: number };

const START_MS = Date.UTC(2026, 2, 2, 12);
const overTheWire = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

/**
 * Drives an orchestrator by hand, through all its executions: each task that it yields is done at once by the played
 * activities, and inputs and outputs go over a wire of JSON as they do in a host.
 */
export async function drive(
  orchestrator: (context: OrchestrationContext) => Steps<unknown>,
  activities: Readonly<Record<string, Played>>,
  { instanceId = 'run', maxExecutions = 50 }: { instanceId?: string; maxExecutions?: number } = {},
): Promise<Driven> {
  const driven = { calls: [] as Driven['calls'], waits: [] as number[], statuses: [] as unknown[] };
  let nowMs = START_MS;
  let input: unknown;

  async function perform(step: Step): Promise<unknown> {
    if (step.kind === 'timer') {
      driven.waits.push(step.seconds);
      nowMs += step.seconds * 1_000;
      return undefined;
    }
    if (step.kind === 'all') return Promise.all(step.steps.map(perform));
    const play = activities[step.name] as ((input: unknown) => unknown) | undefined;
    if (!play) throw new Error(`Nobody plays ${step.name}`);
    driven.calls.push({ name: step.name, input: step.input });
    return overTheWire(await play(step.input));
  }

  for (let executions = 1; executions <= maxExecutions; executions++) {
    const next: { input?: unknown } = {};
    const context = contextOf({ instanceId, input, next, nowMs: () => nowMs, statuses: driven.statuses });
    const steps = orchestrator(context);
    let turn = steps.next();
    while (!turn.done) {
      const step = turn.value as unknown as Step;
      turn = await perform(step).then(
        (result) => steps.next(result),
        (error: unknown) => steps.throw(error),
      );
    }
    if (!('input' in next)) return { ...driven, output: turn.value, executions };
    input = overTheWire(next.input);
  }
  throw new Error(`The orchestrator continued as new more than ${maxExecutions} times`);
}

function contextOf(parts: {
  instanceId: string;
  input: unknown;
  next: { input?: unknown };
  nowMs: () => number;
  statuses: unknown[];
}): OrchestrationContext {
  const task = (step: Step) => step as unknown as Task;
  const df = {
    instanceId: parts.instanceId,
    get currentUtcDateTime() {
      return new Date(parts.nowMs());
    },
    getInput: () => parts.input,
    setCustomStatus: (status: unknown) => parts.statuses.push(overTheWire(status)),
    callActivityWithRetry: (name: string, _options: unknown, input: unknown) =>
      task({ kind: 'activity', name, input: overTheWire(input) }),
    createTimer: (at: Date) => task({ kind: 'timer', seconds: (at.valueOf() - parts.nowMs()) / 1_000 }),
    continueAsNew: (input: unknown) => {
      parts.next.input = input;
    },
    Task: { all: (steps: Task[]) => task({ kind: 'all', steps: steps as unknown as Step[] }) },
  };
  return { df } as unknown as OrchestrationContext;
}
