import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CascadePlan } from '../../shared/cascade/ports.ts';
import type { TableName } from '../../shared/catalogue/tables.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { ACTION_NEEDS } from '../../shared/jobs/action-needs.ts';
import { newJob } from '../../shared/jobs/job.ts';
import { jobInstances } from '../../shared/jobs/job-instances.ts';
import { startJob } from '../../shared/jobs/start-job.ts';
import { Problem } from '../../shared/problem.ts';
import { idFromPath, tableFromPath } from '../../shared/records/record-requests.ts';
import { idSchema } from '../../shared/security/ids.ts';
import { depthOf } from '../../shared/security/privileges.ts';
import type { CascadePorts } from './cascade-ports.ts';

const bodySchema = z.strictObject({ ownerId: idSchema, mode: z.enum(['auto', 'sync', 'async']).default('auto') });
type Mode = z.infer<typeof bodySchema>['mode'];

/** POST /tables/{table}/{id}/assign: gives a record, and what belongs to it, to another user. 202 with the job that does it. */
export function assignRecord(ports: CascadePorts): Endpoint {
  const { records, access, settings, relationships, jobs, now } = ports;
  return endpoint({
    name: 'assignRecord',
    method: 'POST',
    path: '/tables/:table/:id/assign',
    roles: ['Administrator', 'User'],
    body: bodySchema,
    idempotent: true,
    reserve: () => ({ jobId: randomUUID() as string, createdOn: new Date(now()).toISOString() }),
    async handle({ caller, params, body, reserved, durable, log }) {
      const { jobId, createdOn } = reserved;
      const instances = jobInstances(durable, log);
      const made = await jobs.find(jobId);
      if (made) return accepted((await startJob(ports, made, instances)).id);
      const table = tableFromPath(params.table ?? '');
      const principal = await access.principalOf(caller);
      for (const action of ACTION_NEEDS.assign.each) access.requirePrivilege(principal, action, table);
      const id = await idFromPath(records, table, params.id ?? '');
      const { value } = await records.get(table, id);
      for (const action of ACTION_NEEDS.assign.each) access.requirePrivilege(principal, action, table, value);
      await requireNewOwner(ports, table, body.ownerId);
      const { asyncCascades, lanes } = (await settings.readSettings()).settings;
      requireAsync(body.mode, asyncCascades);
      const plan: CascadePlan = {
        action: 'assign',
        jobId,
        table,
        recordId: id,
        ownerId: body.ownerId,
        formerOwnerId: value.ownerId,
        behaviors: await relationships.behaviorsOf('Assign'),
        lanes,
        by: principal.userId,
        createdOn,
      };
      return accepted((await startJob(ports, newJob(plan, caller.role), instances)).id);
    },
  });
}

function accepted(jobId: string) {
  return { status: 202, body: { jobId }, headers: { Location: `/api/system-jobs/${jobId}` } };
}

/** An owner must be able to read what it owns. */
async function requireNewOwner({ access }: CascadePorts, table: TableName, ownerId: string): Promise<void> {
  const owner = await access.principalOfUser(ownerId);
  if (owner.state !== 'enabled') {
    throw new Problem('rule-broken', `ownerId: there is no enabled user ${ownerId}.`);
  }
  if (depthOf(owner.principal, table, 'Read') === undefined) {
    throw new Problem('rule-broken', `ownerId: user ${ownerId} may not read table ${table}, so can't own its records.`);
  }
}

function requireAsync(mode: Mode, asyncCascades: boolean): void {
  if (mode !== 'sync' && asyncCascades) return;
  if (mode === 'async') {
    throw new Problem('rule-broken', 'mode: asynchronous cascades are switched off by the setting asyncCascades.');
  }
  throw new Problem(
    'not-yet-available',
    'Synchronous cascades are not available in this version. Nothing was done: send mode "async", with the setting asyncCascades on.',
  );
}
