import { z } from 'zod';
import { type DeadLetters, deadLetterSchema } from '../../shared/customers/messages/dead-letters.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';

/** GET /channel-changes/dead-letters: offline changes that were given up, oldest first, and why. */
export function listDeadLetters({ deadLetters }: { readonly deadLetters: DeadLetters }): Endpoint {
  return endpoint({
    name: 'listDeadLetters',
    summary: 'List the offline changes that were given up, and why.',
    method: 'GET',
    route: 'channel-changes/dead-letters',
    roles: ['Administrator'],
    query: z.strictObject(listQuery),
    answers: { 200: pageOf(deadLetterSchema) },
    problems: ['conflict'],
    async handle({ query: { pageSize, continuationToken } }) {
      const from = continuationToken === undefined ? 0 : decodeContinuation(continuationToken, z.number().int().min(0));
      const { items, next } = await deadLetters.list(from, pageSize);
      const more = next !== undefined && { continuationToken: encodeContinuation(next) };
      return { status: 200, body: { items, ...more } };
    },
  });
}
