import type { Endpoint } from '../../shared/http/endpoint.ts';
import { commandEndpoints } from './command-endpoints.ts';
import { getJob } from './get-job.ts';
import { handoverJob } from './handover-job.ts';
import { listJobChanges } from './list-job-changes.ts';
import { listJobs } from './list-jobs.ts';
import { successorEndpoints } from './successor-endpoints.ts';
import type { SystemJobPorts } from './system-job-ports.ts';

/** All addresses under /system-jobs. */
export function systemJobEndpoints(ports: SystemJobPorts): Endpoint[] {
  const single = [listJobs, getJob, listJobChanges, handoverJob].map((make) => make(ports));
  return [...single, ...commandEndpoints(ports), ...successorEndpoints(ports)];
}
