import { randomUUID } from 'node:crypto';
import { ACTION_NEEDS } from '../../shared/cascade/jobs/action-needs.ts';
import { newJob } from '../../shared/cascade/jobs/job.ts';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { startJob } from '../../shared/cascade/jobs/start-job.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';
import { checkIfMatch } from '../../shared/storage/preconditions.ts';
import { accepted, acceptedSchema } from '../cascades/accepted.ts';
import { revokePlan } from './offer-cleanup.ts';
import { type CleanupPorts, relationshipFromPath } from './relationship-ports.ts';

/**
 * POST /relationships/{name}/revoke-inherited-access: a job that takes away inherited rights which came down over a
 * relationship whose Share doesn't cascade any more. 202 with `jobId` and Location; 422 while Share cascades; 409 while such
 * a job is under way. Called again it does what is left.
 */
export function revokeInheritedAccess(ports: CleanupPorts): Endpoint {
  return durableEndpoint({
    name: 'revokeInheritedAccess',
    summary: 'Take away inherited rights that came down over a relationship.',
    method: 'POST',
    route: 'relationships/{name}/revoke-inherited-access',
    roles: ['Administrator'],
    answers: { 202: acceptedSchema },
    problems: ['conflict', 'rule-broken'],
    ifMatch: 'heeded',
    idempotent: true,
    reserve: () => ({ jobId: randomUUID() as string, createdOn: new Date(ports.now()).toISOString() }),
    async handle({ caller, params, ifMatch, reserved: { jobId, createdOn }, durable, log }) {
      const instances = jobInstances(durable, log);
      const made = await ports.jobs.find(jobId);
      if (made) return accepted((await startJob(ports, made, instances)).id);
      const { relationship, behaviors, version } = await relationshipFromPath(ports, params.name ?? '');
      const { name, child } = relationship;
      const principal = await ports.access.principalOf(caller);
      for (const action of ACTION_NEEDS.unshare.each) ports.access.requirePrivilege(principal, action, child);
      checkIfMatch({ ifMatch, version, required: false, what: `the relationship ${name}` });
      if (behaviors.Share !== 'None') {
        throw new Problem('share-still-cascades', { name, behavior: behaviors.Share });
      }
      const plan = await revokePlan(ports, relationship, { jobId, by: principal.userId, createdOn });
      return accepted((await startJob(ports, newJob(plan, caller.role), instances)).id);
    },
  });
}
