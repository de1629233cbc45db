import { z } from 'zod';
import { BEHAVIORS, RELATIONSHIP_ACTIONS } from '../../shared/catalogue/relationships.ts';
import { TABLE_NAMES } from '../../shared/catalogue/tables.ts';
import { Problem } from '../../shared/problem.ts';
import { RELATIONSHIP_TYPES, typeOf } from '../../shared/records/relationships/behavior-rules.ts';
import type { CurrentRelationship, RelationshipStore } from '../../shared/records/relationships/relationship-store.ts';
import type { CascadePorts } from '../cascades/cascade-ports.ts';

/** What the endpoints of relationships work with. */
export interface RelationshipPorts {
  readonly relationships: RelationshipStore;
}

/** What those of them work with that clean up inherited rights. */
export interface CleanupPorts
  extends RelationshipPorts,
    Pick<CascadePorts, 'cascadeRecords' | 'settings' | 'access' | 'jobs' | 'rootClaims' | 'finishSync' | 'now'> {}

/** The relationship that a path names. Throws Problem not-found. */
export async function relationshipFromPath(
  { relationships }: RelationshipPorts,
  name: string,
): Promise<CurrentRelationship> {
  const found = await relationships.find(name);
  if (found) return found;
  throw new Problem('relationship-unknown', { name });
}

/** The JSON of a relationship. PUT takes it back. */
export function toRelationshipBody({ relationship, ...current }: CurrentRelationship) {
  const { name, parent, child } = relationship;
  const { behaviors, version, modifiedBy = null, modifiedOn = null } = current;
  return { name, parent, child, type: typeOf(behaviors), behaviors, version, modifiedBy, modifiedOn };
}

/** Schema of a relationship's JSON. */
export const relationshipSchema = z.strictObject({
  name: z.string(),
  parent: z.enum(TABLE_NAMES),
  child: z.enum(TABLE_NAMES),
  type: z.enum(RELATIONSHIP_TYPES),
  behaviors: z.record(z.enum(RELATIONSHIP_ACTIONS), z.enum(BEHAVIORS)),
  version: z.number().int(),
  modifiedBy: z.string().nullable().describe('Null as shipped, as is modifiedOn.'),
  modifiedOn: z.iso.datetime().nullable(),
});
