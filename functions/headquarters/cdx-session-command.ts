import type { CdxSessions } from '../../shared/customers/cdx/cdx-sessions.ts';
import { sessionBodySchema, toSessionBody } from '../../shared/customers/cdx/session.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';

export interface CdxSessionPorts {
  readonly sessions: Pick<CdxSessions, 'note'>;
}

const SUMMARIES = {
  retry: 'Give a session three tries again, in the next run of its job.',
  cancel: 'Give a session up, so that later ones go on.',
} as const;

/** An endpoint that does something to a session of a CDX job. 409 when the session's status doesn't allow it. */
export function cdxSessionCommand({ sessions }: CdxSessionPorts, name: string, command: 'retry' | 'cancel'): Endpoint {
  return endpoint({
    name,
    summary: SUMMARIES[command],
    method: 'POST',
    route: `cdx-jobs/sessions/{id}/${command}`,
    roles: ['Administrator'],
    answers: { 200: sessionBodySchema },
    problems: ['conflict'],
    idempotent: true,
    async handle({ params: { id = '' }, caller }) {
      return { status: 200, body: toSessionBody(await sessions.note(id, { kind: command, by: caller.id })) };
    },
  });
}
