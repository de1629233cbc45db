import type { Endpoint } from '../../shared/http/endpoint.ts';
import { jobCommand } from './job-command.ts';
import type { SystemJobPorts } from './system-job-ports.ts';

/** POST /system-jobs/{id}/resume: has a paused job go on from where it paused. */
export const resumeJob = (ports: SystemJobPorts): Endpoint => jobCommand(ports, 'resume');
