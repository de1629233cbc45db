import { createHash } from 'node:crypto';
import type { Job } from '../../shared/cascade/jobs/job.ts';
import { finishSyncJob } from '../../shared/cascade/jobs/run-sync-job.ts';
import { Problem } from '../../shared/problem.ts';
import type { CascadePorts } from './cascade-ports.ts';

interface Reserved {
  readonly jobId: string;
  readonly createdOn: string;
}

/**
 * What became of earlier attempts of a request: the job that they made, or the id of the one to make. A synchronous job
 * that failed is no obstacle: the request starts anew (C2), under an id that follows from the failed one. Throws Problem
 * request-in-flight while one is under way.
 */
export async function findAttempt(ports: CascadePorts, reserved: Reserved): Promise<{ readonly made: Job } | Reserved> {
  const { jobs, now } = ports;
  let { jobId } = reserved;
  for (let isFirst = true; ; isFirst = false) {
    const made = await jobs.find(jobId);
    if (!made) return isFirst ? reserved : { jobId, createdOn: new Date(now()).toISOString() };
    if (made.mode === 'async') return { made };
    const ended = await finishSyncJob(ports, made);
    if (!ended) {
      throw new Problem('earlier-attempt-under-way', { jobId }, { extra: { jobId }, retryAfterSeconds: 2 });
    }
    if (ended.status === 'Completed') return { made: ended };
    jobId = nextId(jobId);
  }
}

/** An id in the form of a GUID that is always the same for the same id. */
function nextId(id: string): string {
  const hash = createHash('sha256').update(`again ${id}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
