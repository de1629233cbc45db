import type { HistoryEvent } from './history.ts';
import { isoTime } from './history-wire.ts';
import type { Instance } from './instance.ts';

/** What of a status is asked for. */
export interface StatusOptions {
  readonly showInput: boolean;
  readonly showHistory: boolean;
  readonly showHistoryOutput: boolean;
}

/** An instance's status as the management API answers with; to be sent as JSON. */
export function statusPayload(instance: Instance, options: StatusOptions): object {
  const { started, status } = instance;
  return {
    name: started.name,
    instanceId: started.instanceId,
    runtimeStatus: status,
    input: options.showInput ? lenientJson(started.input) : null,
    customStatus: lenientJson(instance.customStatus),
    output: lenientJson(instance.output),
    createdTime: secondsTime(started.at),
    lastUpdatedTime: secondsTime(instance.updatedAt),
    ...(options.showHistory ? { historyEvents: historyPayload(instance.history, options) } : {}),
  };
}

/** JSON text as its value; other text as it is. */
function lenientJson(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function secondsTime(timeMs: number): string {
  return `${isoTime(timeMs).slice(0, 19)}Z`;
}

type Scheduled = Extract<HistoryEvent, { type: 'TaskScheduled' | 'SubOrchestrationCreated' }>;

/** Events for people: what was scheduled is told with its outcome, turns are left out. */
function historyPayload(history: readonly HistoryEvent[], options: StatusOptions): object[] {
  const scheduled = new Map<number, Scheduled>();
  const payload: object[] = [];
  for (const event of history) {
    if (event.type === 'TaskScheduled' || event.type === 'SubOrchestrationCreated') scheduled.set(event.id, event);
    else payload.push(...eventPayload(event, scheduled, options));
  }
  return payload;
}

function eventPayload(
  event: Exclude<HistoryEvent, Scheduled>,
  scheduled: ReadonlyMap<number, Scheduled>,
  { showInput, showHistoryOutput }: StatusOptions,
): object[] {
  const Timestamp = isoTime(event.at);
  const result = (json: string | null): object => (showHistoryOutput ? { Result: lenientJson(json) } : {});
  const origin = (taskId: number): object => {
    const from = scheduled.get(taskId);
    if (!from) return {};
    const input = showInput && showHistoryOutput ? lenientJson(from.input) : null;
    return { ScheduledTime: isoTime(from.at).replace('Z', '+00:00'), FunctionName: from.name, Input: input };
  };
  switch (event.type) {
    case 'ExecutionStarted':
      return [
        {
          EventType: 'ExecutionStarted',
          ...(showInput ? { Input: event.input } : {}),
          Correlation: null,
          ParentTraceContext: null,
          ScheduledStartTime: null,
          Generation: event.generation,
          GenerateNewTrace: false,
          Timestamp,
          FunctionName: event.name,
        },
      ];
    case 'TaskCompleted':
      return [{ EventType: 'TaskCompleted', ...result(event.result), Timestamp, ...origin(event.taskId) }];
    case 'SubOrchestrationCompleted':
      return [
        { EventType: 'SubOrchestrationInstanceCompleted', ...result(event.result), Timestamp, ...origin(event.taskId) },
      ];
    case 'TaskFailed':
    case 'SubOrchestrationFailed': {
      const EventType = event.type === 'TaskFailed' ? 'TaskFailed' : 'SubOrchestrationInstanceFailed';
      const { reason: Reason, details: Details } = event;
      return [{ EventType, Reason, Details, FailureDetails: null, Timestamp, ...origin(event.taskId) }];
    }
    case 'TimerCreated':
    case 'TimerFired':
      return [{ EventType: event.type, Timestamp, FireAt: isoTime(event.fireAt) }];
    case 'EventRaised':
      return [{ EventType: 'EventRaised', Name: event.name, ...(showInput ? { Input: event.input } : {}), Timestamp }];
    case 'ExecutionSuspended':
    case 'ExecutionResumed':
      return [{ EventType: event.type, Reason: event.reason, Timestamp }];
    case 'ExecutionTerminated':
      return [{ EventType: 'ExecutionTerminated', Input: event.reason, Timestamp }];
    case 'ExecutionCompleted':
      return [
        { EventType: 'ExecutionCompleted', OrchestrationStatus: event.status, ...result(event.result), Timestamp },
      ];
    default:
      return [];
  }
}
