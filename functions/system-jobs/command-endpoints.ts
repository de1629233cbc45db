import { randomUUID } from 'node:crypto';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { commandJob } from '../../shared/jobs/command-job.ts';
import { jobInstances } from '../../shared/jobs/job-instances.ts';
import { JOB_ROLES, jobBody, jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

/** POST /system-jobs/{id}/pause, /resume and /cancel: 202 with the job; 409 where the job's state doesn't allow it. */
export function commandEndpoints(ports: SystemJobPorts): Endpoint[] {
  return (['pause', 'resume', 'cancel'] as const).map((command) =>
    endpoint({
      name: `${command}Job`,
      method: 'POST',
      path: `/system-jobs/:id/${command}`,
      roles: JOB_ROLES,
      idempotent: true,
      reserve: () => ({ commandId: randomUUID() as string }),
      async handle({ caller, params, ifMatch, reserved, durable, log }) {
        const { id } = await jobFromPath(ports, caller, params.id ?? '');
        const on = new Date(ports.now()).toISOString();
        const asked = { id: reserved.commandId, command, by: caller.id, on };
        const job = await commandJob(ports, { jobId: id, command: asked, ifMatch }, jobInstances(durable, log));
        return { status: 202, body: await jobBody(ports, job), headers: etagHeader(job.version) };
      },
    }),
  );
}
