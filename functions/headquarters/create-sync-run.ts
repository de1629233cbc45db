import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { durableInstances } from '../../shared/runs/instances.ts';
import { requestedRunSchema } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';

/**
 * POST /customer-sync/runs: starts a run of the sync job (202), or joins the running one, which looks again before it
 * ends (200). Either way what was uploaded before is in that run.
 */
export function createSyncRun({ runs }: { readonly runs: RunRegistry }): Endpoint {
  return durableEndpoint({
    name: 'createSyncRun',
    summary: 'Run the sync job.',
    method: 'POST',
    route: 'customer-sync/runs',
    roles: ['Administrator'],
    answers: { 200: requestedRunSchema, 202: requestedRunSchema },
    problems: [],
    idempotent: true,
    async handle({ durable }) {
      const { runId, outcome } = await runs.request('customer-sync', durableInstances(durable), {
        whenRunning: 'join',
      });
      const headers = { Location: `/api/customer-sync/runs/${runId}` };
      return { status: outcome === 'joined' ? 200 : 202, body: { runId }, headers };
    },
  });
}
