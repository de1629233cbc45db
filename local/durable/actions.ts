/**
 * What an orchestrator function hands back: all actions since the start of its execution, in the order they were
 * yielded, and whether it has ended. Written by the durable-functions package; `actionType` numbers are its own.
 */

export const ACTION = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  whenAny: 11,
  whenAll: 12,
} as const;

export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  /** Default 1. */
  readonly backoffCoefficient?: number;
  /** Default six days. */
  readonly maxRetryIntervalInMilliseconds?: number;
  /** No retry starts later than this after the first attempt. Default: no limit. */
  readonly retryTimeoutInMilliseconds?: number;
}

export type Action =
  | { readonly actionType: 0; readonly functionName: string; readonly input?: unknown }
  | {
      readonly actionType: 1;
      readonly functionName: string;
      readonly input?: unknown;
      readonly retryOptions: RetryOptions;
    }
  | { readonly actionType: 2; readonly functionName: string; readonly instanceId?: string; readonly input?: unknown }
  | {
      readonly actionType: 3;
      readonly functionName: string;
      readonly instanceId?: string;
      readonly input?: unknown;
      readonly retryOptions: RetryOptions;
    }
  | { readonly actionType: 4; readonly input?: unknown }
  | { readonly actionType: 5; readonly fireAt: string; readonly isCanceled: boolean }
  | { readonly actionType: 6; readonly externalEventName: string }
  | { readonly actionType: 11 | 12; readonly compoundActions: readonly Action[] };

export interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly (readonly Action[])[];
  readonly output?: unknown;
  readonly error?: string;
  readonly customStatus?: unknown;
}

/** How one run of an orchestrator function went. */
export type FunctionOutcome =
  | { readonly kind: 'state'; readonly state: OrchestratorState; readonly stack: string }
  /** It could not be run, or threw something that carries no state; `message` tells what, `details` more of it. */
  | { readonly kind: 'broken'; readonly message: string; readonly details: string };

/** Reads the state that an orchestrator function returned. Throws when it isn't one. */
export function parseOrchestratorState(json: string): OrchestratorState {
  const state: unknown = JSON.parse(json);
  if (typeof state !== 'object' || state === null || !('actions' in state) || !Array.isArray(state.actions)) {
    throw new Error(
      'An orchestrator function must return a list of actions; is it registered with df.app.orchestration?',
    );
  }
  return state as OrchestratorState;
}
