import type { Endpoint } from '../../shared/http/endpoint.ts';
import { getRelationship } from './get-relationship.ts';
import { listRelationshipChanges } from './list-relationship-changes.ts';
import { listRelationships } from './list-relationships.ts';
import { putRelationship } from './put-relationship.ts';
import type { CleanupPorts } from './relationship-ports.ts';
import { revokeInheritedAccess } from './revoke-inherited-access.ts';

/** All addresses under /relationships. */
export function relationshipEndpoints(ports: CleanupPorts): Endpoint[] {
  return [listRelationships, getRelationship, putRelationship, listRelationshipChanges, revokeInheritedAccess].map(
    (make) => make(ports),
  );
}
