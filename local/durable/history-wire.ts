import type { HistoryEvent } from './history.ts';

/** Event numbers of the Durable Task protocol. */
const EVENT_TYPE = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationCreated: 7,
  SubOrchestrationCompleted: 8,
  SubOrchestrationFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventRaised: 15,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const satisfies Record<HistoryEvent['type'], number>;

/** Messages and the start are marked as played once a turn has seen them; what turns add themselves never is. */
function isPlayedAfterItsTurn(event: HistoryEvent): boolean {
  switch (event.type) {
    case 'OrchestratorStarted':
    case 'TaskScheduled':
    case 'TimerCreated':
    case 'SubOrchestrationCreated':
    case 'ExecutionCompleted':
      return false;
    case 'OrchestratorCompleted':
      return event.seed === true;
    default:
      return true;
  }
}

/**
 * An event as orchestrator functions get it. Inputs of activities and children are left out, as the extension does.
 *
 * @param settled whether a turn has seen the event before.
 */
export function toWireEvent(event: HistoryEvent, settled: boolean): object {
  const common = {
    EventId: 'id' in event ? event.id : -1,
    IsPlayed: settled && isPlayedAfterItsTurn(event),
    Timestamp: isoTime(event.at),
  };
  const EventType = EVENT_TYPE[event.type];
  switch (event.type) {
    case 'ExecutionStarted':
      return {
        OrchestrationInstance: { InstanceId: event.instanceId, ExecutionId: event.executionId },
        EventType,
        ParentInstance: event.parent && {
          Name: event.parent.name,
          OrchestrationInstance: { InstanceId: event.parent.instanceId, ExecutionId: event.parent.executionId },
          TaskScheduleId: event.parent.taskId,
          Version: null,
        },
        Name: event.name,
        Version: null,
        Input: event.input,
        Tags: null,
        Correlation: null,
        ParentTraceContext: null,
        ScheduledStartTime: null,
        Generation: event.generation,
        GenerateNewTrace: false,
        ...common,
      };
    case 'TaskScheduled':
      return { EventType, Name: event.name, Version: '', Input: null, ParentTraceContext: null, Tags: null, ...common };
    case 'TaskCompleted':
    case 'SubOrchestrationCompleted':
      return { EventType, TaskScheduledId: event.taskId, Result: event.result, ...common };
    case 'TaskFailed':
    case 'SubOrchestrationFailed':
      return {
        EventType,
        TaskScheduledId: event.taskId,
        Reason: event.reason,
        Details: event.details,
        FailureDetails: null,
        ...common,
      };
    case 'SubOrchestrationCreated':
      return {
        EventType,
        Name: event.name,
        Version: null,
        InstanceId: event.instanceId,
        Input: null,
        ClientSpanId: null,
        Tags: null,
        ...common,
      };
    case 'TimerCreated':
      return { EventType, FireAt: isoTime(event.fireAt), ...common };
    case 'TimerFired':
      return { EventType, TimerId: event.timerId, FireAt: isoTime(event.fireAt), ...common };
    case 'EventRaised':
      return { EventType, Name: event.name, Input: event.input, ParentTraceContext: null, ...common };
    case 'ExecutionSuspended':
    case 'ExecutionResumed':
      return { EventType, Reason: event.reason, ...common };
    case 'ExecutionTerminated':
      return { EventType, Input: event.reason, ...common };
    case 'ExecutionCompleted':
      return { EventType, OrchestrationStatus: event.status, Result: event.result, ...common };
    case 'OrchestratorStarted':
    case 'OrchestratorCompleted':
      return { EventType, ...common };
  }
}

/** ISO 8601 in UTC with milliseconds. */
export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
