import { z } from 'zod';
import type { Answer } from '../../shared/http/endpoint.ts';

/** Schema of the answer to a request that a job does. */
export const acceptedSchema = z.strictObject({ jobId: z.guid() });

/** 202 with the job that does what was asked for; Location leads to it. */
export function accepted(jobId: string): Answer {
  return { status: 202, body: { jobId }, headers: { Location: `/api/system-jobs/${jobId}` } };
}
