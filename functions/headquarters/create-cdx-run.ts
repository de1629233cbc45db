import { z } from 'zod';
import { checkChannels } from '../../shared/customers/download/download-job.ts';
import type { Channels } from '../../shared/customers/ports.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';
import { durableInstances } from '../../shared/runs/instances.ts';
import { requestedRunSchema } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';
import { idSchema } from '../../shared/security/ids.ts';
import { cdxJob } from './cdx-job.ts';

const body = z.strictObject({ channels: z.array(idSchema).min(1).max(1_000).optional() }).optional();

/**
 * POST /cdx-jobs/{job}/runs: starts a run of P-0001 (409 with the running one's id while there is one) or of 1010, 1070
 * or 1110 (joins the running one, which then looks again), for the named channels or all.
 */
export function createCdxRun({
  runs,
  channels: known,
}: {
  readonly runs: RunRegistry;
  readonly channels: Pick<Channels, 'find'>;
}): Endpoint {
  return durableEndpoint({
    name: 'createCdxRun',
    summary: 'Run a CDX job for some channels or all.',
    method: 'POST',
    route: 'cdx-jobs/{job}/runs',
    roles: ['Administrator'],
    body,
    answers: { 202: requestedRunSchema },
    problems: ['conflict', 'rule-broken'],
    idempotent: true,
    async handle({ params, body: asked, durable }) {
      const job = cdxJob(params);
      await checkChannels(known, asked?.channels);
      const input = asked?.channels ? { channels: asked.channels } : {};
      const whenRunning = job === 'P-0001' ? 'refuse' : 'join';
      const { runId, outcome } = await runs.request(job, durableInstances(durable), { input, whenRunning });
      if (outcome === 'running') {
        throw new Problem(
          'cdx-job-running',
          { job, runId },
          {
            extra: { runId },
            retryAfterSeconds: 5,
          },
        );
      }
      return { status: 202, body: { runId }, headers: { Location: `/api/cdx-jobs/${job}/runs/${runId}` } };
    },
  });
}
