/**
 * Purging ended jobs. The job's row goes first, so that nobody undoes, repeats or continues it from then on; then what it
 * has left in other tables; its place in the list goes last. So the list leads a later round to what a death has left over.
 */
import { CHUNKS_TABLE, divisionPartition, lanePartition } from '../cascade/chunks/chunk-rows.ts';
import { markerKey } from '../cascade/chunks/marker-rows.ts';
import { FOUND_TABLE } from '../cascade/identify/found-records.ts';
import type { Job } from '../cascade/jobs/job.ts';
import { STATUS } from '../cascade/jobs/job-status.ts';
import { JOB_INDEX_SCOPE, JOB_INDEX_TABLE, JOB_KEY, JOBS_TABLE, type JobStore } from '../cascade/jobs/job-store.ts';
import { ROOTS_TABLE } from '../cascade/jobs/root-claims.ts';
import type { TableName } from '../catalogue/tables.ts';
import type { RecordTables } from '../records/record-tables.ts';
import { MAX_LANES } from '../settings/settings.ts';
import { afterPrefix } from '../storage/keys.ts';
import { placeBefore } from '../storage/newest-first.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';
import { OPEN_PARTITION, TRANSACTIONS_TABLE } from '../transactions/transaction-store.ts';
import { deleteRows, type PurgeRound } from './purge.ts';

const ROWS_PER_READ = 100;

/** What purging jobs works with. */
export interface PurgeJobsPorts {
  readonly storage: Storage;
  readonly jobs: Pick<JobStore, 'find' | 'newestFirst'>;
  readonly recordTables: Pick<RecordTables, 'rows'>;
}

/** Purges jobs that ended before a time. Gives how many are gone. */
export async function purgeJobs(ports: PurgeJobsPorts, round: PurgeRound): Promise<number> {
  const { storage, jobs } = ports;
  let purged = 0;
  for await (const { id, place } of jobs.newestFirst(placeBefore(JOB_INDEX_SCOPE, round.beforeMs))) {
    if (!round.goOn()) return purged;
    const job = await jobs.find(id);
    if (job && !(await mayGo(storage, job, round.beforeMs))) continue;
    const row = await storage.table(JOBS_TABLE).get(id, JOB_KEY);
    if (row && (await storage.table(JOBS_TABLE).delete(id, JOB_KEY, row.etag)) !== 'deleted') continue;
    const left = await purgeTraces(ports, id, round);
    if (left === 'late') return purged;
    // Its place leads a later round to the rest.
    if (left === 'locks') continue;
    await deleteRows(storage.table(JOB_INDEX_TABLE), [{ partitionKey: place.p, rowKey: place.r }]);
    purged++;
  }
  return purged;
}

/** Not while another job is at the same root: it may be undoing this one, by its change log. */
async function mayGo(storage: Storage, { plan, status, completedOn }: Job, beforeMs: number): Promise<boolean> {
  if (!STATUS[status].ended || Date.parse(completedOn ?? '') >= beforeMs) return false;
  return (await storage.table(ROOTS_TABLE).get(plan.recordId, plan.table)) === undefined;
}

/** What a job has left is gone; or not all of it: time was up, or a transaction of it may have left locks. */
type Left = 'nothing' | 'late' | 'locks';

async function purgeTraces(ports: PurgeJobsPorts, jobId: string, round: PurgeRound): Promise<Left> {
  const { storage } = ports;
  const chunks = storage.table(CHUNKS_TABLE);
  // The job's row, which tells how many lanes it has, is gone by now.
  for (let lane = 0; lane < MAX_LANES; lane++) {
    const partitionKey = lanePartition(jobId, lane);
    for (;;) {
      const { rows } = await chunks.page<Row>({ partitionKey, select: ['table', 'bucket'] }, ROWS_PER_READ);
      if (rows.length === 0) break;
      if (!round.goOn()) return 'late';
      await purgeMarkers(ports, jobId, rows);
      await deleteRows(chunks, rows);
    }
  }
  if (!(await purgePartition(storage, CHUNKS_TABLE, divisionPartition(jobId), round))) return 'late';
  for (;;) {
    const [first] = (await storage.table(FOUND_TABLE).page({ ...partitionsOf(jobId), select: ['level'] }, 1)).rows;
    if (!first) break;
    if (!(await purgePartition(storage, FOUND_TABLE, first.partitionKey, round))) return 'late';
  }
  const left = await purgeTransactions(storage, jobId, round);
  if (left === 'late') return left;
  return (await purgePartition(storage, JOBS_TABLE, jobId, round)) ? left : 'late';
}

/** The job's own transaction, and those of its records with plug-ins. One that may have left locks is still asked for its state. */
async function purgeTransactions(storage: Storage, jobId: string, round: PurgeRound): Promise<Left> {
  const table = storage.table(TRANSACTIONS_TABLE);
  const partitionTo = afterPrefix(`${jobId}:`);
  let left: Left = 'nothing';
  for (let after: string | undefined; ; ) {
    const range = after === undefined ? { partitionFrom: jobId } : { partitionAfter: after };
    const [first] = (await table.page({ ...range, partitionTo, select: ['state'] }, 1)).rows;
    if (!first) return left;
    after = first.partitionKey;
    if ((await table.get(OPEN_PARTITION, after)) !== undefined) left = 'locks';
    else if (!(await purgePartition(storage, TRANSACTIONS_TABLE, after, round))) return 'late';
  }
}

function partitionsOf(jobId: string): { partitionFrom: string; partitionTo: string } {
  return { partitionFrom: `${jobId}|`, partitionTo: afterPrefix(`${jobId}|`) };
}

/** Removes the markers, and with them the change log, in the buckets that chunks are about. */
async function purgeMarkers({ recordTables }: PurgeJobsPorts, jobId: string, chunks: readonly Row[]): Promise<void> {
  const buckets = new Map(chunks.flatMap((row) => (row.bucket ? [[`${row.table}|${row.bucket}`, row] as const] : [])));
  for (const { table: name, bucket } of buckets.values()) {
    const table = recordTables.rows(name as TableName);
    const from = markerKey(jobId, '');
    const range = { partitionKey: String(bucket), from, to: afterPrefix(from), select: ['changedOn'] };
    for (;;) {
      const { rows } = await table.page(range, ROWS_PER_READ);
      if (rows.length === 0) break;
      await deleteRows(table, rows);
    }
  }
}

async function purgePartition(
  storage: Storage,
  name: string,
  partitionKey: string,
  round: PurgeRound,
): Promise<boolean> {
  const table = storage.table(name);
  for (;;) {
    const { rows } = await table.page({ partitionKey, select: ['w'] }, ROWS_PER_READ);
    if (rows.length === 0) return true;
    if (!round.goOn()) return false;
    await deleteRows(table, rows);
  }
}
