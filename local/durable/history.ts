/**
 * History events: what has happened to an orchestration instance, in order. The engine keeps them in this short form
 * (times are milliseconds since 1970, payloads are JSON text or null); `history-wire.ts` gives them the form that
 * orchestrator functions are given.
 *
 * Things that an orchestration schedules (activities, timers, children) are numbered from 0 within one execution, and
 * their outcomes refer to that number (`taskId`, `timerId`).
 */

/** Who waits for a sub-orchestration's end. */
export interface ParentLink {
  readonly name: string;
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
}

export interface ExecutionStarted {
  readonly type: 'ExecutionStarted';
  readonly at: number;
  readonly name: string;
  readonly instanceId: string;
  readonly executionId: string;
  readonly input: string | null;
  readonly parent: ParentLink | null;
  /** 0 when a client started it, null for children and after continueAsNew (as the Durable extension writes it). */
  readonly generation: 0 | null;
}

export interface TaskScheduled {
  readonly type: 'TaskScheduled';
  readonly at: number;
  readonly id: number;
  readonly name: string;
  readonly input: string | null;
}

export interface TaskCompleted {
  readonly type: 'TaskCompleted';
  readonly at: number;
  readonly taskId: number;
  readonly result: string | null;
}

export interface TaskFailed {
  readonly type: 'TaskFailed';
  readonly at: number;
  readonly taskId: number;
  readonly reason: string;
  readonly details: string;
}

export interface SubOrchestrationCreated {
  readonly type: 'SubOrchestrationCreated';
  readonly at: number;
  readonly id: number;
  readonly name: string;
  readonly instanceId: string;
  /** The child's first execution. */
  readonly executionId: string;
  readonly input: string | null;
}

export interface SubOrchestrationCompleted {
  readonly type: 'SubOrchestrationCompleted';
  readonly at: number;
  readonly taskId: number;
  readonly result: string | null;
}

export interface SubOrchestrationFailed {
  readonly type: 'SubOrchestrationFailed';
  readonly at: number;
  readonly taskId: number;
  readonly reason: string | null;
  /** Null when the child was terminated. */
  readonly details: string | null;
}

export interface TimerCreated {
  readonly type: 'TimerCreated';
  readonly at: number;
  readonly id: number;
  readonly fireAt: number;
}

export interface TimerFired {
  readonly type: 'TimerFired';
  readonly at: number;
  readonly timerId: number;
  readonly fireAt: number;
}

export interface EventRaised {
  readonly type: 'EventRaised';
  readonly at: number;
  readonly name: string;
  readonly input: string | null;
}

export interface ExecutionSuspended {
  readonly type: 'ExecutionSuspended';
  readonly at: number;
  readonly reason: string | null;
}

export interface ExecutionResumed {
  readonly type: 'ExecutionResumed';
  readonly at: number;
  readonly reason: string | null;
}

export interface ExecutionTerminated {
  readonly type: 'ExecutionTerminated';
  readonly at: number;
  readonly reason: string | null;
}

export interface ExecutionCompleted {
  readonly type: 'ExecutionCompleted';
  readonly at: number;
  readonly id: number;
  readonly status: EndStatus;
  /** Completed: the output as JSON text. Failed and Terminated: the reason as plain text. */
  readonly result: string | null;
  /** Failed only: what a parent is told beside the reason. */
  readonly details: string | null;
}

export interface OrchestratorStarted {
  readonly type: 'OrchestratorStarted';
  readonly at: number;
}

export interface OrchestratorCompleted {
  readonly type: 'OrchestratorCompleted';
  readonly at: number;
  /** Part of the events that continueAsNew begins a new execution with. */
  readonly seed?: true;
}

export type EndStatus = 'Completed' | 'Failed' | 'Terminated';

/** What reaches an instance from outside its own turns. */
export type Message =
  | TaskCompleted
  | TaskFailed
  | SubOrchestrationCompleted
  | SubOrchestrationFailed
  | TimerFired
  | EventRaised
  | ExecutionSuspended
  | ExecutionResumed
  | ExecutionTerminated;

/** What a turn adds by its decisions. */
export type Decided = TaskScheduled | TimerCreated | SubOrchestrationCreated | ExecutionCompleted;

export type HistoryEvent = ExecutionStarted | OrchestratorStarted | OrchestratorCompleted | Message | Decided;
