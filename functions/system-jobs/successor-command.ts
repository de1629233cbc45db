import { commandJob, requireLegal } from '../../shared/cascade/jobs/command-job.ts';
import { type Job, newJob } from '../../shared/cascade/jobs/job.ts';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { startJob } from '../../shared/cascade/jobs/start-job.ts';
import type { CascadePlan, PlanCommon } from '../../shared/cascade/plans.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { checkIfMatch } from '../../shared/storage/preconditions.ts';
import { requireAgain } from './require-again.ts';
import { reserveSuccessor, successorAnswer, successorSchema } from './successor.ts';
import { JOB_ROLES, jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

/** What a new job has of its own. */
export type NewJob = Pick<PlanCommon, 'jobId' | 'by' | 'createdOn'>;

/**
 * An endpoint that makes a new job of an ended one: 202 with the old job; the new one is in Location and `jobId`. 403 as for
 * the action itself; 409 where the old job's state doesn't allow it, and while another job has the root.
 */
export function successorCommand(
  ports: SystemJobPorts,
  command: 'rerun' | 'undo',
  planOf: (old: Job, next: NewJob) => CascadePlan,
): Endpoint {
  return durableEndpoint({
    name: `${command}Job`,
    method: 'POST',
    route: `system-jobs/{id}/${command}`,
    roles: JOB_ROLES,
    answers: { 202: successorSchema },
    problems: ['conflict'],
    ifMatch: 'heeded',
    idempotent: true,
    reserve: () => reserveSuccessor(ports),
    async handle({ caller, params, ifMatch, reserved, durable, log }) {
      const old = await jobFromPath(ports, caller, params.id ?? '');
      const { jobId, commandId: id, createdOn } = reserved;
      requireLegal(old, command);
      checkIfMatch({ ifMatch, version: old.version, required: false, what: `job ${old.id}` });
      const instances = jobInstances(durable, log);
      const plan = planOf(old, { jobId, by: caller.id, createdOn });
      await requireAgain(ports, await ports.access.principalOf(caller), plan);
      await startJob(ports, newJob(plan, caller.role), instances);
      const recorded = { id, command, by: caller.id, on: createdOn, successorId: jobId } as const;
      const job = await commandJob(ports, { jobId: old.id, command: recorded, ifMatch: undefined }, instances);
      return successorAnswer(ports, job, jobId);
    },
  });
}
