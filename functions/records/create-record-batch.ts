import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { problemSchema } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';
import type { NewRecord } from '../../shared/records/create-records.ts';
import { derivedId } from '../../shared/records/record-ids.ts';
import { MAX_PARALLEL, mapParallel } from '../../shared/storage/parallel.ts';
import { createLooked, newRecord } from './new-record.ts';
import { RECORD_ROLES, type RecordPorts, tableOf } from './record-ports.ts';

const MAX_RECORDS = 1000;
/** As many records as a partition should hold share the bucket of one reserved id. */
const RECORDS_PER_BUCKET = 250;
const MAX_BODY_BYTES = 4 * 1024 * 1024;

const bodySchema = z.strictObject({ records: z.array(z.unknown()).min(1).max(MAX_RECORDS) });

/** What became of one record. */
const resultSchema = z.union([
  z.strictObject({ index: z.number().int(), status: z.literal(201), id: z.guid() }),
  z.strictObject({ index: z.number().int(), status: z.number().int(), problem: problemSchema }),
]);

/** POST /tables/{table}/batch: makes up to 1,000 records, each by itself. 207 with a result per record, in the order sent. */
export function createRecordBatch(ports: RecordPorts): Endpoint {
  return endpoint({
    name: 'createRecordBatch',
    summary: 'Make up to 1,000 records, each by itself.',
    method: 'POST',
    route: 'tables/{table}/batch',
    roles: RECORD_ROLES,
    body: bodySchema,
    answers: { 207: z.strictObject({ results: z.array(resultSchema) }) },
    problems: [],
    maxBodyBytes: MAX_BODY_BYTES,
    idempotent: true,
    reserve: ({ records }) => ({
      ids: Array.from({ length: Math.ceil(records.length / RECORDS_PER_BUCKET) }, (_, part) =>
        ports.newId(Math.min(RECORDS_PER_BUCKET, records.length - part * RECORDS_PER_BUCKET)),
      ),
      createdOn: new Date(ports.now()).toISOString(),
    }),
    async handle({ caller, params, body, reserved, claim }) {
      const { table, principal } = await tableOf(ports, { caller, params }, ['Create']);
      const request = claim?.id ?? randomUUID();
      const looked = createLooked(ports);
      const checked = await mapParallel([...body.records.entries()], MAX_PARALLEL, async ([index, each]) => {
        const freeId = derivedId(reserved.ids[Math.floor(index / RECORDS_PER_BUCKET)] ?? '', String(index));
        const making = {
          table,
          principal,
          freeId,
          createdOn: reserved.createdOn,
          origin: `${request}:${index}`,
          looked,
        };
        return newRecord(ports, each, making).catch(asProblem);
      });
      const good = checked.filter((each): each is NewRecord => !(each instanceof Problem));
      const made = await ports.recordStore.createMany(good);
      const outcomes = checked.map((each) => (each instanceof Problem ? each : made[good.indexOf(each)]));
      return { status: 207, body: { results: outcomes.map(toResult) } };
    },
  });
}

/** A refusal of one record is its result; anything else ends the request. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

function toResult(
  outcome: Awaited<ReturnType<RecordPorts['recordStore']['createMany']>>[number] | undefined,
  index: number,
) {
  if (outcome === undefined) throw new Error(`Record ${index} of a batch has no outcome`);
  if (outcome instanceof Problem) return { index, status: outcome.status, problem: outcome.toBody() };
  return { index, status: 201, id: outcome.value.id };
}
