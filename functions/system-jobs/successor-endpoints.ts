import { commandJob, requireLegal } from '../../shared/cascade/jobs/command-job.ts';
import { type Job, newJob } from '../../shared/cascade/jobs/job.ts';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { startJob } from '../../shared/cascade/jobs/start-job.ts';
import type { CascadePlan, PlanCommon } from '../../shared/cascade/plans.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { checkIfMatch } from '../../shared/storage/preconditions.ts';
import { requireAgain } from './require-again.ts';
import { reserveSuccessor, successorAnswer } from './successor.ts';
import { JOB_ROLES, jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

type NewJob = Pick<PlanCommon, 'jobId' | 'by' | 'createdOn'>;

/**
 * POST /system-jobs/{id}/rerun: a failed or cancelled job's request made anew, as the caller; what it affects is computed
 * again. POST /system-jobs/{id}/undo: a job that writes back what an ended one has changed, where nobody has changed it
 * since. 202 with the old job; the new one is in Location and `jobId`. 403 as for the action itself; 409 while another job has
 * the root.
 */
export function successorEndpoints(ports: SystemJobPorts): Endpoint[] {
  const one = (command: 'rerun' | 'undo', planOf: (old: Job, next: NewJob) => CascadePlan) =>
    endpoint({
      name: `${command}Job`,
      method: 'POST',
      path: `/system-jobs/:id/${command}`,
      roles: JOB_ROLES,
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
  return [one('rerun', ({ plan }, next) => ({ ...plan, ...next })), one('undo', undoPlan)];
}

function undoPlan({ plan }: Job, next: NewJob): CascadePlan {
  const undoneAction = plan.action === 'undo' ? plan.undoneAction : plan.action;
  const { jobId: undoneJobId, table, recordId, formerOwnerId, lanes } = plan;
  const common = { ...next, table, recordId, formerOwnerId, lanes, behaviors: {} };
  const other = 'subordinateId' in plan && plan.subordinateId ? { subordinateId: plan.subordinateId } : {};
  return { ...common, ...other, action: 'undo', undoneJobId, undoneAction };
}
