/** A lane's chunks and counts: taking the next ones and noting what became of them (CHUNK-2, CHUNK-3). */
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import type { Row, StoredRow, Table, Write } from '../../storage/table.ts';
import type { CascadePlan } from '../plans.ts';
import type { LaneProgress } from '../ports.ts';
import {
  CHUNK_KEYS,
  type Chunk,
  type ChunkRow,
  fromChunkRow,
  lanePartition,
  PROGRESS_KEY,
  rankOfKey,
} from './chunk-rows.ts';
import type { PartCounts } from './marker-rows.ts';
import { pack } from './packed.ts';

/** What became of a chunk that was applied. */
export interface ChunkResult extends PartCounts {
  readonly chunk: Chunk;
}

/** A lane's row: its counts are properties `<count>_<table>`. */
export interface ProgressRow extends Row {
  after: string;
  heartbeatOn: string;
  /** Records that failed were passed over by command. */
  passed?: boolean;
  /** The rank at which records failed last. */
  failedRank?: string;
  /** Records whose shares were changed. */
  shares?: number;
}

/** Records of a lane that failed, over all tables. */
export function failedOf(row: ProgressRow): number {
  const counts = Object.keys(row).filter((name) => name.startsWith('failed_'));
  return counts.reduce((sum, name) => sum + countOf(row, name), 0);
}

/** A count of a lane; 0 when it was never counted. */
export function countOf(row: ProgressRow, name: string): number {
  return Number(row[name] ?? 0);
}

/** The chunks that come next in a lane, with the state that noting their results is conditioned on. */
export interface Taken {
  /** The first chunks that aren't done, in order: as many as were asked for and perhaps more, or all that are left. */
  readonly open: readonly Chunk[];
  readonly progress: StoredRow<ProgressRow>;
  /** Chunks that were done already and lie among the open ones. */
  readonly doneKeys: ReadonlySet<string>;
}

const COUNTS = ['done', 'skipped', 'failed'] as const;
const MAX_ROUNDS = 8;

/** The chunks of all lanes, in storage. */
export class LaneChunks {
  readonly #table: Table;
  readonly #now: () => number;

  constructor(table: Table, now: () => number) {
    this.#table = table;
    this.#now = now;
  }

  /** The chunks of the lane that aren't done, in order: more than `limit` where there are more. */
  async take(jobId: string, lane: number, limit: number): Promise<Taken> {
    const partitionKey = lanePartition(jobId, lane);
    const progress = await this.#table.get<ProgressRow>(partitionKey, PROGRESS_KEY);
    if (!progress)
      throw new Error(`Lane ${lane} of job ${jobId} isn't there: what to do was not identified to its end`);
    const open: Chunk[] = [];
    const doneKeys = new Set<string>();
    let after = progress.after;
    for (;;) {
      const { rows, more } = await this.chunksAfter(jobId, lane, after, limit + 1);
      for (const chunk of rows) {
        if (chunk.isDone) doneKeys.add(chunk.key);
        else open.push(chunk);
      }
      if (open.length > limit || !more) break;
      after = rows.at(-1)?.key ?? after;
    }
    return { open, progress, doneKeys };
  }

  /** Chunks of a lane behind a key (empty: from the first), in order. */
  async chunksAfter(
    jobId: string,
    lane: number,
    after: string,
    limit: number,
  ): Promise<{ rows: Chunk[]; more: boolean }> {
    const start = after === '' ? { from: CHUNK_KEYS.from } : { after };
    const range = { partitionKey: lanePartition(jobId, lane), ...start, to: CHUNK_KEYS.to };
    const { rows, more } = await this.#table.page<ChunkRow>(range, limit);
    return { rows: rows.map(fromChunkRow), more };
  }

  /** A chunk by its key. */
  async findChunk(partitionKey: string, key: string): Promise<Chunk | undefined> {
    const row = await this.#table.get<ChunkRow>(partitionKey, key);
    return row && fromChunkRow(row);
  }

