import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './call.ts';

const MAX_RETRIES = 3;

/** Whether the same request may come to something when it is sent again: the host is down, or says so. */
function isPassing(error: unknown): boolean {
  return !(error instanceof ApiProblem) || error.status === 503 || error.status === 429;
}

/**
 * The cache of answers. What fails for a passing reason is tried again; the key of a change stays the same. What is shown live
 * is asked for by the page's one clock (use-live.ts), and not all at once when somebody comes back to the tab.
 */
export function createQueries(): QueryClient {
  const retry = (count: number, error: unknown) => count < MAX_RETRIES && isPassing(error);
  return new QueryClient({
    defaultOptions: {
      queries: { retry, staleTime: 1_000, networkMode: 'always', refetchOnWindowFocus: false },
      mutations: { retry, networkMode: 'always' },
    },
  });
}
