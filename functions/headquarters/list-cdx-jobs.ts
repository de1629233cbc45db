import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { CDX_JOB_NAMES, JOBS, runBodySchema, toRunBody } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';

const itemSchema = z.strictObject({
  job: z.enum(CDX_JOB_NAMES),
  displayName: z.string(),
  lastRun: runBodySchema.nullable(),
});

/** GET /cdx-jobs: the CDX jobs, each with its newest run (null: there was none yet). */
export function listCdxJobs({ runs }: { readonly runs: RunRegistry }): Endpoint {
  return endpoint({
    name: 'listCdxJobs',
    summary: 'List the CDX jobs, each with its newest run.',
    method: 'GET',
    route: 'cdx-jobs',
    roles: ['Administrator'],
    answers: { 200: z.strictObject({ items: z.array(itemSchema) }) },
    problems: [],
    async handle() {
      const items = await Promise.all(
        CDX_JOB_NAMES.map(async (job) => {
          const lastRun = await runs.latest(job);
          return { job, displayName: JOBS[job].displayName, lastRun: lastRun ? toRunBody(lastRun) : null };
        }),
      );
      return { status: 200, body: { items } };
    },
  });
}
