import { z } from 'zod';
import type { CascadePlan } from '../../shared/cascade/plans.ts';
import { Problem } from '../../shared/problem.ts';
import type { CascadePorts } from './cascade-ports.ts';
import { type CascadeEndpoint, cascadeEndpoint, modeSchema } from './start-cascade.ts';

const querySchema = z.strictObject({ mode: modeSchema });

/** DELETE /tables/{table}/{id}?mode=: deletes a record, and what belongs to it. 202 with the job that does it, or 200 once it is done. */
export function deleteRecord(ports: CascadePorts): CascadeEndpoint {
  return cascadeEndpoint<undefined, z.infer<typeof querySchema>>(ports, {
    name: 'deleteRecord',
    summary: 'Delete a record, and what belongs to it.',
    method: 'DELETE',
    route: 'tables/{table}/{id}',
    query: querySchema,
    action: 'delete',
    behavior: 'Delete',
    modeOf: ({ query }) => query.mode,
    planOf: (common) => ({ ...common, action: 'delete' }),
    async check(plan, mode) {
      if (mode === 'async') await refuseFenced(ports, plan);
      // What appears later, or lies beyond what is looked at here, the job itself finds under its fences.
      const { blockers } = await ports.cascadeRecords.survey(plan);
      if (blockers.length === 0) return;
      throw new Problem(
        'delete-blocked',
        { blockers: blockers.map(({ relationship, count }) => `${relationship} (${count})`) },
        { extra: { blockers } },
      );
    },
  });
}

/** A record that another job is deleting together with its parent: a job would wait for that one. A transaction may be faster. */
async function refuseFenced({ recordStore }: CascadePorts, { table, recordId, jobId }: CascadePlan): Promise<void> {
  const { lock } = await recordStore.get(table, recordId);
  if (lock?.kind !== 'fence' || lock.jobId === jobId || !(await recordStore.tables.fenceHolds(lock.jobId))) return;
  throw new Problem(
    'record-being-deleted',
    { table, id: recordId, jobId: lock.jobId },
    {
      extra: { jobId: lock.jobId },
    },
  );
}
