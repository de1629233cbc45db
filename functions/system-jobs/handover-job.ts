import { commandJob } from '../../shared/cascade/jobs/command-job.ts';
import { newJob, type RecordedCommand } from '../../shared/cascade/jobs/job.ts';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { startJob } from '../../shared/cascade/jobs/start-job.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { reserveSuccessor, successorAnswer, successorSchema } from './successor.ts';
import { jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

/**
 * POST /system-jobs/{id}/handover: cancels a paused job and has a new one, which runs as the caller, do the same again; it
 * passes over what is done already. 202 with the cancelled job; the new one is in Location and `jobId`.
 */
export function handoverJob(ports: SystemJobPorts): Endpoint {
  return durableEndpoint({
    name: 'handoverJob',
    method: 'POST',
    route: 'system-jobs/{id}/handover',
    roles: ['Administrator'],
    answers: { 202: successorSchema },
    problems: ['conflict'],
    ifMatch: 'heeded',
    idempotent: true,
    reserve: () => reserveSuccessor(ports),
    async handle({ caller, params, ifMatch, reserved, durable, log }) {
      const { id } = await jobFromPath(ports, caller, params.id ?? '');
      const { jobId, commandId, createdOn } = reserved;
      const instances = jobInstances(durable, log);
      const command: RecordedCommand = {
        id: commandId,
        command: 'handover',
        by: caller.id,
        on: createdOn,
        successorId: jobId,
      };
      const job = await commandJob(ports, { jobId: id, command, ifMatch }, instances);
      await startJob(ports, newJob({ ...job.plan, jobId, by: caller.id, createdOn }, caller.role), instances);
      return successorAnswer(ports, job, jobId);
    },
  });
}
