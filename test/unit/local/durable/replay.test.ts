/**
 * The replay that decides turns, without storage or functions: held against every recorded turn of the real host, then its
 * own corners.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Action, OrchestratorState } from '../../../../local/durable/actions.ts';
import type { HistoryEvent } from '../../../../local/durable/history.ts';
import { replay, type Verdict } from '../../../../local/durable/replay.ts';
import { nextDelayMs } from '../../../../local/durable/run-actions.ts';

interface WireEvent {
  readonly EventType: number;
  readonly EventId: number;
  readonly Timestamp: string;
  readonly [field: string]: unknown;
}

/** A recorded event in the engine's own form. */
function toEvent(wire: WireEvent): HistoryEvent {
  const at = Date.parse(wire.Timestamp);
  const { EventId: id } = wire;
  const text = (field: string) => wire[field] as string;
  const taskId = wire.TaskScheduledId as number;
  switch (wire.EventType) {
    case 0: {
      const { InstanceId, ExecutionId } = wire.OrchestrationInstance as { InstanceId: string; ExecutionId: string };
      const identity = { name: text('Name'), instanceId: InstanceId, executionId: ExecutionId };
      return { type: 'ExecutionStarted', at, ...identity, input: text('Input'), parent: null, generation: 0 };
    }
    case 3:
      return { type: 'ExecutionTerminated', at, reason: text('Input') };
    case 4:
      return { type: 'TaskScheduled', at, id, name: text('Name'), input: null };
    case 5:
      return { type: 'TaskCompleted', at, taskId, result: text('Result') };
    case 6:
      return { type: 'TaskFailed', at, taskId, reason: text('Reason'), details: text('Details') };
    case 7:
      return {
        type: 'SubOrchestrationCreated',
        at,
        id,
        name: text('Name'),
        instanceId: text('InstanceId'),
        executionId: '',
        input: null,
      };
    case 8:
      return { type: 'SubOrchestrationCompleted', at, taskId, result: text('Result') };
    case 9:
      return { type: 'SubOrchestrationFailed', at, taskId, reason: text('Reason'), details: text('Details') };
    case 10:
      return { type: 'TimerCreated', at, id, fireAt: Date.parse(text('FireAt')) };
    case 11:
      return { type: 'TimerFired', at, timerId: wire.TimerId as number, fireAt: Date.parse(text('FireAt')) };
    case 12:
      return { type: 'OrchestratorStarted', at };
    case 13:
      return { type: 'OrchestratorCompleted', at };
    case 15:
      return { type: 'EventRaised', at, name: text('Name'), input: text('Input') };
    case 19:
      return { type: 'ExecutionSuspended', at, reason: text('Reason') };
    case 20:
      return { type: 'ExecutionResumed', at, reason: text('Reason') };
    default:
      throw new Error(`event type ${wire.EventType}`);
  }
}

interface Recording {
  readonly name: string;
  readonly executionId: string;
  readonly history: readonly WireEvent[];
  readonly returned: OrchestratorState | undefined;
}

const FOLDER = new URL('../../../fixtures/recordings/', import.meta.url);

function recordings(folder: string): Recording[] {
  return readdirSync(new URL(`${folder}/`, FOLDER)).map((file) => {
    const { orchestratorInput, orchestratorReturn } = JSON.parse(
      readFileSync(new URL(`${folder}/${file}`, FOLDER), 'utf8'),
    ) as { orchestratorInput: { history: WireEvent[] }; orchestratorReturn?: OrchestratorState };
    const { history } = orchestratorInput;
    const started = history.find(({ EventType }) => EventType === 0);
    const instance = started?.OrchestrationInstance as { ExecutionId: string } | undefined;
    const executionId = instance?.ExecutionId ?? '';
    return { name: `${folder}/${file}`, executionId, history, returned: orchestratorReturn };
  });
}

/** Pairs of recordings where the second is the turn right after the first. */
function consecutive(): { name: string; turn: Recording; returned: OrchestratorState; next: Recording }[] {
  return ['turns', 'edge-turns'].flatMap((folder) => {
    const all = recordings(folder);
    return all.flatMap((turn) => {
      const later = all.filter(
        (other) => other.executionId === turn.executionId && other.history.length > turn.history.length,
      );
      const [next] = later.sort((a, b) => a.history.length - b.history.length);
      return next && turn.returned ? [{ name: turn.name, turn, returned: turn.returned, next }] : [];
    });
  });
}

