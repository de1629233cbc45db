import type { Endpoint } from '../../shared/http/endpoint.ts';
import { getRelationship } from './get-relationship.ts';
import { listRelationshipChanges } from './list-relationship-changes.ts';
import { listRelationships } from './list-relationships.ts';
import { putRelationship } from './put-relationship.ts';
import type { RelationshipPorts } from './relationship-ports.ts';

/** All addresses under /relationships. */
export function relationshipEndpoints(ports: RelationshipPorts): Endpoint[] {
  return [listRelationships, getRelationship, putRelationship, listRelationshipChanges].map((make) => make(ports));
}
