import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { recordBodySchema, toBody } from '../../shared/records/record.ts';
import { RECORD_ROLES, type RecordPorts, recordOf } from './record-ports.ts';

/** GET /tables/{table}/{id}: the record with its ETag; 404 when it is deleted or the caller may not read it. */
export function getRecord(ports: RecordPorts): Endpoint {
  return endpoint({
    name: 'getRecord',
    summary: 'Read a record.',
    method: 'GET',
    route: 'tables/{table}/{id}',
    roles: RECORD_ROLES,
    answers: { 200: recordBodySchema },
    problems: [],
    async handle({ caller, params }) {
      const { record } = await recordOf(ports, { caller, params }, ['Read']);
      return { status: 200, body: toBody(record), headers: etagHeader(record.value.version) };
    },
  });
}
