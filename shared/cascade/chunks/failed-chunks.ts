/**
 * What is asked for records that failed: another try, in a chunk of their own right after the one that they were in, or to be
 * counted as skipped. Chunks, counts and the new chunk change in one transaction (CHUNK-2); a chunk whose failed records went
 * elsewhere holds none any more, so asking twice does nothing twice.
 */
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import type { Row, Table, Write } from '../../storage/table.ts';
import type { CascadePlan } from '../plans.ts';
import { type Chunk, lanePartition, PROGRESS_KEY, toChunkRow } from './chunk-rows.ts';
import { countOf, type LaneChunks, type ProgressRow } from './lane-chunks.ts';
import { pack } from './packed.ts';

interface FailedServices {
  readonly chunks: Table;
  readonly lanes: LaneChunks;
}

type JobLanes = Pick<CascadePlan, 'jobId' | 'lanes'>;

const CHUNKS_PER_READ = 100;
const MAX_ROUNDS = 8;

/** Puts failed records into new chunks, to be tried again. */
export function retryFailed(
  services: FailedServices,
  job: JobLanes,
  recordIds: readonly string[] | undefined,
): Promise<number> {
  return changeFailed(services, job, recordIds, (partitionKey, chunk, ids, progress) => {
    const name = (count: string) => `${count}_${chunk.table}`;
    const key = `${chunk.key}|r${chunk.retried.length}`;
    const asked = new Set(ids);
    // As they are now, which is not known: they are looked at again.
    const records = chunk.records.filter(({ id }) => asked.has(id)).map((record) => ({ ...record, etag: '' }));
    return {
      progress: {
        [name('failed')]: countOf(progress, name('failed')) - ids.length,
        // CHUNK-3: the new chunk comes right after the one that its records were in.
        ...(progress.after > chunk.key && { after: chunk.key }),
      },
      chunk: { retried: pack([...chunk.retried, ...ids]) },
      more: [{ kind: 'insert', row: toChunkRow(partitionKey, { ...chunk, key, records }) }],
    };
  });
}

/** Counts failed records as skipped. */
export function skipFailed(
  services: FailedServices,
  job: JobLanes,
  recordIds: readonly string[] | undefined,
): Promise<number> {
  return changeFailed(services, job, recordIds, (_partitionKey, chunk, ids, progress) => {
    const name = (count: string) => `${count}_${chunk.table}`;
    return {
      progress: {
        [name('failed')]: countOf(progress, name('failed')) - ids.length,
        [name('skipped')]: countOf(progress, name('skipped')) + ids.length,
        passed: true,
      },
      chunk: { passed: pack([...chunk.passed, ...ids]), skipped: chunk.skipped + ids.length },
      more: [],
    };
  });
}

type Change = (
  partitionKey: string,
  chunk: Chunk,
  ids: readonly string[],
  progress: ProgressRow,
) => { readonly progress: Partial<Row>; readonly chunk: Partial<Row>; readonly more: readonly Write[] };

async function changeFailed(
  services: FailedServices,
  { jobId, lanes }: JobLanes,
  recordIds: readonly string[] | undefined,
  change: Change,
): Promise<number> {
  const wanted = recordIds && new Set(recordIds);
  let count = 0;
  for (let lane = 0; lane < lanes; lane++) {
    for (let after = '', more = true; more; ) {
      const page = await services.lanes.chunksAfter(jobId, lane, after, CHUNKS_PER_READ);
      for (const chunk of page.rows) {
        count += await changeChunk(services, lanePartition(jobId, lane), chunk, wanted, change);
      }
      after = page.rows.at(-1)?.key ?? after;
      more = page.more;
    }
  }
  return count;
}

async function changeChunk(
  { chunks, lanes }: FailedServices,
  partitionKey: string,
  seen: Chunk,
  wanted: ReadonlySet<string> | undefined,
  change: Change,
): Promise<number> {
  let chunk: Chunk | undefined = seen;
  for (let round = 0; round < MAX_ROUNDS && chunk; round++) {
    const ids = chunk.failing.filter((id) => !wanted || wanted.has(id));
    if (ids.length === 0) return 0;
    const progress = await chunks.get<ProgressRow>(partitionKey, PROGRESS_KEY);
    if (!progress) return 0;
    const failing = pack(chunk.failing.filter((id) => !ids.includes(id)));
    const changes = change(partitionKey, chunk, ids, progress);
    const written = await chunks.write([
      { kind: 'merge', row: { partitionKey, rowKey: PROGRESS_KEY, ...changes.progress }, etag: progress.etag },
      { kind: 'merge', row: { partitionKey, rowKey: chunk.key, failing, ...changes.chunk }, etag: chunk.etag },
      ...changes.more,
    ]);
    if (written.ok) return ids.length;
    chunk = await lanes.findChunk(partitionKey, chunk.key);
  }
  throw new StorageUnavailable(`change failed records of ${partitionKey}`, new Error(`overtaken ${MAX_ROUNDS} times`));
}
