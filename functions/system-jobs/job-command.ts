import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { commandJob } from '../../shared/cascade/jobs/command-job.ts';
import { MAX_NAMED_RECORDS } from '../../shared/cascade/jobs/job.ts';
import { jobBodySchema } from '../../shared/cascade/jobs/job-body.ts';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { JOB_ROLES, jobBody, jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

/** Commands that take no more than the job. */
type PlainCommand = 'pause' | 'resume' | 'cancel';
/** Commands that take some of the records that the job names as failing; without them, all. */
type RecordsCommand = 'retry' | 'skip';

const SUMMARIES: Readonly<Record<PlainCommand | RecordsCommand, string>> = {
  pause: 'Have a job stop at the edge of its batches at hand.',
  resume: 'Have a paused job go on.',
  cancel: 'Have a job end with what is done.',
  retry: 'Try failing records of a job again.',
  skip: 'Pass over failing records of a job.',
};

const nothing = z.strictObject({}).prefault({});
const someRecords = z
  .strictObject({ records: z.array(z.guid().toLowerCase()).min(1).max(MAX_NAMED_RECORDS).optional() })
  .prefault({});

/**
 * An endpoint that records a command and wakes the job's orchestration, which carries it out: 202 with the job; 409 where the
 * job's state doesn't allow it, 422 for a record that the job doesn't name as failing.
 */
export function jobCommand(ports: SystemJobPorts, command: PlainCommand | RecordsCommand): Endpoint {
  const takesRecords = command === 'retry' || command === 'skip';
  return durableEndpoint<{ readonly records?: string[] | undefined }, undefined, { readonly commandId: string }>({
    name: `${command}Job`,
    summary: SUMMARIES[command],
    method: 'POST',
    route: `system-jobs/{id}/${command}`,
    roles: JOB_ROLES,
    body: takesRecords ? someRecords : nothing,
    answers: { 202: jobBodySchema },
    problems: takesRecords ? ['conflict', 'rule-broken'] : ['conflict'],
    ifMatch: 'heeded',
    idempotent: true,
    reserve: () => ({ commandId: randomUUID() }),
    async handle({ caller, params, body: { records }, ifMatch, reserved, durable, log }) {
      const { id } = await jobFromPath(ports, caller, params.id ?? '');
      const on = new Date(ports.now()).toISOString();
      const asked = { id: reserved.commandId, command, by: caller.id, on, ...(records && { records }) };
      const job = await commandJob(ports, { jobId: id, command: asked, ifMatch }, jobInstances(durable, log));
      return { status: 202, body: await jobBody(ports, job), headers: etagHeader(job.version) };
    },
  });
}
