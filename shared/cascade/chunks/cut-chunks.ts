/** From what was found to the units of work: the pure part. */
import { createHash } from 'node:crypto';
import { groupBy } from '../../storage/parallel.ts';
import type { ActionOrder } from '../actions/action-rule.ts';
import { FOUND_EFFECTS, type FoundPart, type FoundRecord } from '../identify/found-records.ts';
import { rankOf } from './chunk-rows.ts';

/** Records of a chunk: with its marker they are one entity group transaction. */
export const RECORDS_PER_CHUNK = 99;
/** Records of a chunk that takes a second row for each, that of its shares. */
export const SHARED_RECORDS_PER_CHUNK = 49;

/** Records of one bucket and one level, in the order of their keys. */
export interface CutChunk {
  readonly level: number;
  /** Whether the records are deleted, or whatever else the action is for; if not, they are only unlinked or settled. */
  readonly isChange: boolean;
  /** Number of the chunk among those of its bucket, level and kind. */
  readonly part: number;
  readonly records: readonly FoundRecord[];
}

/**
 * Cuts the records of one bucket into chunks, in the order in which they are to be applied: nearest to the root first, each
 * below all its parents, or the deepest first. A record that was found more than once counts once: at its least level where
 * only nearness counts, else at the deepest, as it was in its latest version, with all its links, and to be changed if any
 * path says so.
 */
export function cutChunks(
  parts: readonly FoundPart[],
  order: ActionOrder = 'rootFirst',
  most: number = RECORDS_PER_CHUNK,
): CutChunk[] {
  const merged = new Map<string, { level: number; record: FoundRecord }>();
  const first = order === 'rootFirst' ? Math.min : Math.max;
  for (const { level, records } of parts) {
    for (const record of records) {
      const known = merged.get(record.id);
      if (!known) merged.set(record.id, { level, record });
      else {
        known.level = first(known.level, level);
        known.record = mergeFound(known.record, record);
      }
    }
  }
  const isChange = ({ effect }: FoundRecord) => effect === 'change';
  const groups = groupBy([...merged.values()], ({ level, record }) => rankOf(level, order, isChange(record)));
  return groups
    .map((group) => ({ group, level: group[0]?.level ?? 0, isChange: group.every(({ record }) => isChange(record)) }))
    .sort((a, b) => (rankOf(a.level, order, a.isChange) < rankOf(b.level, order, b.isChange) ? -1 : 1))
    .flatMap(({ group, level, isChange }) =>
      cutEvenly(group.map(({ record }) => record).sort(byId), most).map((records, part) => {
        return { level, isChange, part, records };
      }),
    );
}

/** Parts that a bucket has at most, so that the numbers of its chunks fit their keys. */
const MAX_PARTS = 99;
/** Of so many chunks of one bucket each part is cut: with as many again they still fit one transaction. */
const CHUNKS_PER_PART = 40;

/**
 * Into how many parts a bucket is cut that holds so many records, doubles included: the chunks of a part are written in one
 * transaction.
 */
export function partsOf(records: number, most: number): number {
  return Math.min(MAX_PARTS, Math.max(1, Math.ceil(records / (CHUNKS_PER_PART * most))));
}

/** The part that a record of a bucket belongs to: always the same for as many parts, whatever else is found. */
export function partOfRecord(id: string, parts: number): number {
  if (parts === 1) return 0;
  return createHash('sha256').update(id).digest().readUInt32BE(0) % parts;
}

function mergeFound(a: FoundRecord, b: FoundRecord): FoundRecord {
  const latest = b.version > a.version ? b : a;
  const effect = FOUND_EFFECTS.find((each) => a.effect === each || b.effect === each) ?? 'change';
  if (a.links.length + b.links.length === 0) return { ...latest, effect };
  return { ...latest, effect, links: [...new Set([...a.links, ...b.links])] };
}

/**
 * Where each lane begins among the buckets of a table, so that lanes get neighbouring buckets and about the same number of
 * records. The first lane begins before everything; a lane that gets nothing begins where the next one does.
 */
export function cutLanes(
  buckets: readonly { readonly bucket: string; readonly records: number }[],
  lanes: number,
): string[] {
  const total = buckets.reduce((sum, { records }) => sum + records, 0);
  const starts = [''];
  let before = 0;
  for (const { bucket, records } of buckets) {
    while (starts.length < lanes && before * lanes >= total * starts.length) starts.push(bucket);
    before += records;
  }
  while (starts.length < lanes) starts.push(AFTER_ALL_BUCKETS);
  return starts;
}

/** The lane that a bucket belongs to. */
export function laneOf(starts: readonly string[], bucket: string): number {
  for (let lane = starts.length - 1; lane > 0; lane--) {
    if (bucket >= (starts[lane] ?? AFTER_ALL_BUCKETS)) return lane;
  }
  return 0;
}

const AFTER_ALL_BUCKETS = '~';

function cutEvenly(records: readonly FoundRecord[], most: number): FoundRecord[][] {
  const count = Math.ceil(records.length / most);
  return Array.from({ length: count }, (_, part) =>
    records.slice(Math.floor((part * records.length) / count), Math.floor(((part + 1) * records.length) / count)),
  );
}

function byId(a: FoundRecord, b: FoundRecord): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
