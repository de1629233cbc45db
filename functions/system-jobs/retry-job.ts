import type { Endpoint } from '../../shared/http/endpoint.ts';
import { jobCommand } from './job-command.ts';
import type { SystemJobPorts } from './system-job-ports.ts';

/** POST /system-jobs/{id}/retry `{records?}`: has a paused job try records again that it names as failing. */
export const retryJob = (ports: SystemJobPorts): Endpoint => jobCommand(ports, 'retry');
