import { randomUUID } from 'node:crypto';
import { ACTION_NEEDS } from '../../shared/cascade/jobs/action-needs.ts';
import { newJob } from '../../shared/cascade/jobs/job.ts';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { startJob } from '../../shared/cascade/jobs/start-job.ts';
import type { ReconcilePlan } from '../../shared/cascade/plans.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { checkIfMatch } from '../../shared/storage/preconditions.ts';
import { recordOf } from '../records/record-ports.ts';
import { accepted, acceptedSchema } from './accepted.ts';
import type { CascadePorts } from './cascade-ports.ts';

/**
 * POST /tables/{table}/{id}/reconcile-access: a job that puts the inherited rights of a record and of all that lies under it
 * right: those without a source go, those that Reparent = All owes come; its change log lists them. 202 with `jobId` and
 * Location. Called again it finds nothing to do.
 */
export function reconcileAccess(ports: CascadePorts): Endpoint {
  const { jobs, now } = ports;
  return durableEndpoint({
    name: 'reconcileAccess',
    summary: 'Put the inherited rights of a record and of all below it right.',
    method: 'POST',
    route: 'tables/{table}/{id}/reconcile-access',
    roles: ['Administrator', 'User'],
    answers: { 202: acceptedSchema },
    problems: ['conflict'],
    ifMatch: 'heeded',
    idempotent: true,
    reserve: () => ({ jobId: randomUUID() as string, createdOn: new Date(now()).toISOString() }),
    async handle({ caller, params, ifMatch, reserved: { jobId, createdOn }, durable, log }) {
      const instances = jobInstances(durable, log);
      const made = await jobs.find(jobId);
      if (made) return accepted((await startJob(ports, made, instances)).id);
      const found = await recordOf(ports, { caller, params }, ACTION_NEEDS.unshare.each);
      const { table, principal } = found;
      const root = found.record.value;
      const recordId = root.id;
      checkIfMatch({ ifMatch, version: root.version, required: false, what: `the ${table} ${recordId}` });
      const plan: ReconcilePlan = {
        ...{ action: 'reconcileAccess', jobId, table, recordId, createdOn, lanes: 1 },
        ...{ formerOwnerId: root.ownerId, by: principal.userId, behaviors: await passing(ports) },
      };
      return accepted((await startJob(ports, newJob(plan, caller.role), instances)).id);
    },
  });
}

/** The relationships that pass rights on: their Share or Reparent isn't None. */
async function passing({ relationships }: CascadePorts): Promise<ReconcilePlan['behaviors']> {
  const both = [await relationships.behaviorsOf('Share'), await relationships.behaviorsOf('Reparent')];
  const names = both.flatMap((behaviors) => Object.keys(behaviors));
  return Object.fromEntries(names.map((name) => [name, 'All']));
}
