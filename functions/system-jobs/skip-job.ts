import type { Endpoint } from '../../shared/http/endpoint.ts';
import { jobCommand } from './job-command.ts';
import type { SystemJobPorts } from './system-job-ports.ts';

/** POST /system-jobs/{id}/skip `{records?}`: has a paused job go on without records that it names as failing. */
export const skipJob = (ports: SystemJobPorts): Endpoint => jobCommand(ports, 'skip');
