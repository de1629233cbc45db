import type { CdxSessions } from '../../shared/customers/cdx/cdx-sessions.ts';
import { toSessionBody } from '../../shared/customers/cdx/session.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';

/**
 * POST /cdx-jobs/sessions/{id}/retry: has three tries again, in the job's next run. POST …/cancel: gives it up; the next
 * session of the job and channel covers what it didn't do. 409 when its status doesn't allow that.
 */
export function commandCdxSession(
  { sessions }: { readonly sessions: Pick<CdxSessions, 'note'> },
  command: 'retry' | 'cancel',
): Endpoint {
  return endpoint({
    name: `${command}CdxSession`,
    method: 'POST',
    path: `/cdx-jobs/sessions/:id/${command}`,
    roles: ['Administrator'],
    idempotent: true,
    async handle({ params: { id = '' }, caller }) {
      return { status: 200, body: toSessionBody(await sessions.note(id, { kind: command, by: caller.id })) };
    },
  });
}