/** Of a scheduled thing, what a decision and its event both tell. Fractions below a millisecond aren't ours. */
function summary(kind: string, id: number, what: string | number | undefined): string {
  return `${kind} ${id} ${what}`;
}

function decided({ decisions }: Verdict): string[] {
  return decisions.map((decision) =>
    summary(decision.kind, decision.id, decision.kind === 'timer' ? decision.fireAt : decision.name),
  );
}

function added(turn: Recording, next: Recording): string[] {
  return next.history.slice(turn.history.length).flatMap((wire) => {
    const event = toEvent(wire);
    if (event.type === 'TaskScheduled') return [summary('activity', event.id, event.name)];
    if (event.type === 'SubOrchestrationCreated') return [summary('child', event.id, event.name)];
    if (event.type === 'TimerCreated') return [summary('timer', event.id, event.fireAt)];
    return [];
  });
}

function decide(turn: Pick<Recording, 'executionId' | 'history'>, state: OrchestratorState): Verdict {
  const outcome = { kind: 'state', state, stack: '' } as const;
  return replay({ name: 'test', executionId: turn.executionId }, turn.history.map(toEvent), outcome);
}

describe('a recorded turn', () => {
  it.each(consecutive())('$name: decides what the real host decided (E6)', ({ turn, returned, next }) => {
    const verdict = decide(turn, returned);
    expect(decided(verdict)).toEqual(added(turn, next));
    expect(verdict.end).toBeUndefined();
  });
});

const AT = Date.parse('2026-11-22T00:00:00Z');
const begun: HistoryEvent[] = [
  { type: 'OrchestratorStarted', at: AT },
  {
    type: 'ExecutionStarted',
    at: AT,
    name: 'o',
    instanceId: 'i',
    executionId: 'e',
    input: null,
    parent: null,
    generation: 0,
  },
];

function verdictOf(actions: Action[], events: HistoryEvent[] = [], rest: Partial<OrchestratorState> = {}): Verdict {
  const state = { isDone: false, actions: [actions], ...rest };
  return replay({ name: 'o', executionId: 'e' }, [...begun, ...events], { kind: 'state', state, stack: '' });
}

const later = (ms: number) => new Date(AT + ms).toISOString();
const DAY_MS = 24 * 60 * 60 * 1000;

describe('a timer', () => {
  it('of more than six days is made of pieces of three', () => {
    const action: Action = { actionType: 5, fireAt: later(7 * DAY_MS), isCanceled: false };
    expect(verdictOf([action]).decisions).toEqual([{ kind: 'timer', id: 0, fireAt: AT + 3 * DAY_MS }]);
    const fired: HistoryEvent[] = [
      { type: 'TimerCreated', at: AT, id: 0, fireAt: AT + 3 * DAY_MS },
      { type: 'OrchestratorStarted', at: AT + 3 * DAY_MS },
      { type: 'TimerFired', at: AT + 3 * DAY_MS, timerId: 0, fireAt: AT + 3 * DAY_MS },
    ];
    expect(verdictOf([action], fired).decisions).toEqual([{ kind: 'timer', id: 1, fireAt: AT + 6 * DAY_MS }]);
  });

  it('that was cancelled doesn’t keep the orchestration from its end', () => {
    const canceled: Action = { actionType: 5, fireAt: later(1000), isCanceled: true };
    expect(verdictOf([canceled], [], { isDone: true, output: 1 }).end).toEqual({ kind: 'completed', output: '1' });
    const running: Action = { ...canceled, isCanceled: false };
    const either: Action = { actionType: 11, compoundActions: [running, { actionType: 6, externalEventName: 'E' }] };
    const raised: HistoryEvent[] = [{ type: 'EventRaised', at: AT, name: 'E', input: null }];
    expect(verdictOf([either], raised, { isDone: true }).end).toBeUndefined();
  });
});

