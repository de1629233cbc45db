import { z } from 'zod';
import { CASCADE_ACTIONS } from '../../shared/cascade/jobs/action-needs.ts';
import type { Job } from '../../shared/cascade/jobs/job.ts';
import { jobBodySchema } from '../../shared/cascade/jobs/job-body.ts';
import { JOB_STATUSES } from '../../shared/cascade/jobs/job-status.ts';
import { JOB_INDEX_SCOPE, type JobNotes } from '../../shared/cascade/jobs/job-store.ts';
import { rootsOf } from '../../shared/cascade/plans.ts';
import { TABLE_NAMES } from '../../shared/catalogue/tables.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import {
  fillPage,
  type IndexEntry,
  isPlaceOf,
  type Place,
  placeBefore,
  placeSchema,
  timeOfPlace,
} from '../../shared/storage/newest-first.ts';
import { MAX_PARALLEL, mapParallel } from '../../shared/storage/parallel.ts';
import { JOB_ROLES, jobBodies, maySee, type SystemJobPorts } from './system-job-ports.ts';

const querySchema = z.strictObject({
  ...listQuery,
  view: z.enum(['cascade']).default('cascade'),
  status: z.enum(JOB_STATUSES).optional(),
  action: z.enum([...CASCADE_ACTIONS, 'revokeInheritedAccess', 'reconcileAccess', 'undo']).optional(),
  createdBy: z.string().optional(),
  record: z.guid().toLowerCase().optional(),
  table: z.enum(TABLE_NAMES).optional(),
  /** Made at or after `from`, and before `to`. */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
type Filter = z.infer<typeof querySchema>;

/** GET /system-jobs: the view "Cascade Operations", newest first; for a User its own jobs. */
export function listJobs(ports: SystemJobPorts): Endpoint {
  const { jobs } = ports;
  return endpoint({
    name: 'listJobs',
    summary: 'List jobs, the caller’s own for a User.',
    method: 'GET',
    route: 'system-jobs',
    roles: JOB_ROLES,
    query: querySchema,
    answers: { 200: pageOf(jobBodySchema) },
    problems: [],
    async handle({ caller, query }) {
      const { continuationToken, pageSize } = query;
      const start =
        continuationToken === undefined ? firstPlace(query) : decodeContinuation(continuationToken, placeSchema);
      const { items, after } = await fillPage<JobNotes, Job>(
        since(jobs.newestFirst(start), query),
        pageSize,
        ({ notes }) => maySee(caller, notes.createdBy) && notesFit(notes, query),
        (entries) =>
          mapParallel(entries, MAX_PARALLEL, async (entry) => {
            const job = await jobs.find(entry.id);
            return job && isPlaceOf(entry, job.plan.createdOn) && jobFits(job, query) ? job : undefined;
          }),
      );
      const bodies = await jobBodies(ports, items);
      return { status: 200, body: { items: bodies, ...(after && { continuationToken: encodeContinuation(after) }) } };
    },
  });
}

/** Where a list up to a time begins. */
function firstPlace({ to }: Filter): Place | undefined {
  return to === undefined ? undefined : placeBefore(JOB_INDEX_SCOPE, Date.parse(to));
}

/** The entries down to a time. */
async function* since(
  entries: AsyncIterable<IndexEntry<JobNotes>>,
  { from }: Filter,
): AsyncGenerator<IndexEntry<JobNotes>> {
  for await (const entry of entries) {
    if (from !== undefined && timeOfPlace(entry.place) < Date.parse(from)) return;
    yield entry;
  }
}

/** What an entry tells; one from before the table was noted tells less than its job. */
function notesFit(notes: JobNotes, { action, createdBy, table }: Filter): boolean {
  return (
    (action === undefined || notes.action === action) &&
    (createdBy === undefined || notes.createdBy === createdBy) &&
    (table === undefined || (notes.table ?? table) === table)
  );
}

/** What the job itself tells. A job of a record begins at it, or merges it. */
function jobFits({ status, plan }: Job, filter: Filter): boolean {
  const { record, table, from, to } = filter;
  const made = Date.parse(plan.createdOn);
  return (
    (filter.status === undefined || status === filter.status) &&
    (table === undefined || plan.table === table) &&
    (record === undefined || rootsOf(plan).some(({ recordId }) => recordId === record)) &&
    (from === undefined || made >= Date.parse(from)) &&
    (to === undefined || made < Date.parse(to))
  );
}
