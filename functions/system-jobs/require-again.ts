import { ACTION_NEEDS } from '../../shared/cascade/jobs/action-needs.ts';
import { permissionSubject } from '../../shared/cascade/jobs/permission-check.ts';
import { type CascadePlan, type CascadeRoot, rootsOf } from '../../shared/cascade/plans.ts';
import { Problem } from '../../shared/problem.ts';
import { forbidden } from '../../shared/security/access.ts';
import type { Principal, PrivilegeAction } from '../../shared/security/privileges.ts';
import type { SystemJobPorts } from './system-job-ports.ts';

/**
 * Refuses who may not do what a plan that was made before does, as the request for it would: Problem forbidden with
 * privilege and table. What the records below the root take is asked for before each batch, here as there.
 */
export async function requireAgain(ports: SystemJobPorts, principal: Principal, plan: CascadePlan): Promise<void> {
  const { action, table, targetTable } = permissionSubject(plan);
  const { each, target } = ACTION_NEEDS[action];
  for (const need of each) ports.access.requirePrivilege(principal, need, table);
  for (const need of targetTable === undefined ? [] : target) {
    ports.access.requirePrivilege(principal, need, targetTable ?? table);
  }
  for (const root of rootsOf(plan)) await requireOn(ports, principal, each, root);
  for (const { needs, root } of beyondRoots(plan)) await requireOn(ports, principal, needs, root);
}

/** What an action takes in addition: on the record that others are put under, and of the rights that are given away. */
function beyondRoots(
  plan: CascadePlan,
): readonly { readonly needs: readonly PrivilegeAction[]; readonly root: CascadeRoot }[] {
  const { table, recordId } = plan;
  switch (plan.action) {
    case 'merge':
      return [{ needs: ACTION_NEEDS.merge.target, root: { table, recordId } }];
    case 'share':
      return [{ needs: plan.rights, root: { table, recordId } }];
    case 'reparent': {
      const { targetTable, parentId } = plan;
      if (targetTable === undefined || parentId === null) return [];
      return [{ needs: ACTION_NEEDS.reparent.target, root: { table: targetTable, recordId: parentId } }];
    }
    default:
      return [];
  }
}

async function requireOn(
  { recordAccess, findRecord }: SystemJobPorts,
  principal: Principal,
  needs: readonly PrivilegeAction[],
  { table, recordId }: CascadeRoot,
): Promise<void> {
  const found = await findRecord(table, recordId);
  if (!found) return;
  try {
    await recordAccess.requireOn(principal, needs, found.value);
  } catch (error) {
    // The job is the caller's to see, and names the record: no use in acting as if it weren't there.
    if (!(error instanceof Problem) || error.slug !== 'not-found') throw error;
    throw forbidden('Read', table, found.value);
  }
}
