import { randomUUID } from 'node:crypto';
import type { MergePlan, UndoPlan } from '../../../shared/cascade/plans.ts';
import { RELATIONSHIPS } from '../../../shared/catalogue/relationships.ts';

/** A plan that merges a record into another of its table, with the behaviours as shipped. */
export function mergePlan(recordId: string, subordinateId: string, more: Partial<MergePlan> = {}): MergePlan {
  const behaviors = Object.fromEntries(RELATIONSHIPS.map(({ name, defaults }) => [name, defaults.Merge]));
  const fixed = { formerOwnerId: 'anna', lanes: 1, by: 'admin', createdOn: '2026-02-01T10:00:00.000Z' } as const;
  const merge = { action: 'merge', table: 'account', targetTable: 'account', content: {} } as const;
  return {
    ...{ jobId: randomUUID(), recordId, subordinateId, behaviors, performParentingChecks: true },
    ...{ ...fixed, ...merge, ...more },
  };
}

/** A plan that takes a merge back. */
export function undoMergePlan(plan: MergePlan): UndoPlan {
  const { jobId, table, recordId, subordinateId, lanes, by, createdOn, formerOwnerId } = plan;
  const common = { table, recordId, subordinateId, lanes, by, createdOn, formerOwnerId, behaviors: {} };
  return { ...common, jobId: randomUUID(), action: 'undo', undoneJobId: jobId, undoneAction: 'merge' };
}
