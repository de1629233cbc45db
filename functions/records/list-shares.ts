import { z } from 'zod';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { RIGHTS, rightsOf } from '../../shared/records/shares/rights.ts';
import type { ShareSet } from '../../shared/records/shares/share-set.ts';
import { findShares } from '../../shared/records/shares/shares.ts';
import { RECORD_ROLES, type RecordPorts, recordOf } from './record-ports.ts';

const placeSchema = z.strictObject({ after: z.string() });

/** GET /tables/{table}/{id}/shares: whom the record is shared with, in the order of their ids, direct and inherited rights apart. */
export function listShares(ports: RecordPorts): Endpoint {
  return endpoint({
    name: 'listShares',
    summary: 'List whom a record is shared with.',
    method: 'GET',
    route: 'tables/{table}/{id}/shares',
    roles: RECORD_ROLES,
    query: z.strictObject(listQuery),
    answers: { 200: pageOf(itemSchema) },
    problems: [],
    async handle({ caller, params, query: { pageSize, continuationToken } }) {
      const { value } = (await recordOf(ports, { caller, params }, ['Read'])).record;
      const start = continuationToken === undefined ? '' : decodeContinuation(continuationToken, placeSchema).after;
      const { set } = await findShares(ports.recordStore.tables, value.table, value.id);
      const principals = [...set.keys()].sort().filter((each) => each > start);
      const page = principals.slice(0, pageSize);
      const after = principals.length > page.length ? page.at(-1) : undefined;
      return {
        status: 200,
        body: {
          items: page.map((each) => toItem(each, set)),
          ...(after !== undefined && { continuationToken: encodeContinuation({ after }) }),
        },
      };
    },
  });
}

const itemSchema = z.strictObject({
  principal: z.string(),
  direct: z.array(z.enum(RIGHTS)),
  inherited: z.array(z.strictObject({ from: z.string(), rights: z.array(z.enum(RIGHTS)) })),
});

function toItem(principal: string, set: ShareSet) {
  const { direct, inherited } = set.get(principal) ?? { direct: 0, inherited: new Map<string, number>() };
  return {
    principal,
    direct: rightsOf(direct),
    inherited: [...inherited].map(([from, mask]) => ({ from, rights: rightsOf(mask) })),
  };
}
