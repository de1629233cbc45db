import { z } from 'zod';
import { TABLE_NAMES } from '../../shared/catalogue/tables.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { RIGHTS } from '../../shared/records/shares/rights.ts';
import { sharedPlaceSchema } from '../../shared/records/shares/shared-pages.ts';
import { listSourceless } from '../../shared/records/shares/sourceless-rights.ts';
import type { RecordPorts } from './record-ports.ts';

/**
 * GET /access-report?table=: inherited rights on records of a table that no line bears out up to their source, in the order of
 * the records' keys. A page looks at a fixed number of shared records: it may be empty while others follow.
 */
export function getAccessReport({ recordStore }: Pick<RecordPorts, 'recordStore'>): Endpoint {
  return endpoint({
    name: 'getAccessReport',
    summary: 'List the inherited rights that nothing bears out.',
    method: 'GET',
    route: 'access-report',
    roles: ['Administrator'],
    query: z.strictObject({ ...listQuery, table: z.enum(TABLE_NAMES) }),
    answers: { 200: pageOf(itemSchema) },
    problems: [],
    async handle({ query: { table, pageSize, continuationToken } }) {
      const after =
        continuationToken === undefined ? undefined : decodeContinuation(continuationToken, sharedPlaceSchema);
      const page = await listSourceless(recordStore.tables, table, { pageSize, after });
      const more = page.after && { continuationToken: encodeContinuation(page.after) };
      return { status: 200, body: { items: page.items, ...more } };
    },
  });
}

/** An inherited right without a source; `from` is the record that it once came from. */
const itemSchema = z.strictObject({
  table: z.enum(TABLE_NAMES),
  recordId: z.string(),
  principal: z.string(),
  from: z.string(),
  rights: z.array(z.enum(RIGHTS)).readonly(),
});
