/** npm passes a signal on to a process that got it already: within this time two are one. */
const SAME_SIGNAL_MS = 1000;

/** What to do about a signal. */
export type SignalDecision = 'stop' | 'ignore' | 'quit';

/**
 * Decides what the next SIGINT, SIGTERM or SIGHUP means: the first stops the host, an echo of it says nothing, a later
 * one quits at once.
 *
 * @param firstMs when the first came; undefined: this is it.
 */
export function decideSignal(firstMs: number | undefined, nowMs: number): SignalDecision {
  if (firstMs === undefined) return 'stop';
  return nowMs - firstMs < SAME_SIGNAL_MS ? 'ignore' : 'quit';
}

/** How often the parent is looked at. */
const PARENT_POLL_MS = 250;

/**
 * Calls `onEnd` once the process that started this one has ended. npm runs a script in a shell, and passes SIGTERM to the
 * shell only, which dies of it without a word to its child.
 */
export function onParentEnd(onEnd: () => void): void {
  const parentPid = process.ppid;
  const poll = setInterval(() => {
    if (process.ppid === parentPid) return;
    clearInterval(poll);
    onEnd();
  }, PARENT_POLL_MS);
  poll.unref();
}

/** Calls `stop` at the first signal and `quit` at a later one. */
export function onStopSignals(stop: () => void, quit: () => void): void {
  let firstMs: number | undefined;
  const onSignal = () => {
    const nowMs = performance.now();
    const decision = decideSignal(firstMs, nowMs);
    firstMs ??= nowMs;
    if (decision === 'stop') stop();
    if (decision === 'quit') quit();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
}
