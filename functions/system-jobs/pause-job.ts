import type { Endpoint } from '../../shared/http/endpoint.ts';
import { jobCommand } from './job-command.ts';
import type { SystemJobPorts } from './system-job-ports.ts';

/** POST /system-jobs/{id}/pause: has a job stop at the edge of its batches at hand; what is done stays done. */
export const pauseJob = (ports: SystemJobPorts): Endpoint => jobCommand(ports, 'pause');
