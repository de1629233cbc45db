import { commandJob } from '../../shared/cascade/jobs/command-job.ts';
import { newJob, type RecordedCommand } from '../../shared/cascade/jobs/job.ts';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { startJob } from '../../shared/cascade/jobs/start-job.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { reserveSuccessor, successorAnswer, successorSchema } from './successor.ts';
import { jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

/**
 * POST /system-jobs/{id}/handover: cancels a paused job and has a new one, which runs as the caller, do the same again; it
 * passes over what is done already. 202 with the new job.
 */
export function handoverJob(ports: SystemJobPorts): Endpoint {
  return durableEndpoint({
    name: 'handoverJob',
    summary: 'Cancel a paused job and start it anew as the caller.',
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
      const made = await ports.jobs.find(jobId);
      const instances = jobInstances(durable, log);
      if (made) return successorAnswer(ports, await startJob(ports, made, instances));
      const command: RecordedCommand = {
        id: commandId,
        command: 'handover',
        by: caller.id,
        on: createdOn,
        successorId: jobId,
      };
      const job = await commandJob(ports, { jobId: id, command, ifMatch }, instances);
      const lineage = { rerunOf: undefined, handoverOf: id };
      const next = newJob({ ...job.plan, jobId, by: caller.id, createdOn, ...lineage }, caller.role);
      return successorAnswer(ports, await startJob(ports, next, instances));
    },
  });
}
