import { z } from 'zod';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { runBodySchema, toRunBody } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';
import { placeSchema } from '../../shared/storage/newest-first.ts';

/** GET /customer-sync/runs: the sync job's runs, newest first. */
export function listSyncRuns({ runs }: { readonly runs: RunRegistry }): Endpoint {
  return endpoint({
    name: 'listSyncRuns',
    summary: 'List the runs of the sync job.',
    method: 'GET',
    route: 'customer-sync/runs',
    roles: ['Administrator'],
    query: z.strictObject(listQuery),
    answers: { 200: pageOf(runBodySchema) },
    problems: [],
    async handle({ query: { pageSize, continuationToken } }) {
      const from = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, placeSchema);
      const { items, after } = await runs.list('customer-sync', pageSize, from);
      const more = after && { continuationToken: encodeContinuation(after) };
      return { status: 200, body: { items: items.map(toRunBody), ...more } };
    },
  });
}
