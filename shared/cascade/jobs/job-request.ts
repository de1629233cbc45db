/** What was asked of a job, in the words of the request. */
import { z } from 'zod';
import { RIGHTS } from '../../records/shares/rights.ts';
import type { CascadePlan } from '../plans.ts';

/** Schema of what was asked; each action has some of it. */
export const requestSchema = z.strictObject({
  mode: z.enum(['auto', 'sync', 'async']).optional(),
  ownerId: z.string().optional(),
  principal: z.string().optional(),
  rights: z.array(z.enum(RIGHTS)).readonly().optional(),
  subordinateId: z.string().optional(),
  content: z.record(z.string(), z.unknown()).readonly().optional(),
  performParentingChecks: z.boolean().optional(),
  relationship: z.string().optional(),
  parentId: z.string().nullable().optional(),
});
type JobRequest = z.infer<typeof requestSchema>;

/** What was asked for, as the plan has it. */
export function requestOf(plan: CascadePlan): JobRequest {
  const { askedMode } = plan;
  return { ...(askedMode !== undefined && { mode: askedMode }), ...ofAction(plan) };
}

function ofAction(plan: CascadePlan): JobRequest {
  switch (plan.action) {
    case 'assign':
      return { ownerId: plan.ownerId };
    case 'share':
      return { principal: plan.principal, rights: plan.rights };
    case 'unshare':
      return { principal: plan.principal };
    case 'merge': {
      const { subordinateId, content, performParentingChecks } = plan;
      return { subordinateId, content, performParentingChecks };
    }
    case 'reparent':
      return { relationship: plan.relationship, parentId: plan.parentId };
    case 'revokeInheritedAccess':
      return { relationship: plan.recordId };
    case 'delete':
    case 'reconcileAccess':
    case 'undo':
      return {};
  }
}
