import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { PlanCommon, RevokePlan } from '../../shared/cascade/plans.ts';
import type { Relationship } from '../../shared/catalogue/relationships.ts';
import { TABLE_NAMES } from '../../shared/catalogue/tables.ts';
import type { CleanupPorts } from './relationship-ports.ts';

/** Shared records that an offer looks at; beyond them it says that there may be more. */
const MAX_ROWS = 10_000;

/** The plan of a job that takes away what came down over a relationship. */
export async function revokePlan(
  { relationships }: Pick<CleanupPorts, 'relationships'>,
  { name, child }: Relationship,
  job: Pick<PlanCommon, 'jobId' | 'by' | 'createdOn'>,
): Promise<RevokePlan> {
  const behaviors = await relationships.behaviorsOf('Share');
  // Nothing compares with the owner of a root, as there is no root; levels wait for one another.
  const common = { ...job, table: child, recordId: name, formerOwnerId: '', behaviors, lanes: 1 };
  return { ...common, action: 'revokeInheritedAccess' };
}

/** Schema of the offer. */
export const cleanupSchema = z.strictObject({
  action: z.literal('revokeInheritedAccess'),
  method: z.literal('POST'),
  href: z.string(),
  records: z.number().int(),
  byTable: z.partialRecord(z.enum(TABLE_NAMES), z.number().int()),
  complete: z.boolean().describe('False: there may be more.'),
  text: z.string(),
});

/** What could be cleaned up now that Share doesn't cascade over a relationship any more, and the call that does it. */
export async function offerCleanup(ports: CleanupPorts, relationship: Relationship, by: string) {
  const createdOn = new Date(ports.now()).toISOString();
  const plan = await revokePlan(ports, relationship, { jobId: randomUUID(), by, createdOn });
  const { total: records, byTable, complete } = await ports.cascadeRecords.survey(plan, MAX_ROWS);
  const { name } = relationship;
  const text =
    records === 0 && complete
      ? `No record has inherited rights that came down over ${name} alone.`
      : `${complete ? '' : 'At least '}${records} records keep inherited rights that came down over ${name} alone. The call takes them away, as a system job that can be undone.`;
  const href = `/api/relationships/${name}/revoke-inherited-access`;
  return { action: plan.action, method: 'POST', href, records, byTable, complete, text };
}