  /** Notes results of chunks that were taken, at most 99, each once. Gives what is to be conditioned on next. */
  async note(jobId: string, lane: number, taken: Taken, results: readonly ChunkResult[]): Promise<Taken> {
    let state = taken;
    let open = results;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (open.length === 0) return state;
      const progress = advance(state, open, new Date(this.#now()).toISOString());
      const writes: Write[] = [
        { kind: 'merge', row: progress, etag: state.progress.etag },
        ...open.map(toMerge(lanePartition(jobId, lane))),
      ];
      const written = await this.#table.write(writes);
      if (written.ok) {
        const doneKeys = new Set([...state.doneKeys, ...open.map(({ chunk }) => chunk.key)]);
        return { ...state, doneKeys, progress: { ...state.progress, ...progress, etag: written.etags[0] ?? '' } };
      }
      // Somebody else has noted something since: the same batch, run twice. What it has noted isn't counted again.
      state = await this.take(jobId, lane, taken.open.length);
      const now = new Map(state.open.map((chunk) => [chunk.key, chunk]));
      open = open.flatMap((result) => {
        const chunk = now.get(result.chunk.key);
        return chunk ? [{ ...result, chunk }] : [];
      });
    }
    throw new StorageUnavailable(
      `note chunks of lane ${lane} of job ${jobId}`,
      new Error(`overtaken ${MAX_ROUNDS} times`),
    );
  }

  /** The counts of each lane, by lane; zeros for lanes that aren't there yet. */
  async progress({ jobId, lanes }: Pick<CascadePlan, 'jobId' | 'lanes'>): Promise<LaneProgress[]> {
    const numbers = Array.from({ length: lanes }, (_, lane) => lane);
    return Promise.all(
      numbers.map(async (lane) =>
        toProgress(await this.#table.get<ProgressRow>(lanePartition(jobId, lane), PROGRESS_KEY)),
      ),
    );
  }
}

/** The lane's row after the results: counts by table, and the chunk up to which all are done. */
function advance(
  { progress, open, doneKeys }: Taken,
  results: readonly ChunkResult[],
  heartbeatOn: string,
): ProgressRow {
  const row: ProgressRow = {
    partitionKey: progress.partitionKey,
    rowKey: progress.rowKey,
    after: progress.after,
    heartbeatOn,
  };
  const done = new Set(doneKeys);
  for (const { chunk, ...result } of results) {
    done.add(chunk.key);
    if (result.failing.length > 0) row.failedRank = rankOfKey(chunk.key);
    if (result.shares > 0) row.shares = (row.shares ?? progress.shares ?? 0) + result.shares;
    const changes = { done: result.done, skipped: result.skipped, failed: result.failing.length };
    for (const count of COUNTS) {
      const name = `${count}_${chunk.table}`;
      row[name] = Number(row[name] ?? countOf(progress, name)) + changes[count];
    }
  }
  const firstOpen = open.find(({ key }) => !done.has(key))?.key ?? '~';
  for (const key of [...done].sort()) if (key < firstOpen && key > row.after) row.after = key;
  return row;
}

function toMerge(partitionKey: string): (result: ChunkResult) => Write {
  return ({ chunk, done, skipped, failing }) => ({
    kind: 'merge',
    etag: chunk.etag,
    row: { partitionKey, rowKey: chunk.key, state: 'done', done, skipped, failing: pack(failing) },
  });
}

function toProgress(row: StoredRow<ProgressRow> | undefined): LaneProgress {
  const total = { done: 0, skipped: 0, failed: 0 };
  const byTable: Record<string, { done: number; skipped: number; failed: number }> = {};
  for (const [property, value] of Object.entries(row ?? {})) {
    const [name, table] = property.split('_');
    const count = COUNTS.find((known) => known === name);
    if (!count || !table) continue;
    byTable[table] ??= { done: 0, skipped: 0, failed: 0 };
    byTable[table][count] += Number(value);
    total[count] += Number(value);
  }
  return { ...total, byTable, heartbeatOn: row?.heartbeatOn ?? '' };
}
