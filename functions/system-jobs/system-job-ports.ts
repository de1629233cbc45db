import type { BatchPaceStore } from '../../shared/cascade/jobs/batch-pace-store.ts';
import { noJob } from '../../shared/cascade/jobs/command-job.ts';
import type { Job } from '../../shared/cascade/jobs/job.ts';
import { toJobBody } from '../../shared/cascade/jobs/job-body.ts';
import { countRecords } from '../../shared/cascade/jobs/progress.ts';
import type { JobPorts } from '../../shared/cascade/jobs/start-job.ts';
import type { CascadeRecords } from '../../shared/cascade/ports.ts';
import { isGuid } from '../../shared/records/record-ids.ts';
import type { RecordStore } from '../../shared/records/record-store.ts';
import type { RecordAccess } from '../../shared/records/shares/record-access.ts';
import type { Access } from '../../shared/security/access.ts';
import type { Caller } from '../../shared/security/caller.ts';
import { MAX_PARALLEL, mapParallel } from '../../shared/storage/parallel.ts';

/** What the endpoints of system jobs work with. */
export interface SystemJobPorts extends JobPorts {
  readonly cascadeRecords: Pick<CascadeRecords, 'survey' | 'progress' | 'changes' | 'noteApplied'>;
  readonly batchPaces: Pick<BatchPaceStore, 'find'>;
  readonly access: Access;
  readonly recordAccess: Pick<RecordAccess, 'requireOn'>;
  /** Finds a record, tombstones too. */
  readonly findRecord: RecordStore['find'];
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Who may call them; a User sees its own jobs. */
export const JOB_ROLES = ['Administrator', 'User'] as const satisfies readonly Caller['role'][];

/** Whether a caller may see the jobs of the user who made them. */
export function maySee(caller: Pick<Caller, 'role' | 'id'>, createdBy: string): boolean {
  return caller.role === 'Administrator' || createdBy === caller.id;
}

/** The job that a path names. Throws Problem not-found, also for a job that the caller may not see. */
export async function jobFromPath(ports: SystemJobPorts, caller: Caller, id: string): Promise<Job> {
  const job = isGuid(id.toLowerCase()) ? await ports.jobs.find(id.toLowerCase()) : undefined;
  if (job && maySee(caller, job.plan.by)) return job;
  throw noJob(id);
}

/** A job without the successors that were noted and aren't there: cut off before they were made, or purged. */
export async function withMadeSuccessors({ jobs }: Pick<SystemJobPorts, 'jobs'>, job: Job): Promise<Job> {
  const { undoneBy, rerunAs, handedOverTo } = job;
  const made = async (id: string | undefined) => (id !== undefined && (await jobs.find(id)) ? id : undefined);
  const [undo, rerun, handover] = await Promise.all([undoneBy, rerunAs, handedOverTo].map(made));
  return { ...job, undoneBy: undo, rerunAs: rerun, handedOverTo: handover };
}

/** The JSON of a job with its progress as it is now. */
export async function jobBody(ports: SystemJobPorts, job: Job): Promise<Record<string, unknown>> {
  const { cascadeRecords, batchPaces, now } = ports;
  const [shown, counts, pace] = await Promise.all([
    withMadeSuccessors(ports, job),
    countRecords(cascadeRecords, job),
    batchPaces.find(job.id),
  ]);
  return toJobBody(shown, counts, pace, now());
}

/** `jobBody` of several jobs, in their order. */
export function jobBodies(ports: SystemJobPorts, jobs: readonly Job[]): Promise<Record<string, unknown>[]> {
  return mapParallel(jobs, MAX_PARALLEL, (job) => jobBody(ports, job));
}
