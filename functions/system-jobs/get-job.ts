import { jobBodySchema } from '../../shared/cascade/jobs/job-body.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { JOB_ROLES, jobBody, jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

/** GET /system-jobs/{id}: a job with its progress, counted in records, as it is now. */
export function getJob(ports: SystemJobPorts): Endpoint {
  return endpoint({
    name: 'getJob',
    summary: 'Read a job with its progress.',
    method: 'GET',
    route: 'system-jobs/{id}',
    roles: JOB_ROLES,
    answers: { 200: jobBodySchema },
    problems: [],
    async handle({ caller, params }) {
      const job = await jobFromPath(ports, caller, params.id ?? '');
      return { status: 200, body: await jobBody(ports, job), headers: etagHeader(job.version) };
    },
  });
}
