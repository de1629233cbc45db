import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { recordBodySchema, toBody } from '../../shared/records/record.ts';
import { newRecord } from './new-record.ts';
import { RECORD_ROLES, type RecordPorts, tableOf } from './record-ports.ts';

/** POST /tables/{table}: makes one record. 201 with the record, Location and ETag. */
export function createRecord(ports: RecordPorts): Endpoint {
  return endpoint({
    name: 'createRecord',
    summary: 'Make a record.',
    method: 'POST',
    route: 'tables/{table}',
    roles: RECORD_ROLES,
    body: z.unknown(),
    answers: { 201: recordBodySchema },
    problems: ['conflict', 'locked', 'rule-broken'],
    idempotent: true,
    reserve: () => ({ id: ports.newId(), createdOn: new Date(ports.now()).toISOString() }),
    async handle({ caller, params, body, reserved, claim }) {
      const { table, principal } = await tableOf(ports, { caller, params }, []);
      const origin = claim?.id ?? randomUUID();
      const record = await newRecord(ports, body, {
        table,
        principal,
        freeId: reserved.id,
        createdOn: reserved.createdOn,
        origin,
      });
      const made = await ports.recordStore.create(record);
      const headers = { Location: `/api/tables/${table}/${made.value.id}`, ...etagHeader(made.value.version) };
      return { status: 201, body: toBody(made), headers };
    },
  });
}
