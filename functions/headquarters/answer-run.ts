import type { DurableClient } from 'durable-functions';
import type { Answer } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';
import { countsOnTheWay, durableInstances } from '../../shared/runs/instances.ts';
import { type JobName, toRunBody } from '../../shared/runs/run.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';

/**
 * Answers with a run of a job; looking at one that isn't over also mends what a crash has left of it.
 * One that is under way shows what it has done so far.
 */
export async function answerRun(
  runs: RunRegistry,
  job: JobName,
  runId: string,
  durable: DurableClient,
): Promise<Answer> {
  const run = /^[0-9a-f-]{36}$/.test(runId) ? await runs.find(job, runId, durableInstances(durable)) : undefined;
  if (!run) throw new Problem('cdx-run-unknown', { job, runId });
  const counts = run.status === 'Running' ? await countsOnTheWay(durable, runId) : undefined;
  return { status: 200, body: toRunBody(counts ? { ...run, counts } : run) };
}
