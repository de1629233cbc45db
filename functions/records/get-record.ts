import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { toBody } from '../../shared/records/record.ts';
import { idFromPath, tableFromPath } from '../../shared/records/record-requests.ts';
import { RECORD_ROLES, type RecordPorts } from './record-ports.ts';

/** GET /tables/{table}/{id}: the record with its ETag; 404 when it is deleted or the caller may not read it. */
export function getRecord({ records, access, recordAccess }: RecordPorts): Endpoint {
  return endpoint({
    name: 'getRecord',
    method: 'GET',
    path: '/tables/:table/:id',
    roles: RECORD_ROLES,
    async handle({ caller, params }) {
      const table = tableFromPath(params.table ?? '');
      const principal = await access.principalOf(caller);
      access.requirePrivilege(principal, 'Read', table);
      const record = await records.get(table, await idFromPath(records, table, params.id ?? ''));
      await recordAccess.requireOn(principal, ['Read'], record.value);
      return { status: 200, body: toBody(record), headers: etagHeader(record.value.version) };
    },
  });
}
