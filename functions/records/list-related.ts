import { z } from 'zod';
import { findRelationship } from '../../shared/catalogue/relationships.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { Problem } from '../../shared/problem.ts';
import { childPlaceSchema, listChildren } from '../../shared/records/list-children.ts';
import { toBody } from '../../shared/records/record.ts';
import { idFromPath, tableFromPath } from '../../shared/records/record-requests.ts';
import { RECORD_ROLES, type RecordPorts } from './record-ports.ts';

/** GET /tables/{table}/{id}/related/{relationship}: the live records under this one that the caller may read, newest first. */
export function listRelated({ records, access, recordAccess }: RecordPorts): Endpoint {
  return endpoint({
    name: 'listRelated',
    method: 'GET',
    route: 'tables/{table}/{id}/related/{relationship}',
    roles: RECORD_ROLES,
    query: z.strictObject(listQuery),
    async handle({ caller, params, query }) {
      const table = tableFromPath(params.table ?? '');
      const relationship = findRelationship(params.relationship ?? '');
      if (relationship?.parent !== table) {
        throw new Problem('not-found', `No relationship ${params.relationship} leads down from table ${table}.`);
      }
      const principal = await access.principalOf(caller);
      const parentId = await idFromPath(records, table, params.id ?? '');
      access.requirePrivilege(principal, 'Read', table);
      await recordAccess.requireOn(principal, ['Read'], (await records.get(table, parentId)).value);
      access.requirePrivilege(principal, 'Read', relationship.child);
      const token = query.continuationToken;
      const { items, after } = await listChildren(records.tables, {
        relationship,
        parentId,
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
