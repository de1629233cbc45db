import type { Job } from '../../shared/cascade/jobs/job.ts';
import type { CascadePlan } from '../../shared/cascade/plans.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type NewJob, successorCommand } from './successor-command.ts';
import type { SystemJobPorts } from './system-job-ports.ts';

/** POST /system-jobs/{id}/rerun: a failed or cancelled job's request made anew, as the caller; what it affects is computed again. */
export function rerunJob(ports: SystemJobPorts): Endpoint {
  return successorCommand(ports, 'rerun', rerunPlan);
}

/** The plan that does anew what a job was asked for. */
export function rerunPlan({ id, plan }: Job, next: NewJob): CascadePlan {
  return { ...plan, ...next, rerunOf: id, handoverOf: undefined };
}
