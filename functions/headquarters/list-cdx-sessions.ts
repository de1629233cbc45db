import { z } from 'zod';
import type { CdxSessions } from '../../shared/customers/cdx/cdx-sessions.ts';
import { sessionBodySchema, sessionStatusSchema, toSessionBody } from '../../shared/customers/cdx/session.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { placeSchema } from '../../shared/storage/newest-first.ts';

/** GET /cdx-jobs/sessions: what the CDX jobs did for each channel, newest first. */
export function listCdxSessions({ sessions }: { readonly sessions: Pick<CdxSessions, 'list'> }): Endpoint {
  return endpoint({
    name: 'listCdxSessions',
    summary: 'List what the CDX jobs did for each channel.',
    method: 'GET',
    route: 'cdx-jobs/sessions',
    roles: ['Administrator'],
    query: z.strictObject({ ...listQuery, status: sessionStatusSchema.optional() }),
    answers: { 200: pageOf(sessionBodySchema) },
    problems: [],
    async handle({ query: { status, pageSize, continuationToken } }) {
      const from = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, placeSchema);
      const { items, after } = await sessions.list(status, pageSize, from);
      const more = after && { continuationToken: encodeContinuation(after) };
      return { status: 200, body: { items: items.map(toSessionBody), ...more } };
    },
  });
}
