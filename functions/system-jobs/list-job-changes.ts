import { z } from 'zod';
import { recordOutcomeSchema } from '../../shared/cascade/chunks/change-log.ts';
import { CHANGES_CSV } from '../../shared/cascade/jobs/changes-csv.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { JOB_ROLES, jobFromPath, type SystemJobPorts } from './system-job-ports.ts';

const querySchema = z.strictObject({
  ...listQuery,
  outcome: z.enum(['done', 'failed', 'skipped', 'unprocessed']).optional(),
});

/** GET /system-jobs/{id}/changes: what became of each record of a job, with old and new values. */
export function listJobChanges(ports: SystemJobPorts): Endpoint {
  return endpoint({
    name: 'listJobChanges',
    summary: 'List what became of each record of a job.',
    method: 'GET',
    route: 'system-jobs/{id}/changes',
    roles: JOB_ROLES,
    query: querySchema,
    answers: { 200: pageOf(recordOutcomeSchema) },
    problems: [],
    csv: CHANGES_CSV,
    async handle({ caller, params, query: { outcome, pageSize, continuationToken } }) {
      const { plan } = await jobFromPath(ports, caller, params.id ?? '');
      const start = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, z.string());
      const { items, after } = await ports.cascadeRecords.changes(plan, { outcome, after: start, pageSize });
      return {
        status: 200,
        body: { items, ...(after !== undefined && { continuationToken: encodeContinuation(after) }) },
      };
    },
  });
}
