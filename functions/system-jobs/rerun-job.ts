import type { Endpoint } from '../../shared/http/endpoint.ts';
import { successorCommand } from './successor-command.ts';
import type { SystemJobPorts } from './system-job-ports.ts';

/** POST /system-jobs/{id}/rerun: a failed or cancelled job's request made anew, as the caller; what it affects is computed again. */
export function rerunJob(ports: SystemJobPorts): Endpoint {
  return successorCommand(ports, 'rerun', ({ id, plan }, next) => ({
    ...plan,
    ...next,
    rerunOf: id,
    handoverOf: undefined,
  }));
}
