import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { CHANGES_HEADER, changesLines } from '../../shared/jobs/changes-csv.ts';
import { JOB_ROLES, jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

const querySchema = z.strictObject({
  ...listQuery,
  pageSize: z.coerce.number().int().min(1).max(500).optional(),
  outcome: z.enum(['done', 'failed', 'skipped', 'unprocessed']).optional(),
});
type Query = z.infer<typeof querySchema>;

const DEFAULT_PAGE_SIZE = 50;
const CSV_PAGE_SIZE = 500;

/**
 * GET /system-jobs/{id}/changes: what became of each record of a job, with old and new values. As JSON a page at a time;
 * as CSV (Accept: text/csv) all of it, or, where a pageSize is asked for, that page alone.
 */
export function listJobChanges(ports: SystemJobPorts): Endpoint {
  return endpoint({
    name: 'listJobChanges',
    method: 'GET',
    path: '/system-jobs/:id/changes',
    roles: JOB_ROLES,
    query: querySchema,
    async handle({ caller, params, query, accepts }) {
      const { plan, id } = await jobFromPath(ports, caller, params.id ?? '');
      if (accepts === 'csv') {
        const headers = {
          'Content-Type': 'text/csv; charset=utf-8',
          'Content-Disposition': `attachment; filename="job-${id}-changes.csv"`,
        };
        return { status: 200, body: await csv(ports, plan, query), headers };
      }
      const { items, after } = await page(ports, plan, query, startOf(query));
      return {
        status: 200,
        body: { items, ...(after !== undefined && { continuationToken: encodeContinuation(after) }) },
      };
    },
  });
}

type Plan = Parameters<SystemJobPorts['records']['changes']>[0];

function page({ records }: SystemJobPorts, plan: Plan, { outcome, pageSize }: Query, after: string | undefined) {
  return records.changes(plan, { outcome, after, pageSize: pageSize ?? DEFAULT_PAGE_SIZE });
}

async function csv(ports: SystemJobPorts, plan: Plan, query: Query): Promise<string> {
  const parts = [CHANGES_HEADER];
  let place = startOf(query);
  do {
    const { items, after } = await page(ports, plan, { ...query, pageSize: query.pageSize ?? CSV_PAGE_SIZE }, place);
    parts.push(...items.map(changesLines));
    place = after;
  } while (place !== undefined && query.pageSize === undefined);
  return parts.join('');
}

function startOf({ continuationToken }: Query): string | undefined {
  return continuationToken === undefined ? undefined : decodeContinuation(continuationToken, z.string());
}
