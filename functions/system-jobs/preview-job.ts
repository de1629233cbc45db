import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { requireLegal } from '../../shared/cascade/jobs/command-job.ts';
import type { CascadePlan } from '../../shared/cascade/plans.ts';
import type { TableName } from '../../shared/catalogue/tables.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';
import type { Caller } from '../../shared/security/caller.ts';
import type { PrivilegeAction } from '../../shared/security/privileges.ts';
import { distinct, lackingOf, MAX_ROWS, previewSchema } from '../cascades/preview-body.ts';
import { requireAgain } from './require-again.ts';
import { rerunPlan } from './rerun-job.ts';
import { undoneAlready } from './successor-command.ts';
import { JOB_ROLES, jobFromPath, type SystemJobPorts, withMadeSuccessors } from './system-job-ports.ts';
import { undoPlan } from './undo-job.ts';

const bodySchema = z.strictObject({ command: z.enum(['undo', 'rerun']) });
const PLANS = { undo: undoPlan, rerun: rerunPlan } as const;

/**
 * POST /system-jobs/{id}/preview `{command}`: what an undo or a rerun would come to if it were asked for now. Of an undo the
 * records that the job has changed: those that others changed since it will pass over. Changes nothing; 409 where the
 * command itself would be.
 */
export function previewJob(ports: SystemJobPorts): Endpoint {
  return endpoint({
    name: 'previewJob',
    summary: 'Preview what an undo or a rerun of the job would do.',
    method: 'POST',
    route: 'system-jobs/{id}/preview',
    roles: JOB_ROLES,
    body: bodySchema,
    answers: { 200: previewSchema },
    problems: ['conflict'],
    async handle({ caller, params, body: { command } }) {
      const old = await withMadeSuccessors(ports, await jobFromPath(ports, caller, params.id ?? ''));
      if (command === 'undo' && old.undoneBy !== undefined) throw undoneAlready(old.id, old.undoneBy);
      requireLegal(old, command);
      const createdOn = new Date(ports.now()).toISOString();
      const plan = PLANS[command](old, { jobId: randomUUID(), by: caller.id, createdOn });
      const { ownTables, ...counts } = await ports.cascadeRecords.survey(plan, MAX_ROWS);
      const lacking = await lackingOf(ports.access, plan, caller, { ...counts, ownTables });
      const missingPrivileges = distinct([...(await lackingAtRoot(ports, plan, caller)), ...lacking]);
      return { status: 200, body: { mode: 'async', ...counts, missingPrivileges } };
    },
  });
}

/** What the command itself would be refused for. */
async function lackingAtRoot(
  ports: SystemJobPorts,
  plan: CascadePlan,
  caller: Caller,
): Promise<{ readonly privilege: PrivilegeAction; readonly table: TableName }[]> {
  try {
    await requireAgain(ports, await ports.access.principalOf(caller), plan);
    return [];
  } catch (error) {
    if (!(error instanceof Problem) || error.slug !== 'forbidden') throw error;
    const { privilege, table } = error.extra;
    return [{ privilege: privilege as PrivilegeAction, table: table as TableName }];
  }
}
