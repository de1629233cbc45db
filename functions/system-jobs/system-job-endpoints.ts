import type { Endpoint } from '../../shared/http/endpoint.ts';
import { cancelJob } from './cancel-job.ts';
import { getJob } from './get-job.ts';
import { handoverJob } from './handover-job.ts';
import { listJobChanges } from './list-job-changes.ts';
import { listJobs } from './list-jobs.ts';
import { pauseJob } from './pause-job.ts';
import { previewJob } from './preview-job.ts';
import { rerunJob } from './rerun-job.ts';
import { resumeJob } from './resume-job.ts';
import { retryJob } from './retry-job.ts';
import { skipJob } from './skip-job.ts';
import type { SystemJobPorts } from './system-job-ports.ts';
import { undoJob } from './undo-job.ts';

const ENDPOINTS = [
  ...[listJobs, getJob, listJobChanges, previewJob],
  ...[pauseJob, resumeJob, retryJob, skipJob, cancelJob, rerunJob, undoJob, handoverJob],
];

/** All addresses under /system-jobs. */
export function systemJobEndpoints(ports: SystemJobPorts): Endpoint[] {
  return ENDPOINTS.map((make) => make(ports));
}
