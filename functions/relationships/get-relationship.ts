import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import {
  type RelationshipPorts,
  relationshipFromPath,
  relationshipSchema,
  toRelationshipBody,
} from './relationship-ports.ts';

/** GET /relationships/{name}: one relationship with the behaviours that it has now. ETag "1" as shipped. */
export function getRelationship(ports: RelationshipPorts): Endpoint {
  return endpoint({
    name: 'getRelationship',
    summary: 'Read a relationship with its behaviors.',
    method: 'GET',
    route: 'relationships/{name}',
    roles: ['Administrator'],
    answers: { 200: relationshipSchema },
    problems: [],
    async handle({ params }) {
      const current = await relationshipFromPath(ports, params.name ?? '');
      return { status: 200, body: toRelationshipBody(current), headers: etagHeader(current.version) };
    },
  });
}
