import type { Endpoint } from '../../shared/http/endpoint.ts';
import { jobCommand } from './job-command.ts';
import type { SystemJobPorts } from './system-job-ports.ts';

/** POST /system-jobs/{id}/cancel: ends a job at the edge of its batches at hand; what is done stays done. */
export const cancelJob = (ports: SystemJobPorts): Endpoint => jobCommand(ports, 'cancel');
