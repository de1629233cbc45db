import { z } from 'zod';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { type RelationshipPorts, relationshipSchema, toRelationshipBody } from './relationship-ports.ts';

/** GET /relationships: every relationship with the behaviours that it has now, in the order of the catalogue. */
export function listRelationships({ relationships }: RelationshipPorts): Endpoint {
  return endpoint({
    name: 'listRelationships',
    summary: 'List the relationships with their behaviors.',
    method: 'GET',
    route: 'relationships',
    roles: ['Administrator'],
    query: z.strictObject(listQuery),
    answers: { 200: pageOf(relationshipSchema) },
    problems: [],
    async handle({ query: { pageSize, continuationToken } }) {
      const start =
        continuationToken === undefined ? 0 : decodeContinuation(continuationToken, z.number().int().min(0));
      const all = await relationships.list();
      const end = start + pageSize;
      const more = end < all.length && { continuationToken: encodeContinuation(end) };
      return { status: 200, body: { items: all.slice(start, end).map(toRelationshipBody), ...more } };
    },
  });
}
