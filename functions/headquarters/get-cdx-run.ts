import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { runBodySchema } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';
import { answerRun } from './answer-run.ts';
import { cdxJob } from './cdx-job.ts';

/** GET /cdx-jobs/{job}/runs/{runId}: one run of a CDX job. */
export function getCdxRun({ runs }: { readonly runs: RunRegistry }): Endpoint {
  return durableEndpoint({
    name: 'getCdxRun',
    summary: 'Read a run of a CDX job.',
    method: 'GET',
    route: 'cdx-jobs/{job}/runs/{runId}',
    roles: ['Administrator'],
    answers: { 200: runBodySchema },
    problems: [],
    handle: ({ params, durable }) => answerRun(runs, cdxJob(params), params.runId ?? '', durable),
  });
}
