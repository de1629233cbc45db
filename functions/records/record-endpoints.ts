import type { Endpoint } from '../../shared/http/endpoint.ts';
import { createRecord } from './create-record.ts';
import { createRecordBatch } from './create-record-batch.ts';
import { getAccess } from './get-access.ts';
import { getAccessReport } from './get-access-report.ts';
import { getRecord } from './get-record.ts';
import { listRecords } from './list-records.ts';
import { listRelated } from './list-related.ts';
import { listRollup } from './list-rollup.ts';
import { listShares } from './list-shares.ts';
import { patchRecord } from './patch-record.ts';
import type { RecordPorts } from './record-ports.ts';
import { restoreDeletedRecord } from './restore-record.ts';

/** All addresses of single records and their lists, and the report on access to them. */
export function recordEndpoints(ports: RecordPorts): Endpoint[] {
  return [
    createRecord,
    createRecordBatch,
    getAccess,
    getAccessReport,
    getRecord,
    listRecords,
    listRelated,
    listRollup,
    listShares,
    patchRecord,
    restoreDeletedRecord,
  ].map((make) => make(ports));
}
