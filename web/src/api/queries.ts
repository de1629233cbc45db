import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './call.ts';

const MAX_RETRIES = 3;

/** Whether the same request may come to something when it is sent again: the host is down, or says so. */
function isPassing(error: unknown): boolean {
  return !(error instanceof ApiProblem) || error.status === 503 || error.status === 429;
}

/** How often a screen asks for what it shows live. A hidden page doesn't ask (React Query's own rule). */
export const LIVE_MS = 2_000;
/** The same for what changes seldom. */
export const CALM_MS = 15_000;

/** The cache of answers. What fails for a passing reason is tried again; the key of a change stays the same. */
export function createQueries(): QueryClient {
  const retry = (count: number, error: unknown) => count < MAX_RETRIES && isPassing(error);
  return new QueryClient({
    defaultOptions: {
      queries: { retry, staleTime: 1_000, networkMode: 'always' },
      mutations: { retry, networkMode: 'always' },
    },
  });
}
