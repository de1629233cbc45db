import { useEffect, useRef } from 'react';
import { Poller } from './poller.ts';

/** How often a screen asks for what moves while one looks. */
export const LIVE_MS = 2_000;
/** The same for what changes seldom. */
export const CALM_MS = 15_000;

const poller = new Poller({ isVisible: () => document.visibilityState === 'visible', now: () => performance.now() });

/** As React Query has it; a request that is under way is not begun anew. */
type Refetch = (options: { readonly cancelRefetch: boolean }) => Promise<unknown>;

/** Keeps something up to date while the component is shown; undefined: it doesn't move just now. */
export function useLive(everyMs: number | undefined, refetch: Refetch): void {
  const latest = useRef(refetch);
  latest.current = refetch;
  useEffect(
    () =>
      everyMs === undefined ? undefined : poller.add({ everyMs, ask: () => latest.current({ cancelRefetch: false }) }),
    [everyMs],
  );
}
