import { randomUUID } from 'node:crypto';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { checkIfMatch } from '../../shared/http/preconditions.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { commandJob, requireLegal } from '../../shared/jobs/command-job.ts';
import { newJob } from '../../shared/jobs/job.ts';
import { jobInstances } from '../../shared/jobs/job-instances.ts';
import { startJob } from '../../shared/jobs/start-job.ts';
import { JOB_ROLES, jobBody, jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

/**
 * POST /system-jobs/{id}/rerun: a failed or cancelled job's request made anew, as the caller; what it affects is computed
 * again. 202 with the old job; the new one is in Location and `jobId`. 409 while another job has the root.
 */
export function rerunJob(ports: SystemJobPorts): Endpoint {
  return endpoint({
    name: 'rerunJob',
    method: 'POST',
    path: '/system-jobs/:id/rerun',
    roles: JOB_ROLES,
    idempotent: true,
    reserve: () => ({
      jobId: randomUUID() as string,
      commandId: randomUUID() as string,
      createdOn: new Date(ports.now()).toISOString(),
    }),
    async handle({ caller, params, ifMatch, reserved, durable, log }) {
      const old = await jobFromPath(ports, caller, params.id ?? '');
      const { jobId, commandId: id, createdOn: on } = reserved;
      requireLegal(old, 'rerun');
      checkIfMatch({ ifMatch, version: old.version, required: false, what: `job ${old.id}` });
      const instances = jobInstances(durable, log);
      await startJob(ports, newJob({ ...old.plan, jobId, by: caller.id, createdOn: on }, caller.role), instances);
      const command = { id, command: 'rerun', by: caller.id, on, successorId: jobId } as const;
      const job = await commandJob(ports, { jobId: old.id, command, ifMatch: undefined }, instances);
      const headers = { Location: `/api/system-jobs/${jobId}`, ...etagHeader(job.version) };
      return { status: 202, body: { ...(await jobBody(ports, job)), jobId }, headers };
    },
  });
}
