import type { OperationChanges } from '../../shared/customers/headquarters/operation-changes.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { durableInstances } from '../../shared/runs/instances.ts';
import { requestedRunSchema } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';

/**
 * POST /customer-sync/operations/{id}/synchronize: tries an operation again, and with it those that it holds back, in a
 * run of the sync job. 409 for one that was applied, and for one that is held back, which names the one that holds it.
 */
export function synchronizeOperation({
  changes,
  runs,
}: {
  readonly changes: OperationChanges;
  readonly runs: RunRegistry;
}): Endpoint {
  return durableEndpoint({
    name: 'synchronizeOperation',
    summary: 'Try an operation again, and what it held back.',
    method: 'POST',
    route: 'customer-sync/operations/{id}/synchronize',
    roles: ['Administrator'],
    answers: { 202: requestedRunSchema },
    problems: ['already-applied', 'conflict'],
    idempotent: true,
    async handle({ params: { id = '' }, durable }) {
      await changes.release(id);
      const { runId } = await runs.request('customer-sync', durableInstances(durable), { whenRunning: 'join' });
      return { status: 202, body: { runId }, headers: { Location: `/api/customer-sync/runs/${runId}` } };
    },
  });
}
