import { randomUUID } from 'node:crypto';
import type { PlanCommon, ReparentPlan, SharePlan, UnsharePlan } from '../../../../shared/cascade/plans.ts';
import {
  findRelationship,
  RELATIONSHIPS,
  type RelationshipAction,
} from '../../../../shared/catalogue/relationships.ts';
import type { TableName } from '../../../../shared/catalogue/tables.ts';
import { type Right, rightsOf } from '../../../../shared/records/shares/rights.ts';
import { findShares } from '../../../../shared/records/shares/shares.ts';
import type { CascadeFixture } from '../../cascade/cascade-fixture.ts';

const behaviorsOf = (action: RelationshipAction) =>
  Object.fromEntries(RELATIONSHIPS.map(({ name, defaults }) => [name, defaults[action]]));

function common(table: TableName, recordId: string, action: RelationshipAction): PlanCommon {
  const fixed = { formerOwnerId: 'anna', lanes: 1, by: 'admin', createdOn: '2026-03-01T10:00:00.000Z' };
  return { jobId: randomUUID(), table, recordId, behaviors: behaviorsOf(action), ...fixed };
}

/** Plans of the actions that change shares, with the behaviours as shipped. */
export function sharePlan(table: TableName, id: string, principal: string, rights: readonly Right[]): SharePlan {
  return { ...common(table, id, 'Share'), action: 'share', principal, rights };
}

export function unsharePlan(table: TableName, id: string, principal: string): UnsharePlan {
  return { ...common(table, id, 'Unshare'), action: 'unshare', principal };
}

export async function reparentPlan(
  { records }: CascadeFixture,
  table: TableName,
  id: string,
  name: string,
  parentId: string | null,
): Promise<ReparentPlan> {
  const relationship = findRelationship(name);
  if (!relationship) throw new Error(name);
  const root = (await records.get(table, id)).value;
  return {
    ...common(table, id, 'Reparent'),
    action: 'reparent',
    relationship: name,
    parentId,
    formerParentId: root.lookups[name] ?? null,
    targetTable: relationship.parent,
  };
}

/** What a record's shares say, in words: `bob: direct Read; <source> Read, Write`. */
export async function told({ records }: CascadeFixture, table: TableName, id: string): Promise<string[]> {
  const { set } = await findShares(records.tables, table, id);
  return [...set].map(([principal, { direct, inherited }]) => {
    const sources = [...inherited].map(([from, mask]) => `${from} ${rightsOf(mask).join(', ')}`).sort();
    const parts = direct === 0 ? sources : [`direct ${rightsOf(direct).join(', ')}`, ...sources];
    return `${principal}: ${parts.join('; ')}`;
  });
}
