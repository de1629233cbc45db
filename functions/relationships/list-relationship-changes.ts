import { z } from 'zod';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { behaviorChangeSchema } from '../../shared/records/relationships/relationship-store.ts';
import { type RelationshipPorts, relationshipFromPath } from './relationship-ports.ts';

/** GET /relationships/{name}/changes: who changed its behaviours, when, and from what to what; newest first. */
export function listRelationshipChanges(ports: RelationshipPorts): Endpoint {
  return endpoint({
    name: 'listRelationshipChanges',
    summary: 'List who changed the behaviors of a relationship.',
    method: 'GET',
    route: 'relationships/{name}/changes',
    roles: ['Administrator'],
    query: z.strictObject(listQuery),
    answers: { 200: pageOf(behaviorChangeSchema) },
    problems: [],
    async handle({ params, query: { pageSize, continuationToken } }) {
      const { name } = (await relationshipFromPath(ports, params.name ?? '')).relationship;
      const from =
        continuationToken === undefined
          ? undefined
          : decodeContinuation(continuationToken, z.number().int().min(0).max(999_999_999));
      const { items, below } = await ports.relationships.changes(name, pageSize, from);
      const more = below !== undefined && { continuationToken: encodeContinuation(below) };
      return { status: 200, body: { items, ...more } };
    },
  });
}
