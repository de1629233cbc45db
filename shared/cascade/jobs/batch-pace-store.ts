/** Stored paces of batches: table `jobs`, PartitionKey = job id, RowKey = `pace`. The job's own row and version stay as they are. */
import { parseStored } from '../../storage/json-column.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row, StoredRow } from '../../storage/table.ts';
import { type BatchPace, batchPaceSchema, FIRST_PACE } from './batch-pace.ts';
import { JOBS_TABLE } from './job-store.ts';

/** The stored paces. */
export interface BatchPaceStore {
  /** The pace of a job; that of a new one when none was stored. */
  find(jobId: string): Promise<BatchPace>;
  /** Changes it by what is stored. Gives what was decided last, also when others were faster each time: it is advice. */
  change(jobId: string, decide: (pace: BatchPace) => BatchPace): Promise<BatchPace>;
}

interface PaceRow extends Row {
  body: string;
}

const PACE = 'pace';
const MAX_ROUNDS = 4;

/** Opens the paces. */
export function openBatchPaces(storage: Storage): BatchPaceStore {
  const table = storage.table(JOBS_TABLE);
  return {
    async find(jobId) {
      return toPace(await table.get<PaceRow>(jobId, PACE));
    },
    async change(jobId, decide) {
      for (let round = 1; ; round++) {
        const stored = await table.get<PaceRow>(jobId, PACE);
        const pace = decide(toPace(stored));
        const row: PaceRow = { partitionKey: jobId, rowKey: PACE, body: JSON.stringify(pace) };
        const write = stored
          ? ({ kind: 'merge', row, etag: stored.etag } as const)
          : ({ kind: 'insert', row } as const);
        const written = await table.write([write]);
        if (written.ok || round >= MAX_ROUNDS) return pace;
      }
    },
  };
}

function toPace(row: StoredRow<PaceRow> | undefined): BatchPace {
  return row ? parseStored('body', batchPaceSchema, row.body) : FIRST_PACE;
}
