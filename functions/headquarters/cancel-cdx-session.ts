import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type CdxSessionPorts, cdxSessionCommand } from './cdx-session-command.ts';

/** POST /cdx-jobs/sessions/{id}/cancel: gives it up; the next session of the job and channel covers what it didn't do. */
export const cancelCdxSession = (ports: CdxSessionPorts): Endpoint =>
  cdxSessionCommand(ports, 'cancelCdxSession', 'cancel');
