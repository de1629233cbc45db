/**
 * The set of an undo: what the change log of the other job says it has changed, chunk by chunk, in the same lanes and
 * buckets. Repeatable: chunks are inserted under keys made of the other job's, and what is there already counts as it is.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { bucketOf } from '../../records/record-ids.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { Table } from '../../storage/table.ts';
import type { PlanOf } from '../actions/action-rule.ts';
import {
  type Chunk,
  type ChunkRow,
  fromChunkRow,
  lanePartition,
  rankOfKey,
  toChunkRow,
  undoKey,
} from '../chunks/chunk-rows.ts';
import { SHARED_RECORDS_PER_CHUNK } from '../chunks/cut-chunks.ts';
import type { LaneChunks } from '../chunks/lane-chunks.ts';
import { findMarkers } from '../chunks/marker-rows.ts';
import { openLanes } from '../chunks/write-chunks.ts';
import type { IdentifyOutcome, SideChange, Survey } from '../ports.ts';
import type { FoundRecord } from './found-records.ts';
import type { IdentifyServices } from './identify.ts';

const cursorSchema = z.strictObject({
  lane: z.number(),
  /** All chunks of the other job's lane up to this one were looked at. */
  after: z.string(),
  found: z.record(z.string(), z.number()),
});
type Cursor = z.infer<typeof cursorSchema>;

const CHUNKS_PER_READ = 24;
const CHUNKS_PER_CALL = 480;

export interface UndoServices extends Pick<IdentifyServices, 'recordStore' | 'now'> {
  readonly lanes: LaneChunks;
  readonly chunks: Pick<Table, 'write' | 'get'>;
}

/** Goes on from a cursor, without one from the first lane. */
export async function identifyUndo(
  services: UndoServices,
  plan: PlanOf<'undo'>,
  text: string | undefined,
): Promise<IdentifyOutcome> {
  let cursor: Cursor = text === undefined ? { lane: 0, after: '', found: {} } : cursorSchema.parse(JSON.parse(text));
  if (text === undefined) await openLanes(services, plan);
  for (let seen = 0; cursor.lane < plan.lanes && seen < CHUNKS_PER_CALL; ) {
    const { lane, after } = cursor;
    const { rows, more } = await services.lanes.chunksAfter(plan.undoneJobId, lane, after, CHUNKS_PER_READ);
    const counts = await mapParallel(rows, MAX_PARALLEL, (chunk) => copyChunk(services, plan, lane, chunk));
    const found = { ...cursor.found };
    for (const [table, count] of counts.flatMap((each) => Object.entries(each))) {
      found[table] = (found[table] ?? 0) + count;
    }
    seen += Math.max(1, rows.length);
    cursor = more ? { lane, after: rows.at(-1)?.key ?? after, found } : { lane: lane + 1, after: '', found };
  }
  const total = Object.values(cursor.found).reduce((sum, count) => sum + count, 0);
  const isDone = cursor.lane >= plan.lanes;
  return { cursor: isDone ? undefined : JSON.stringify(cursor), found: total, byTable: cursor.found };
}

/** What undoing would come to: the same steps, which store nothing. */
export async function surveyUndo(services: UndoServices, plan: PlanOf<'undo'>, limit: number): Promise<Survey> {
  for (let text: string | undefined, calls = 1; ; calls++) {
    const { cursor, found, byTable } = await identifyUndo({ ...services, chunks: NOWHERE }, plan, text);
    if (cursor !== undefined && calls * CHUNKS_PER_CALL * SHARED_RECORDS_PER_CHUNK < limit) {
      text = cursor;
      continue;
    }
    const complete = cursor === undefined;
    return { complete, total: found, byTable, byRelationship: {}, blockers: [], inactive: 0, ownTables: [] };
  }
}

/** Takes everything and keeps nothing. */
const NOWHERE: UndoServices['chunks'] = {
  write: async () => ({ ok: true, etags: [] }),
  get: async () => undefined,
};

/** Gives how many records of the chunk there are to undo, by table: its own, and those that plug-ins have changed in addition. */
async function copyChunk(
  services: UndoServices,
  plan: PlanOf<'undo'>,
  lane: number,
  chunk: Chunk,
): Promise<Readonly<Record<string, number>>> {
  const { markers } = await findMarkers(services.recordStore, plan.undoneJobId, chunk);
  const applied = markers.flatMap(({ records }) => records);
  const { table, bucket } = chunk;
  const changed = folded([
    ...applied
      .filter(({ outcome }) => outcome === 'written')
      .map(({ id: recordId, version, changes }) => ({ table, recordId, version, changes })),
    ...applied.flatMap(({ besides = [] }) => besides),
  ]);
  const ids = new Set(chunk.records.map(({ id }) => id));
  const isOwn = (change: SideChange) => change.table === table && ids.has(change.recordId);
  const key = plan.undoneAction === 'delete' ? undoKey(chunk.key) : chunk.key;
  const chunks = [
    { key, table, bucket, records: changed.filter(isOwn).map(toFound) },
    ...sideChunks(
      key,
      changed.filter((change) => !isOwn(change)),
    ),
  ].filter(({ records }) => records.length > 0);
  const partition = lanePartition(plan.jobId, lane);
  const counts: Record<string, number> = {};
  for (const each of chunks) {
    const written = await services.chunks.write([{ kind: 'insert', row: toChunkRow(partition, each) }]);
    const stored = written.ok ? undefined : await services.chunks.get<ChunkRow>(partition, each.key);
    const { length } = stored ? fromChunkRow(stored).records : each.records;
    counts[each.table] = (counts[each.table] ?? 0) + length;
  }
  return counts;
}

/**
 * Each record once: changes that follow on one another are one change, from the first old values to the last new ones. Of
 * such that don't, somebody else's change lies between, and only the last can be taken back.
 */
function folded(changes: readonly SideChange[]): SideChange[] {
  const byRecord = new Map<string, SideChange>();
  for (const change of [...changes].sort((a, b) => a.version - b.version)) {
    const key = `${change.table}|${change.recordId}`;
    const before = byRecord.get(key);
    byRecord.set(key, before?.version === change.version - 1 ? joined(before, change) : change);
  }
  return [...byRecord.values()];
}

function joined(a: SideChange, b: SideChange): SideChange {
  const names = new Set([...a.changes, ...b.changes].map(({ name }) => name));
  const changes = [...names].flatMap((name) => {
    const both = [...a.changes, ...b.changes].filter((change) => change.name === name);
    const [first, last] = [both[0], both.at(-1)];
    return first && last ? [{ name, old: first.old, new: last.new }] : [];
  });
  return { ...b, changes };
}

/** Records that plug-ins changed in addition to those of a chunk, in chunks of their own that come right after it. */
function sideChunks(
  key: string,
  besides: readonly SideChange[],
): Pick<Chunk, 'key' | 'table' | 'bucket' | 'records'>[] {
  const origin = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const placeOf = ({ table, recordId }: SideChange) => `${table}|${bucketOf(recordId)}`;
  return groupBy(besides, placeOf, SHARED_RECORDS_PER_CHUNK).flatMap((group, part) => {
    const [first] = group;
    if (!first) return [];
    const ownKey = `${rankOfKey(key)}|${placeOf(first)}|b${part}|${origin}`;
    return [{ key: ownKey, table: first.table, bucket: bucketOf(first.recordId), records: group.map(toFound) }];
  });
}

function toFound({ recordId: id, version, changes }: SideChange): FoundRecord {
  return { id, etag: '', version, ownerId: '', effect: 'change', links: [], logged: changes };
}
