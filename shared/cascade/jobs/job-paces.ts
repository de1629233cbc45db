/** Stored paces of jobs: table `jobs`, PartitionKey = job id, RowKey = `pace`, beside the job, whose version they leave alone. */
import type { Storage } from '../../storage/storage.ts';
import type { Row, StoredRow } from '../../storage/table.ts';
import { JOBS_TABLE } from './job-store.ts';
import { FIRST_PACE, type Pace } from './pace.ts';

/** The stored paces. */
export interface JobPaces {
  /** The pace of a job; that of a new one when none was stored. */
  find(jobId: string): Promise<Pace>;
  /** Changes it by what is stored. Gives what was decided last, also when others were faster each time: it is advice. */
  change(jobId: string, decide: (pace: Pace) => Pace): Promise<Pace>;
}

interface PaceRow extends Row {
  body: string;
}

const PACE = 'pace';
const MAX_ROUNDS = 4;

/** Opens the paces. */
export function openJobPaces(storage: Storage): JobPaces {
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

function toPace(row: StoredRow<PaceRow> | undefined): Pace {
  return row ? (JSON.parse(row.body) as Pace) : FIRST_PACE;
}
