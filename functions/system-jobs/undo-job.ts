import type { Job } from '../../shared/cascade/jobs/job.ts';
import type { CascadePlan } from '../../shared/cascade/plans.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type NewJob, successorCommand } from './successor-command.ts';
import type { SystemJobPorts } from './system-job-ports.ts';

/** POST /system-jobs/{id}/undo: a job that writes back what an ended one has changed, where nobody has changed it since. */
export function undoJob(ports: SystemJobPorts): Endpoint {
  return successorCommand(ports, 'undo', undoPlan);
}

/** The plan that takes back what a job has changed. */
export function undoPlan({ plan }: Job, next: NewJob): CascadePlan {
  const undoneAction = plan.action === 'undo' ? plan.undoneAction : plan.action;
  const { jobId: undoneJobId, table, recordId, formerOwnerId, lanes } = plan;
  const common = { ...next, table, recordId, formerOwnerId, lanes, behaviors: {} };
  const other = 'subordinateId' in plan && plan.subordinateId ? { subordinateId: plan.subordinateId } : {};
  return { ...common, ...other, action: 'undo', undoneJobId, undoneAction };
}
