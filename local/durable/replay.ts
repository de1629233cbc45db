/**
 * What a turn of an orchestration decides. A pure function of the history (with the turn's new events at its end) and of
 * what the orchestrator function handed back for it.
 *
 * Invariants
 * 1. The actions are carried out against the history one after the other, so that everything scheduled gets the number
 *    the Durable Task Framework would give it; what the history confirms isn't decided again.
 * 2. An orchestration that has returned, thrown or asked for a new execution ends only when nothing it scheduled is open.
 * 3. Termination ends it at once and outranks everything else; a contradiction to the history fails it at once.
 */

import type { FunctionOutcome } from './actions.ts';
import type { EventRaised, HistoryEvent } from './history.ts';
import { type Decision, NonDeterminism, ReplayContext } from './replay-context.ts';
import { runActions, toJson, UnsupportedAction } from './run-actions.ts';

/** How an execution ends. Texts as in ExecutionCompleted. */
export type End =
  | { readonly kind: 'completed'; readonly output: string | null }
  | { readonly kind: 'failed'; readonly reason: string; readonly details: string }
  | { readonly kind: 'terminated'; readonly reason: string | null }
  | { readonly kind: 'continuedAsNew'; readonly input: string | null; readonly carried: readonly EventRaised[] };

export interface Verdict {
  /** New work, numbered. */
  readonly decisions: readonly Decision[];
  /** Undefined: the execution goes on. */
  readonly end: End | undefined;
  /** The number that the end gets. */
  readonly endId: number;
}

/** The orchestrator function's own end, before it is known whether anything is open. */
type Returned = { readonly kind: 'output'; readonly output: string | null } | Extract<End, { kind: 'failed' }>;

/** Decides a turn. `name` and `executionId` are the orchestration's own. */
export function replay(
  orchestration: { readonly name: string; readonly executionId: string },
  history: Iterable<HistoryEvent>,
  outcome: FunctionOutcome,
): Verdict {
  const context = new ReplayContext(orchestration.executionId);
  let returned: Returned | undefined;
  try {
    for (const event of history) {
      if (event.type !== 'ExecutionStarted') context.process(event);
      else {
        execute(context, orchestration.name, outcome, (value) => {
          returned = value;
        });
      }
    }
  } catch (error) {
    if (!(error instanceof NonDeterminism) && !(error instanceof UnsupportedAction)) throw error;
    const prefix = error instanceof UnsupportedAction ? `Orchestrator function '${orchestration.name}' failed: ` : '';
    const end: End = { kind: 'failed', reason: prefix + error.message, details: error.message };
    return { decisions: [], end, endId: context.takeId() };
  }
  if (context.terminated) {
    const end: End = { kind: 'terminated', reason: context.terminated.reason };
    return { decisions: [], end, endId: context.takeId() };
  }
  const end = returned && !context.hasOpenTasks ? endOf(context, returned) : undefined;
  return { decisions: context.decisions, end, endId: end ? context.takeId() : -1 };
}

function execute(
  context: ReplayContext,
  name: string,
  outcome: FunctionOutcome,
  onReturned: (value: Returned) => void,
): void {
  const failed = (message: string, details: string): void =>
    onReturned({ kind: 'failed', reason: `Orchestrator function '${name}' failed: ${message}`, details });
  if (outcome.kind === 'broken') {
    failed(outcome.message, outcome.details);
    return;
  }
  const { state } = outcome;
  runActions(context, state.actions[0] ?? [], () => {
    if (state.error) failed(state.error, `Message: ${state.error}, StackTrace: ${outcome.stack}`);
    else if (state.isDone) onReturned({ kind: 'output', output: toJson(state.output) });
  });
}

function endOf(context: ReplayContext, returned: Returned): End {
  if (returned.kind === 'failed') return returned;
  if (context.continueAsNew) {
    return { kind: 'continuedAsNew', input: context.continueAsNew.input, carried: context.carriedEvents };
  }
  return { kind: 'completed', output: returned.output };
}
