import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { runBodySchema } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';
import { answerRun } from './answer-run.ts';

/** GET /customer-sync/runs/{runId}: one run of the sync job. */
export function getSyncRun({ runs }: { readonly runs: RunRegistry }): Endpoint {
  return durableEndpoint({
    name: 'getSyncRun',
    summary: 'Read a run of the sync job.',
    method: 'GET',
    route: 'customer-sync/runs/{runId}',
    roles: ['Administrator'],
    answers: { 200: runBodySchema },
    problems: [],
    handle: ({ params, durable }) => answerRun(runs, 'customer-sync', params.runId ?? '', durable),
  });
}
