import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { CDX_JOB_NAMES, JOBS, toRunBody } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';

/** GET /cdx-jobs: the CDX jobs, each with its newest run (null: there was none yet). */
export function listCdxJobs({ runs }: { readonly runs: RunRegistry }): Endpoint {
  return endpoint({
    name: 'listCdxJobs',
    method: 'GET',
    route: 'cdx-jobs',
    roles: ['Administrator'],
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
