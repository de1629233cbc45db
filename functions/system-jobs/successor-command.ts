import { commandJob, requireLegal } from '../../shared/cascade/jobs/command-job.ts';
import { type Job, newJob } from '../../shared/cascade/jobs/job.ts';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { claimRoots, freeRoots, startJob } from '../../shared/cascade/jobs/start-job.ts';
import type { CascadePlan, PlanCommon } from '../../shared/cascade/plans.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';
import { checkIfMatch } from '../../shared/storage/preconditions.ts';
import { requireAgain } from './require-again.ts';
import { reserveSuccessor, successorAnswer, successorSchema } from './successor.ts';
import { JOB_ROLES, jobFromPath, type SystemJobPorts, withMadeSuccessors } from './system-job-ports.ts';

/** What a new job has of its own. */
export type NewJob = Pick<PlanCommon, 'jobId' | 'by' | 'createdOn'>;

const SUMMARIES = {
  rerun: 'Make the request of a failed or cancelled job anew.',
  undo: 'Write back what a job has changed, where nobody has changed it since.',
} as const;

/**
 * An endpoint that makes a new job of an ended one: 202 with the new job. 403 as for the action itself; 409 where the old
 * job's state doesn't allow it, while another job has the root, and for what was undone already.
 *
 * The old job notes the new one before that is made, under the new one's claim on the roots: whatever is cut off in between,
 * nobody else takes the place before the claim is given up, and with it the new job.
 */
export function successorCommand(
  ports: SystemJobPorts,
  command: 'rerun' | 'undo',
  planOf: (old: Job, next: NewJob) => CascadePlan,
): Endpoint {
  return durableEndpoint({
    name: `${command}Job`,
    summary: SUMMARIES[command],
    method: 'POST',
    route: `system-jobs/{id}/${command}`,
    roles: JOB_ROLES,
    answers: { 202: successorSchema },
    problems: ['conflict'],
    ifMatch: 'heeded',
    idempotent: true,
    reserve: () => reserveSuccessor(ports),
    async handle({ caller, params, ifMatch, reserved, durable, log }) {
      const old = await withMadeSuccessors(ports, await jobFromPath(ports, caller, params.id ?? ''));
      const { jobId, commandId: id, createdOn } = reserved;
      const instances = jobInstances(durable, log);
      const made = await ports.jobs.find(jobId);
      if (made) return successorAnswer(ports, await startJob(ports, made, instances));
      if (command === 'undo' && old.undoneBy !== undefined) throw undoneAlready(old.id, old.undoneBy);
      requireLegal(old, command);
      checkIfMatch({ ifMatch, version: old.version, required: false, what: `job ${old.id}` });
      const plan = planOf(old, { jobId, by: caller.id, createdOn });
      await requireAgain(ports, await ports.access.principalOf(caller), plan);
      const job = newJob(plan, caller.role);
      await claimRoots(ports, job);
      try {
        if (command === 'undo') await refuseSecond(ports, old.id, jobId);
        const recorded = { id, command, by: caller.id, on: createdOn, successorId: jobId } as const;
        await commandJob(ports, { jobId: old.id, command: recorded, ifMatch: undefined }, instances);
      } catch (error) {
        if (error instanceof Problem) await freeRoots(ports.rootClaims, job);
        throw error;
      }
      return successorAnswer(ports, await startJob(ports, job, instances));
    },
  });
}

/** Looked at under the claim, where nobody else can undo it: a first undo that was cut off before it was made gives way, for good. */
async function refuseSecond({ jobs }: SystemJobPorts, id: string, jobId: string): Promise<void> {
  const first = (await jobs.find(id))?.undoneBy;
  if (first === undefined || first === jobId || (await jobs.abandon(first))) return;
  throw undoneAlready(id, first);
}

/** The refusal of a second undo. */
export function undoneAlready(id: string, first: string): Problem {
  return new Problem(
    'conflict',
    `Job ${id} was undone by job ${first}. Look there: rerun it if it didn't end Completed, or undo it to have the changes back.`,
    { extra: { jobId: first } },
  );
}
