import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import { recordBodySchema, toBody } from '../../shared/records/record.ts';
import { parsePatch } from '../../shared/records/record-requests.ts';
import { requireAppend } from './new-record.ts';
import { RECORD_ROLES, type RecordPorts, recordOf } from './record-ports.ts';

/** PATCH /tables/{table}/{id}: a merge-patch under If-Match. 200 with the record as it is now. */
export function patchRecord(ports: RecordPorts): Endpoint {
  const { recordStore, relationships } = ports;
  return endpoint({
    name: 'patchRecord',
    summary: 'Change a record.',
    method: 'PATCH',
    route: 'tables/{table}/{id}',
    roles: RECORD_ROLES,
    body: z.unknown(),
    answers: { 200: recordBodySchema },
    problems: ['conflict', 'locked', 'rule-broken', 'use-an-action'],
    ifMatch: 'required',
    async handle({ caller, params, body, ifMatch }) {
      const { table, principal, record } = await recordOf(ports, { caller, params }, ['Write']);
      const { value } = record;
      const change = await parsePatch(recordStore, relationships, table, body);
      if (ifMatch === undefined) {
        throw new Problem('record-version-needed', {});
      }
      await requireAppend(ports, principal, table, change.lookups ?? {});
      const on = new Date(ports.now()).toISOString();
      const changed = await recordStore.change(table, value.id, change, {
        by: principal.userId,
        on,
        ifVersion: ifMatch,
      });
      return { status: 200, body: toBody(changed), headers: etagHeader(changed.value.version) };
    },
  });
}
