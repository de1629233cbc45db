/**
 * The change log of a job, read from its chunks and their markers, in the order of lanes and chunks. Chunks say which
 * records there are, markers what became of them; a chunk without a marker has changed nothing, whatever its state.
 */

import { z } from 'zod';
import { TABLE_NAMES } from '../../catalogue/tables.ts';
import { Problem } from '../../problem.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { FoundRecord } from '../identify/found-records.ts';
import type { CascadePlan } from '../plans.ts';
import type { RecordOutcome } from '../ports.ts';
import type { Chunk } from './chunk-rows.ts';
import type { LaneChunks } from './lane-chunks.ts';
import { type AppliedRecord, findMarkers } from './marker-rows.ts';

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
/** After so many chunks a page is given although it isn't full, so that one call stays short. */
const MAX_CHUNKS_PER_PAGE = 240;

/** A page of the log; `after` is absent on the last one. A page may hold fewer items than asked for while more follow. */
export async function readChanges(
  { recordStore, lanes }: { readonly recordStore: RecordStore; readonly lanes: LaneChunks },
  plan: Pick<CascadePlan, 'jobId' | 'lanes'>,
  { outcome, after, pageSize }: ChangesQuery,
): Promise<{ items: RecordOutcome[]; after: string | undefined }> {
  let place = decodePlace(after);
  const items: RecordOutcome[] = [];
  for (let seen = 0; place.lane < plan.lanes; ) {
    if (items.length >= pageSize || seen >= MAX_CHUNKS_PER_PAGE) return { items, after: encodePlace(place) };
    const { rows, more } = await lanes.chunksAfter(plan.jobId, place.lane, place.afterKey, CHUNKS_PER_READ);
    const logs = await mapParallel(rows, MAX_PARALLEL, (chunk) => readChunk(recordStore, plan.jobId, chunk, outcome));
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
  recordStore: RecordStore,
  jobId: string,
  chunk: Chunk,
  wanted: RecordOutcome['outcome'] | undefined,
): Promise<RecordOutcome[]> {
  if (chunk.isDone && wanted === 'unprocessed') return [];
  if (wanted === 'skipped' && chunk.isDone && chunk.skipped === 0) return [];
  if (wanted === 'failed' && chunk.isDone && chunk.failing.length === 0) return [];
  const { markers, open } = await findMarkers(recordStore, jobId, chunk);
  const retried = new Set(chunk.retried);
  const log = [
    ...markers.flatMap(({ changedOn, records: applied }) =>
      applied.filter(({ id }) => !retried.has(id)).map((record) => appliedOutcome(chunk, changedOn, record)),
    ),
    ...open.map((record) => openOutcome(chunk, record)),
  ];
  return wanted === undefined ? log : log.filter(({ outcome }) => outcome === wanted);
}

function appliedOutcome(
  { table, passed }: Chunk,
  changedOn: string,
  { id: recordId, outcome, version, changes, problem, cause, besides }: AppliedRecord,
): RecordOutcome {
  const sideChanges = besides && { besides };
  const nothing = { recordId, table, changes: [], version: null, changedOn: null, ...sideChanges };
  const why = problem !== undefined && { problem, ...(cause && { cause }) };
  switch (outcome) {
    case 'written':
      return { recordId, table, outcome: 'done', changes, version, changedOn, ...sideChanges };
    case 'kept':
      return { ...nothing, outcome: 'done' };
    case 'skipped':
      return { ...nothing, outcome, ...why };
    case 'failed':
      return { ...nothing, outcome: passed.includes(recordId) ? 'skipped' : 'failed', ...why };
  }
}

function openOutcome({ table }: Chunk, { id: recordId }: FoundRecord): RecordOutcome {
  return { recordId, table, outcome: 'unprocessed', changes: [], version: null, changedOn: null };
}

function encodePlace({ lane, afterKey, given }: LogPlace): string {
  return `${lane}:${given}:${afterKey}`;
}

function decodePlace(after: string | undefined): LogPlace {
  if (after === undefined) return { lane: 0, afterKey: '', given: 0 };
  const [, lane, given, afterKey] = /^(\d{1,4}):(\d{1,4}):([\w|.]{0,200})$/.exec(after) ?? [];
  if (lane === undefined || given === undefined || afterKey === undefined) {
    throw new Problem('invalid-continuation-token', 'Give back the place that the page before gave, unchanged.');
  }
  return { lane: Number(lane), afterKey, given: Number(given) };
}

const valueSchema = z.union([z.string(), z.number(), z.boolean()]).nullable();
const changesSchema = z.array(z.strictObject({ name: z.string(), old: valueSchema, new: valueSchema }));

/** Schema of a line of the change log. */
export const recordOutcomeSchema = z.strictObject({
  recordId: z.guid(),
  table: z.enum(TABLE_NAMES),
  outcome: z.enum(['done', 'failed', 'skipped', 'unprocessed']),
  changes: changesSchema,
  version: z.number().int().nullable().describe('The version that the change made; null: nothing was changed.'),
  changedOn: z.iso.datetime().nullable(),
  problem: z.string().optional(),
  cause: z.strictObject({ code: z.enum(['plugin-failed', 'plugin-timeout']), plugin: z.string() }).optional(),
  besides: z
    .array(
      z.strictObject({
        table: z.enum(TABLE_NAMES),
        recordId: z.guid(),
        version: z.number().int(),
        changes: changesSchema,
      }),
    )
    .optional()
    .describe('What plug-ins changed of other records.'),
});
