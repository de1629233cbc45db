import { z } from 'zod';
import { findRelationship, type Relationship } from '../../shared/catalogue/relationships.ts';
import type { TableName } from '../../shared/catalogue/tables.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { Problem } from '../../shared/problem.ts';
import { childPlaceSchema, listChildren } from '../../shared/records/list-children.ts';
import { recordBodySchema, toBody } from '../../shared/records/record.ts';
import { tableFromPath } from '../../shared/records/record-requests.ts';
import { RECORD_ROLES, type RecordPorts, recordOf } from './record-ports.ts';

/** GET /tables/{table}/{id}/related/{relationship}: the live records under this one that the caller may read, newest first. */
export function listRelated(ports: RecordPorts): Endpoint {
  const { recordStore, recordAccess } = ports;
  return endpoint({
    name: 'listRelated',
    summary: 'List the records under a record by one relationship.',
    method: 'GET',
    route: 'tables/{table}/{id}/related/{relationship}',
    roles: RECORD_ROLES,
    query: z.strictObject(listQuery),
    answers: { 200: pageOf(recordBodySchema) },
    problems: [],
    async handle({ caller, params, query }) {
      const relationship = relationshipFrom(tableFromPath(params.table ?? ''), params.relationship ?? '');
      const { principal, record } = await recordOf(ports, { caller, params }, ['Read']);
      ports.access.requirePrivilege(principal, 'Read', relationship.child);
      const token = query.continuationToken;
      const { items, after } = await listChildren(recordStore.tables, {
        relationship,
        parentId: record.value.id,
        pageSize: query.pageSize,
        after: token === undefined ? undefined : decodeContinuation(token, childPlaceSchema),
        shown: (children) => recordAccess.readable(principal, children),
      });
      return {
        status: 200,
        body: { items: items.map(toBody), ...(after && { continuationToken: encodeContinuation(after) }) },
      };
    },
  });
}

/** The relationship of this name that leads down from a table. Throws Problem not-found. */
function relationshipFrom(table: TableName, name: string): Relationship {
  const relationship = findRelationship(name);
  if (relationship?.parent === table) return relationship;
  throw new Problem('relationship-not-of-table', { name, table });
}
