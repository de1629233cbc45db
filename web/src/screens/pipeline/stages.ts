/** The way of customers between a channel and headquarters, stage by stage. */
import type { z } from 'zod';
import type { overviewSchema } from '../../../../shared/customers/pipeline/pipeline.ts';

/** One channel as GET /customer-sync/pipeline shows it. */
export type ChannelOverview = z.infer<typeof overviewSchema>;
export type Job = ChannelOverview['jobs'][number]['job'];

/** A stage: what waits before it, and the jobs that carry it on. */
export interface Stage {
  readonly name: 'upload' | 'synchronize' | 'download' | 'configuration';
  readonly waiting: readonly (keyof ChannelOverview['waiting'])[];
  readonly jobs: readonly Job[];
}

export const STAGES: readonly Stage[] = [
  { name: 'upload', waiting: ['toUpload'], jobs: ['P-0001'] },
  { name: 'synchronize', waiting: ['toSynchronize', 'failed', 'held'], jobs: ['customer-sync'] },
  { name: 'download', waiting: ['toDownload'], jobs: ['1010'] },
  { name: 'configuration', waiting: [], jobs: ['1110', '1070'] },
];

/** The call that runs a job now: for one channel where the job knows channels. */
export function runCall(job: Job, channel: string): { readonly path: string; readonly body?: object } {
  return job === 'customer-sync'
    ? { path: '/customer-sync/runs' }
    : { path: `/cdx-jobs/${job}/runs`, body: { channels: [channel] } };
}
