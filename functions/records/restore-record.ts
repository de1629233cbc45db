import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { recordBodySchema, toBody } from '../../shared/records/record.ts';
import { findDeleted, restoreRecord } from '../../shared/records/restore-record.ts';
import { checkIfMatch } from '../../shared/storage/preconditions.ts';
import { RECORD_ROLES, type RecordPorts, storedRecordOf, tableOf } from './record-ports.ts';

/** POST /tables/{table}/{id}/restore: brings one deleted record back, under the parents that it had. 200 with the record. */
export function restoreDeletedRecord(ports: RecordPorts): Endpoint {
  const { recordStore, access } = ports;
  return endpoint({
    name: 'restoreRecord',
    summary: 'Bring a deleted record back.',
    method: 'POST',
    route: 'tables/{table}/{id}/restore',
    roles: RECORD_ROLES,
    answers: { 200: recordBodySchema },
    problems: ['conflict', 'locked', 'rule-broken'],
    ifMatch: 'heeded',
    idempotent: true,
    reserve: () => ({ on: new Date(ports.now()).toISOString() }),
    async handle({ caller, params, ifMatch, reserved }) {
      const { table, principal } = await tableOf(ports, { caller, params }, ['Create']);
      const named = { table, reference: params.id ?? '' };
      const { id } = (await storedRecordOf(ports, principal, named, ['Read'])).value;
      const { value } = await findDeleted(recordStore.tables, table, id);
      access.requirePrivilege(principal, 'Create', table, value);
      checkIfMatch({ ifMatch, version: value.version, required: false, what: `the ${table} ${id}` });
      const restored = await restoreRecord(recordStore.tables, value, { by: principal.userId, on: reserved.on });
      return { status: 200, body: toBody(restored), headers: etagHeader(restored.value.version) };
    },
  });
}