describe('an event', () => {
  it('goes to the latest who waits for its name, so that an abandoned wait doesn’t take it', () => {
    const either = (seconds: number): Action => ({
      actionType: 11,
      compoundActions: [
        { actionType: 6, externalEventName: 'E' },
        { actionType: 5, fireAt: later(seconds * 1000), isCanceled: false },
      ],
    });
    const events: HistoryEvent[] = [
      { type: 'TimerCreated', at: AT, id: 0, fireAt: AT + 1000 },
      { type: 'TimerFired', at: AT, timerId: 0, fireAt: AT + 1000 },
      { type: 'TimerCreated', at: AT, id: 1, fireAt: AT + 2000 },
      { type: 'EventRaised', at: AT, name: 'e', input: null },
    ];
    const { decisions } = verdictOf([either(1), either(2), { actionType: 0, functionName: 'after' }], events);
    expect(decisions).toEqual([{ kind: 'activity', id: 2, name: 'after', input: null }]);
  });
});

describe('an end', () => {
  it('by termination comes at once and outranks what the function returned', () => {
    const terminated: HistoryEvent[] = [{ type: 'ExecutionTerminated', at: AT, reason: 'enough' }];
    const verdict = verdictOf([{ actionType: 0, functionName: 'a' }], terminated, { isDone: true });
    expect(verdict.end).toEqual({ kind: 'terminated', reason: 'enough' });
    expect(verdict.decisions).toEqual([]);
  });

  it('by continueAsNew takes along only events that came after it was asked for', () => {
    const raised = (name: string): HistoryEvent => ({ type: 'EventRaised', at: AT, name, input: null });
    const actions: Action[] = [
      { actionType: 6, externalEventName: 'E' },
      { actionType: 4, input: 2 },
    ];
    const { end } = verdictOf(actions, [raised('other'), raised('E'), raised('after')], { isDone: true });
    expect(end).toMatchObject({ kind: 'continuedAsNew', input: '2', carried: [{ name: 'after' }] });
  });

  it('by an error waits for what is open', () => {
    const actions: Action[] = [{ actionType: 0, functionName: 'a' }];
    expect(verdictOf(actions, [], { error: 'bad' }).end).toBeUndefined();
    expect(verdictOf([], [], { error: 'bad' }).end).toMatchObject({
      kind: 'failed',
      reason: "Orchestrator function 'o' failed: bad",
    });
  });
});

describe('a contradiction to the history', () => {
  it.each<{ what: string; actions: Action[]; event: HistoryEvent }>([
    {
      what: 'another activity',
      actions: [{ actionType: 0, functionName: 'b' }],
      event: { type: 'TaskScheduled', at: AT, id: 0, name: 'a', input: null },
    },
    { what: 'nothing', actions: [], event: { type: 'TimerCreated', at: AT, id: 0, fireAt: AT } },
    {
      what: 'another kind of work',
      actions: [{ actionType: 0, functionName: 'a' }],
      event: {
        type: 'SubOrchestrationCreated',
        at: AT,
        id: 0,
        name: 'a',
        instanceId: 'x',
        executionId: 'y',
        input: null,
      },
    },
  ])('fails the orchestration: $what where something was scheduled', ({ actions, event }) => {
    const { end } = verdictOf(actions, [event]);
    expect(end).toMatchObject({ kind: 'failed' });
    expect(end && 'reason' in end && end.reason).toMatch(/^Non-Deterministic workflow detected: /);
  });
});

describe('the wait before a retry', () => {
  it('grows by its factor up to its longest', () => {
    const options = {
      firstRetryIntervalInMilliseconds: 200,
      maxNumberOfAttempts: 9,
      backoffCoefficient: 2,
      maxRetryIntervalInMilliseconds: 1000,
    };
    expect([1, 2, 3, 4].map((attempts) => nextDelayMs(options, attempts, 0))).toEqual([200, 400, 800, 1000]);
  });

  it('is none once the time for retries is over', () => {
    const options = { firstRetryIntervalInMilliseconds: 200, maxNumberOfAttempts: 9, retryTimeoutInMilliseconds: 500 };
    expect(nextDelayMs(options, 1, 499)).toBe(200);
    expect(nextDelayMs(options, 1, 500)).toBe(0);
  });
});
