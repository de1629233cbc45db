import type {
  Decided,
  EventRaised,
  ExecutionStarted,
  Message,
  SubOrchestrationCompleted,
  SubOrchestrationFailed,
} from './history.ts';

/** A client starts an instance. One that has ended is replaced, a living one stays as it is. */
export interface StartRecord {
  readonly type: 'start';
  readonly started: ExecutionStarted;
}

/** Something reaches an instance from outside. */
export interface MessageRecord {
  readonly type: 'message';
  readonly instanceId: string;
  /** Only this execution is meant; null: whichever runs. */
  readonly executionId: string | null;
  readonly message: Message;
}

/** A turn: what it took in and what it decided. All its consequences (children, a parent told) follow from the record. */
export interface TurnRecord {
  readonly type: 'turn';
  readonly instanceId: string;
  readonly executionId: string;
  readonly name: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** How many stored messages it took from the front of the inbox. */
  readonly taken: number;
  /** Messages that it took in without their being stored before. */
  readonly arrived: readonly Message[];
  readonly decided: readonly Decided[];
  readonly customStatus: string | null;
  /** continueAsNew: how the next execution begins. */
  readonly next?: { readonly started: ExecutionStarted; readonly carried: readonly EventRaised[] };
  /** It ended, and this is who waits for it. */
  readonly tellParent?: {
    readonly instanceId: string;
    readonly executionId: string;
    readonly message: SubOrchestrationCompleted | SubOrchestrationFailed;
  };
}

/** An instance is forgotten. */
export interface PurgeRecord {
  readonly type: 'purge';
  readonly instanceId: string;
}

/** An entry of the engine's log. */
export type LogRecord = StartRecord | MessageRecord | TurnRecord | PurgeRecord;
