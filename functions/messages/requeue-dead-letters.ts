import { z } from 'zod';
import type { DeadLetters } from '../../shared/customers/messages/dead-letters.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';

/** Messages that one call puts back. */
const MAX_REQUEUED = 500;

const bodySchema = z.strictObject({
  /** Only these; absent: all. */
  messageIds: z.array(z.string().min(1)).min(1).max(MAX_REQUEUED).optional(),
});

/**
 * POST /channel-changes/dead-letters/requeue: puts changes that were given up back into their queue, oldest first; `more`
 * tells that a further call would find more. A change that is put back twice is the same change by its key.
 */
export function requeueDeadLetters({ deadLetters }: { readonly deadLetters: DeadLetters }): Endpoint {
  return endpoint({
    name: 'requeueDeadLetters',
    summary: 'Put offline changes that were given up back into their queue.',
    method: 'POST',
    route: 'channel-changes/dead-letters/requeue',
    roles: ['Administrator'],
    body: bodySchema,
    answers: { 200: z.strictObject({ requeued: z.number().int(), more: z.boolean() }) },
    problems: ['conflict'],
    async handle({ body: { messageIds } }) {
      return { status: 200, body: await deadLetters.requeue(messageIds, MAX_REQUEUED) };
    },
  });
}
