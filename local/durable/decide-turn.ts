import type { FunctionOutcome } from './actions.ts';
import type { Decided, EndStatus, ExecutionCompleted, Message, ParentLink } from './history.ts';
import { eventsBeforeDecisions, type Instance } from './instance.ts';
import type { TurnRecord } from './records.ts';
import { type End, replay } from './replay.ts';
import type { Decision } from './replay-context.ts';
import { toJson } from './run-actions.ts';

/** The messages that a turn takes in: all that are stored, then what has arrived without being stored. */
export interface TurnIntake {
  readonly startedAt: number;
  readonly taken: number;
  readonly arrived: readonly Message[];
}

/**
 * Makes the record of a turn out of what the orchestrator function handed back. Pure but for `newExecutionId`.
 *
 * @param endedAt time of the decisions, in ms since 1970.
 */
export function decideTurn(
  instance: Instance,
  intake: TurnIntake,
  outcome: FunctionOutcome,
  endedAt: number,
  newExecutionId: () => string,
): TurnRecord {
  const { started } = instance;
  const history = instance.history.concat(eventsBeforeDecisions(instance, intake));
  const { decisions, end, endId } = replay(started, history, outcome);
  const decided: Decided[] = decisions.map((decision) => toEvent(decision, endedAt, newExecutionId));
  const record: TurnRecord = {
    type: 'turn',
    instanceId: started.instanceId,
    executionId: started.executionId,
    name: started.name,
    ...intake,
    endedAt,
    decided,
    customStatus: customStatusAfter(instance, outcome),
  };
  if (!end) return record;
  if (end.kind === 'continuedAsNew') {
    const { instanceId, name, parent } = started;
    const execution = {
      at: endedAt,
      instanceId,
      name,
      parent,
      executionId: newExecutionId(),
      generation: null,
    } as const;
    return {
      ...record,
      next: { started: { type: 'ExecutionStarted', ...execution, input: end.input }, carried: end.carried },
    };
  }
  const completed = toCompleted(end, endId, endedAt);
  const ended = { ...record, decided: [...decided, completed] };
  return started.parent ? { ...ended, tellParent: toParent(started.parent, completed) } : ended;
}

function toEvent(decision: Decision, at: number, newExecutionId: () => string): Decided {
  switch (decision.kind) {
    case 'activity':
      return { type: 'TaskScheduled', at, id: decision.id, name: decision.name, input: decision.input };
    case 'timer':
      return { type: 'TimerCreated', at, id: decision.id, fireAt: decision.fireAt };
    case 'child': {
      const { id, name, instanceId, input } = decision;
      return { type: 'SubOrchestrationCreated', at, id, name, instanceId, executionId: newExecutionId(), input };
    }
  }
}

const END_STATUS = { completed: 'Completed', failed: 'Failed', terminated: 'Terminated' } as const satisfies Record<
  Exclude<End['kind'], 'continuedAsNew'>,
  EndStatus
>;

function toCompleted(end: Exclude<End, { kind: 'continuedAsNew' }>, id: number, at: number): ExecutionCompleted {
  const result = end.kind === 'completed' ? end.output : end.reason;
  const details = end.kind === 'failed' ? end.details : null;
  return { type: 'ExecutionCompleted', at, id, status: END_STATUS[end.kind], result, details };
}

function toParent(
  parent: ParentLink,
  { at, status, result, details }: ExecutionCompleted,
): NonNullable<TurnRecord['tellParent']> {
  const { instanceId, executionId, taskId } = parent;
  return {
    instanceId,
    executionId,
    message:
      status === 'Completed'
        ? { type: 'SubOrchestrationCompleted', at, taskId, result }
        : { type: 'SubOrchestrationFailed', at, taskId, reason: result, details },
  };
}

/** What the function set; the first turn after continueAsNew keeps what was there when it sets nothing. */
function customStatusAfter(instance: Instance, outcome: FunctionOutcome): string | null {
  if (outcome.kind === 'broken') return instance.customStatus;
  return toJson(outcome.state.customStatus) ?? (instance.seeded ? instance.customStatus : null);
}
