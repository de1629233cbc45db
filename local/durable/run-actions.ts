import { ACTION, type Action, type RetryOptions } from './actions.ts';
import type { Done, ReplayContext } from './replay-context.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Timers further away than this are made of pieces; both figures are told to the orchestrator function, too. */
const LONGEST_TIMER_MS = 6 * DAY_MS;
const TIMER_PIECE_MS = 3 * DAY_MS;

/** An action that this engine doesn't carry out. */
export class UnsupportedAction extends Error {
  override readonly name = 'UnsupportedAction';
}

/**
 * Carries out the actions one after the other: the next begins when the one before has ended, well or badly (the
 * orchestrator's own code deals with failures). `finished` is called after the last. Throws UnsupportedAction.
 */
export function runActions(context: ReplayContext, actions: readonly Action[], finished: () => void): void {
  let at = 0;
  const next = (): void => {
    for (;;) {
      const action = actions[at++];
      if (!action) {
        finished();
        return;
      }
      let starting = true;
      let endedAtOnce = false;
      runAction(context, action, () => {
        if (starting) endedAtOnce = true;
        else next();
      });
      starting = false;
      if (!endedAtOnce) return;
    }
  };
  next();
}

function runAction(context: ReplayContext, action: Action, done: Done): void {
  switch (action.actionType) {
    case ACTION.callActivity:
      context.callActivity(action.functionName, toJson(action.input), done);
      break;
    case ACTION.callActivityWithRetry:
      retry(context, action.retryOptions, done, (ended) =>
        context.callActivity(action.functionName, toJson(action.input), ended),
      );
      break;
    case ACTION.callSubOrchestrator:
      context.startChild(action.functionName, action.instanceId, toJson(action.input), done);
      break;
    case ACTION.callSubOrchestratorWithRetry:
      retry(context, action.retryOptions, done, (ended) =>
        context.startChild(action.functionName, action.instanceId, toJson(action.input), ended),
      );
      break;
    case ACTION.continueAsNew:
      context.continueAsNew = { input: toJson(action.input) };
      done(false);
      break;
    case ACTION.createTimer:
      runTimer(context, Date.parse(action.fireAt), action.isCanceled, done);
      break;
    case ACTION.waitForExternalEvent:
      context.waitForEvent(action.externalEventName, done);
      break;
    case ACTION.whenAll:
      runAll(context, action.compoundActions, done);
      break;
    case ACTION.whenAny:
      runAny(context, action.compoundActions, done);
      break;
    default:
      throw new UnsupportedAction(
        `The local host can't carry out action type ${(action as { actionType: number }).actionType} ` +
          '(entities and durable HTTP calls need the Azure Functions host)',
      );
  }
}

/** Ends when all have ended, also when one has failed before. */
function runAll(context: ReplayContext, actions: readonly Action[], done: Done): void {
  let left = actions.length;
  let anyFailed = false;
  for (const action of actions) {
    runAction(context, action, (failed) => {
      anyFailed ||= failed;
      if (--left === 0) done(anyFailed);
    });
  }
}

function runAny(context: ReplayContext, actions: readonly Action[], done: Done): void {
  let ended = false;
  for (const action of actions) {
    runAction(context, action, () => {
      if (ended) return;
      ended = true;
      done(false);
    });
  }
}

function runTimer(context: ReplayContext, fireAt: number, canceled: boolean, done: Done): void {
  const isLong = fireAt - context.nowMs > LONGEST_TIMER_MS;
  const piece = (): void => {
    const until = isLong ? Math.min(fireAt, context.nowMs + TIMER_PIECE_MS) : fireAt;
    context.createTimer(until, canceled, (failed) => {
      if (isLong && !failed && context.nowMs < fireAt) piece();
      else done(failed);
    });
  };
  piece();
}

/**
 * Attempts with timers in between. After the last failed attempt one more timer, due at once, is waited for before the
 * failure is told: histories of the Durable Task Framework have it.
 */
function retry(context: ReplayContext, options: RetryOptions, done: Done, attempt: (ended: Done) => void): void {
  const firstAttemptAt = context.nowMs;
  let attempts = 0;
  const onAttemptEnded = (failed: boolean): void => {
    const delayMs = nextDelayMs(options, attempts, context.nowMs - firstAttemptAt);
    if (!failed) done(false);
    else if (attempts >= options.maxNumberOfAttempts) context.createTimer(context.nowMs, false, () => done(true));
    else if (delayMs === 0) done(true);
    else context.createTimer(context.nowMs + delayMs, false, run);
  };
  const run = (): void => {
    attempts++;
    attempt(onAttemptEnded);
  };
  run();
}

/** The wait after the given number of attempts, in ms; 0: no further attempt. */
export function nextDelayMs(options: RetryOptions, attempts: number, sinceFirstAttemptMs: number): number {
  if (sinceFirstAttemptMs >= (options.retryTimeoutInMilliseconds ?? Number.POSITIVE_INFINITY)) return 0;
  const delayMs = options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (attempts - 1);
  return Math.min(delayMs, options.maxRetryIntervalInMilliseconds ?? LONGEST_TIMER_MS);
}

/** JSON text of a payload; null for none. */
export function toJson(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
