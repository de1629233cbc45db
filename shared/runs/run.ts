import { z } from 'zod';

/** Jobs that run as orchestrations, one run at a time: the orchestration's name, and how people call the job. */
export const JOBS = {
  'customer-sync': { orchestration: 'customerSync', displayName: 'Synchronize customers and channel requests' },
  'P-0001': { orchestration: 'cdxUpload', displayName: 'Upload of channel changes' },
  '1010': { orchestration: 'cdxDownload', displayName: 'Customers' },
  '1070': { orchestration: 'cdxDownload1070', displayName: 'Channel configuration' },
  '1110': { orchestration: 'cdxDownload1110', displayName: 'Global configuration' },
} as const;
/** The jobs of customer mode. */
export type JobName = keyof typeof JOBS;
/** A job of customer mode. */
export const jobSchema = z.enum(['customer-sync', 'P-0001', '1010', '1070', '1110']);

/** CDX jobs among them. */
export const CDX_JOB_NAMES = ['P-0001', '1010', '1070', '1110'] as const satisfies readonly JobName[];
export type CdxJobName = (typeof CDX_JOB_NAMES)[number];

/** Those that bring something to the channels. */
export type DownloadJobName = Exclude<CdxJobName, 'P-0001'>;

/** How far a run is. */
export type RunStatus = 'Queued' | 'Running' | 'Completed' | 'Failed';

/** What a run did: operations uploaded; operations or customers applied; operations that failed or became held. */
export const countsSchema = z.strictObject({
  uploaded: z.number().optional(),
  applied: z.number().optional(),
  failed: z.number().optional(),
  held: z.number().optional(),
});
export type Counts = z.infer<typeof countsSchema>;

/** What a run is asked for. */
export const runInputSchema = z.strictObject({
  /** Only these channels; absent: all. */
  channels: z.array(z.string()).optional(),
});
export type RunInput = z.infer<typeof runInputSchema>;

/** A run of a job, as callers see it. */
export interface Run {
  readonly runId: string;
  readonly job: JobName;
  readonly status: RunStatus;
  readonly requestedOn: string;
  readonly startedOn: string | null;
  readonly completedOn: string | null;
  readonly counts: Counts;
  readonly error: string | null;
}

/** Schema of a run's JSON. */
export const runBodySchema = z.strictObject({
  runId: z.guid(),
  job: jobSchema,
  status: z.enum(['Queued', 'Running', 'Completed', 'Failed']),
  startedOn: z.iso.datetime().nullable(),
  completedOn: z.iso.datetime().nullable(),
  counts: countsSchema,
  error: z.string().optional(),
});

/** Schema of the answer to a request that a run does. */
export const requestedRunSchema = z.strictObject({ runId: z.guid() });

/** The JSON of a run. */
export function toRunBody({ error, requestedOn: _requestedOn, ...run }: Run): Record<string, unknown> {
  return { ...run, ...(error !== null && { error }) };
}
