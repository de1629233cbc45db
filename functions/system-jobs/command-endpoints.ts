import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { commandJob } from '../../shared/cascade/jobs/command-job.ts';
import { MAX_NAMED_RECORDS } from '../../shared/cascade/jobs/job.ts';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { type Call, type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { JOB_ROLES, jobBody, jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

interface Reserved {
  readonly commandId: string;
}

/** Records that the job names as failing; without them, all. */
const recordsSchema = z
  .strictObject({ records: z.array(z.guid().toLowerCase()).min(1).max(MAX_NAMED_RECORDS).optional() })
  .prefault({});

/**
 * POST /system-jobs/{id}/pause, /resume and /cancel, and for records that the job names as failing /retry and /skip
 * `{records?}`: 202 with the job; 409 where the job's state doesn't allow it, 422 for a record that it doesn't name.
 */
export function commandEndpoints(ports: SystemJobPorts): Endpoint[] {
  const obey = async (
    command: 'pause' | 'resume' | 'cancel' | 'retry' | 'skip',
    { caller, params, ifMatch, reserved, durable, log }: Call<unknown, unknown, Reserved>,
    records?: readonly string[],
  ) => {
    const { id } = await jobFromPath(ports, caller, params.id ?? '');
    const on = new Date(ports.now()).toISOString();
    const asked = { id: reserved.commandId, command, by: caller.id, on, ...(records && { records }) };
    const job = await commandJob(ports, { jobId: id, command: asked, ifMatch }, jobInstances(durable, log));
    return { status: 202, body: await jobBody(ports, job), headers: etagHeader(job.version) };
  };
  const common = { method: 'POST', roles: JOB_ROLES, idempotent: true } as const;
  const reserve = (): Reserved => ({ commandId: randomUUID() });
  return [
    ...(['pause', 'resume', 'cancel'] as const).map((command) =>
      endpoint({
        ...common,
        name: `${command}Job`,
        path: `/system-jobs/:id/${command}`,
        reserve,
        handle: (call) => obey(command, call),
      }),
    ),
    ...(['retry', 'skip'] as const).map((command) =>
      endpoint({
        ...common,
        name: `${command}Job`,
        path: `/system-jobs/:id/${command}`,
        body: recordsSchema,
        reserve,
        handle: (call) => obey(command, call, call.body.records),
      }),
    ),
  ];
}
