import type { EndStatus, EventRaised, ExecutionStarted, HistoryEvent, Message } from './history.ts';
import type { TurnRecord } from './records.ts';

export type RuntimeStatus = 'Pending' | 'Running' | 'Suspended' | EndStatus;

/** All that is kept of an orchestration instance: its present execution, and what came of it. JSON-serializable. */
export interface Instance {
  readonly started: ExecutionStarted;
  readonly status: RuntimeStatus;
  /** Completed: JSON text. Failed, Terminated, Suspended and resumed: the reason. */
  readonly output: string | null;
  /** JSON text. */
  readonly customStatus: string | null;
  readonly updatedAt: number;
  /** What turns of this execution have seen and decided. */
  readonly history: readonly HistoryEvent[];
  /** Stored messages that no turn has seen. */
  readonly inbox: readonly Message[];
  /** The history is what continueAsNew begins with; no turn of this execution has run. */
  readonly seeded: boolean;
}

/** A new instance, before its first turn. */
export function newInstance(started: ExecutionStarted): Instance {
  return {
    started,
    status: 'Pending',
    output: null,
    customStatus: null,
    updatedAt: started.at,
    history: [],
    inbox: [],
    seeded: false,
  };
}

export function isEnded(instance: Instance): boolean {
  return instance.status === 'Completed' || instance.status === 'Failed' || instance.status === 'Terminated';
}

/** The instance with a message more. */
export function withMessage(instance: Instance, message: Message): Instance {
  return { ...instance, inbox: [...instance.inbox, message] };
}

/** The events that a turn puts before its decisions. */
export function eventsBeforeDecisions(
  instance: Instance,
  turn: { readonly startedAt: number; readonly taken: number; readonly arrived: readonly Message[] },
): HistoryEvent[] {
  const isFirst = instance.history.length === 0;
  return [
    ...(instance.seeded ? [] : [{ type: 'OrchestratorStarted', at: turn.startedAt } as const]),
    ...(isFirst ? [instance.started] : []),
    ...instance.inbox.slice(0, turn.taken),
    ...turn.arrived,
  ];
}

/** The instance after a turn. */
export function withTurn(instance: Instance, turn: TurnRecord): Instance {
  const before = eventsBeforeDecisions(instance, turn);
  const inbox = instance.inbox.slice(turn.taken);
  const { customStatus } = turn;
  if (turn.next) {
    const history = seedHistory(turn.next.started, turn.next.carried, turn.endedAt);
    return {
      ...newInstance(turn.next.started),
      status: 'Running',
      customStatus,
      updatedAt: turn.endedAt,
      history,
      inbox,
      seeded: true,
    };
  }
  const added: HistoryEvent[] = [...before, ...turn.decided, { type: 'OrchestratorCompleted', at: turn.endedAt }];
  const history = instance.history.concat(added);
  const status = instance.status === 'Pending' ? 'Running' : instance.status;
  const changed = { ...instance, status, customStatus, updatedAt: turn.endedAt, history, inbox, seeded: false };
  return added.reduce<Instance>(withStatusOf, changed);
}

function seedHistory(started: ExecutionStarted, carried: readonly EventRaised[], at: number): HistoryEvent[] {
  return [{ type: 'OrchestratorStarted', at }, started, ...carried, { type: 'OrchestratorCompleted', at, seed: true }];
}

function withStatusOf(instance: Instance, event: HistoryEvent): Instance {
  switch (event.type) {
    case 'ExecutionSuspended':
      return { ...instance, status: 'Suspended', output: event.reason };
    case 'ExecutionResumed':
      return { ...instance, status: 'Running', output: event.reason };
    case 'ExecutionCompleted':
      return { ...instance, status: event.status, output: event.result };
    default:
      return instance;
  }
}
