import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type CdxSessionPorts, cdxSessionCommand } from './cdx-session-command.ts';

/** POST /cdx-jobs/sessions/{id}/retry: has three tries again, in the job's next run. */
export const retryCdxSession = (ports: CdxSessionPorts): Endpoint =>
  cdxSessionCommand(ports, 'retryCdxSession', 'retry');
