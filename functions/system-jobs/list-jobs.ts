import { z } from 'zod';
import { CASCADE_ACTIONS } from '../../shared/cascade/jobs/action-needs.ts';
import type { Job } from '../../shared/cascade/jobs/job.ts';
import { jobBodySchema } from '../../shared/cascade/jobs/job-body.ts';
import { JOB_STATUSES } from '../../shared/cascade/jobs/job-status.ts';
import type { JobNotes } from '../../shared/cascade/jobs/job-store.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { fillPage, isPlaceOf, placeSchema } from '../../shared/storage/newest-first.ts';
import { MAX_PARALLEL, mapParallel } from '../../shared/storage/parallel.ts';
import { JOB_ROLES, jobBodies, maySee, type SystemJobPorts } from './system-job-ports.ts';

const querySchema = z.strictObject({
  ...listQuery,
  view: z.enum(['cascade']).default('cascade'),
  status: z.enum(JOB_STATUSES).optional(),
  action: z.enum([...CASCADE_ACTIONS, 'revokeInheritedAccess', 'reconcileAccess', 'undo']).optional(),
  createdBy: z.string().optional(),
});

/** GET /system-jobs: the view "Cascade Operations", newest first; for a User its own jobs. */
export function listJobs(ports: SystemJobPorts): Endpoint {
  const { jobs } = ports;
  return endpoint({
    name: 'listJobs',
    method: 'GET',
    route: 'system-jobs',
    roles: JOB_ROLES,
    query: querySchema,
    answers: { 200: pageOf(jobBodySchema) },
    problems: [],
    async handle({ caller, query }) {
      const { status, action, createdBy, continuationToken, pageSize } = query;
      const start = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, placeSchema);
      const { items, after } = await fillPage<JobNotes, Job>(
        jobs.newestFirst(start),
        pageSize,
        ({ notes }) =>
          maySee(caller, notes.createdBy) &&
          (action === undefined || notes.action === action) &&
          (createdBy === undefined || notes.createdBy === createdBy),
        (entries) =>
          mapParallel(entries, MAX_PARALLEL, async (entry) => {
            const job = await jobs.find(entry.id);
            const fits = job && isPlaceOf(entry, job.plan.createdOn) && (status === undefined || job.status === status);
            return fits ? job : undefined;
          }),
      );
      const bodies = await jobBodies(ports, items);
      return { status: 200, body: { items: bodies, ...(after && { continuationToken: encodeContinuation(after) }) } };
    },
  });
}
