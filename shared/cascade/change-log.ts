/**
 * The change log of a job, read from its chunks and their markers, in the order of lanes and chunks. Chunks say which
 * records there are, markers what became of them; a chunk without a marker has changed nothing, whatever its state.
 */
import { mapParallel } from '../parallel.ts';
import { Problem } from '../problem.ts';
import type { RecordStore } from '../records/record-store.ts';
import type { Chunk } from './chunk-rows.ts';
import type { LaneChunks } from './lane-chunks.ts';
import { type AppliedRecord, findMarker, type Marker } from './marker-rows.ts';
import type { CascadePlan, RecordOutcome } from './ports.ts';

/** What of the log is wanted. */
export interface ChangesQuery {
  readonly outcome?: RecordOutcome['outcome'] | undefined;
  readonly after?: string | undefined;
  /** At least 1. */
  readonly pageSize: number;
}

/** A place in the log: so many records of the chunk behind the key were given. */
interface LogPlace {
  readonly lane: number;
  /** All chunks up to this one were given. */
  readonly afterKey: string;
  readonly given: number;
}

const CHUNKS_PER_READ = 12;
const PARALLEL_READS = 8;
/** After so many chunks a page is given although it isn't full, so that one call stays short. */
const MAX_CHUNKS_PER_PAGE = 240;
const DELETED_MEANWHILE = 'It was deleted before its turn came.';

/** A page of the log; `after` is absent on the last one. A page may hold fewer items than asked for while more follow. */
export async function readChanges(
  { records, lanes }: { readonly records: RecordStore; readonly lanes: LaneChunks },
  plan: Pick<CascadePlan, 'jobId' | 'lanes'>,
  { outcome, after, pageSize }: ChangesQuery,
): Promise<{ items: RecordOutcome[]; after: string | undefined }> {
  let place = decodePlace(after);
  const items: RecordOutcome[] = [];
  for (let seen = 0; place.lane < plan.lanes; ) {
    if (items.length >= pageSize || seen >= MAX_CHUNKS_PER_PAGE) return { items, after: encodePlace(place) };
    const { rows, more } = await lanes.chunksAfter(plan.jobId, place.lane, place.afterKey, CHUNKS_PER_READ);
    const logs = await mapParallel(rows, PARALLEL_READS, (chunk) => readChunk(records, plan.jobId, chunk, outcome));
    seen += rows.length;
    for (const [at, { key }] of rows.entries()) {
      const log = logs[at] ?? [];
      const rest = log.slice(place.given, place.given + pageSize - items.length);
      items.push(...rest);
      const given = place.given + rest.length;
      if (given < log.length) return { items, after: encodePlace({ ...place, given }) };
      place = { lane: place.lane, afterKey: key, given: 0 };
    }
    if (!more) place = { lane: place.lane + 1, afterKey: '', given: 0 };
  }
  return { items, after: undefined };
}

/** The log of one chunk; `wanted` leaves out what has another outcome, and what can't have it isn't read. */
async function readChunk(
  records: RecordStore,
  jobId: string,
  chunk: Chunk,
  wanted: RecordOutcome['outcome'] | undefined,
): Promise<RecordOutcome[]> {
  if (chunk.isDone && (wanted === 'failed' || wanted === 'unprocessed')) return [];
  if (wanted === 'skipped' && chunk.isDone && chunk.skipped === 0) return [];
  if (wanted === 'failed' && chunk.failing.length === 0) return [];
  const marker = await findMarker(records, jobId, chunk);
  const log = marker ? marker.records.map((record) => appliedOutcome(chunk, marker, record)) : openOutcomes(chunk);
  return wanted === undefined ? log : log.filter(({ outcome }) => outcome === wanted);
}

function appliedOutcome(
  { table }: Chunk,
  { newOwnerId, changedOn }: Marker,
  { id: recordId, outcome, oldOwnerId, version }: AppliedRecord,
): RecordOutcome {
  switch (outcome) {
    case 'written': {
      const changes = [{ name: 'ownerId', old: oldOwnerId, new: newOwnerId }];
      return { recordId, table, outcome: 'done', changes, version, changedOn };
    }
    case 'kept':
      return { recordId, table, outcome: 'done', changes: [], version: null, changedOn: null };
    case 'skipped':
      return { recordId, table, outcome, changes: [], version: null, changedOn: null, problem: DELETED_MEANWHILE };
  }
}

function openOutcomes({ table, records, failing, problem }: Chunk): RecordOutcome[] {
  const failed = new Set(failing);
  return records.map(({ id: recordId }) => ({
    recordId,
    table,
    outcome: failed.has(recordId) ? 'failed' : 'unprocessed',
    changes: [],
    version: null,
    changedOn: null,
    ...(failed.has(recordId) && { problem }),
  }));
}

function encodePlace({ lane, afterKey, given }: LogPlace): string {
  return `${lane}:${given}:${afterKey}`;
}

function decodePlace(after: string | undefined): LogPlace {
  if (after === undefined) return { lane: 0, afterKey: '', given: 0 };
  const [, lane, given, afterKey] = /^(\d{1,4}):(\d{1,4}):([\w|]{0,200})$/.exec(after) ?? [];
  if (lane === undefined || given === undefined || afterKey === undefined) {
    throw new Problem('invalid-continuation-token', 'Give back the place that the page before gave, unchanged.');
  }
  return { lane: Number(lane), afterKey, given: Number(given) };
}
