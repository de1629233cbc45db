import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';
import { answerRun } from './answer-run.ts';

/** GET /customer-sync/runs/{runId}: one run of the sync job. */
export function getSyncRun({ runs }: { readonly runs: RunRegistry }): Endpoint {
  return endpoint({
    name: 'getSyncRun',
    method: 'GET',
    path: '/customer-sync/runs/:runId',
    roles: ['Administrator'],
    handle: ({ params, durable }) => answerRun(runs, 'customer-sync', params.runId ?? '', durable),
  });
}
