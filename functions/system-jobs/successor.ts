import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Job } from '../../shared/cascade/jobs/job.ts';
import { jobBodySchema } from '../../shared/cascade/jobs/job-body.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { jobBody, type SystemJobPorts } from './system-job-ports.ts';

/** Ids of a command and of the job that it makes, drawn once for all attempts of a request. */
export interface ReservedSuccessor {
  readonly jobId: string;
  readonly commandId: string;
  readonly createdOn: string;
}

/** What a command that makes a new job reserves. */
export function reserveSuccessor({ now }: Pick<SystemJobPorts, 'now'>): ReservedSuccessor {
  return { jobId: randomUUID(), commandId: randomUUID(), createdOn: new Date(now()).toISOString() };
}

/** Schema of the answer to a command that makes a new job: the new job. */
export const successorSchema = jobBodySchema.extend({ jobId: z.guid().describe('The new job, as `id`.') });

/** 202 with the new job: body, ETag and Location are its. */
export async function successorAnswer(ports: SystemJobPorts, job: Job) {
  const headers = { Location: `/api/system-jobs/${job.id}`, ...etagHeader(job.version) };
  return { status: 202, body: { ...(await jobBody(ports, job)), jobId: job.id }, headers };
}
