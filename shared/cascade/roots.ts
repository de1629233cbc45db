import type { TableName } from '../catalogue/tables.ts';
import type { CascadePlan } from './plans.ts';

/** A record that a job begins at, and that no other job may begin at meanwhile. */
export interface CascadeRoot {
  readonly table: TableName;
  readonly recordId: string;
}

/** The roots of a plan, in the order in which they are claimed: that of their ids, so that two jobs never wait for each other. */
export function rootsOf(plan: CascadePlan): CascadeRoot[] {
  const { table, recordId } = plan;
  const subordinateId = 'subordinateId' in plan ? plan.subordinateId : undefined;
  const ids = subordinateId === undefined ? [recordId] : [recordId, subordinateId];
  return ids.sort().map((id) => ({ table, recordId: id }));
}
