/**
 * Planning of reads over tables whose partitions are buckets of ids (records, and the hints under parents): the pure part.
 * What is wanted is a sorted list of ranges of rows. Neighbours are read together by one query, because a query
 * costs as much as many rows; but foreign rows lie between them, so a query that yields little is given up for
 * reads range by range. Rows of a process's ids sort by RowKey across partitions, since such an id begins with its bucket;
 * client-supplied ids sort only within their partition.
 */
import { isHashed } from '../../records/record-ids.ts';
import { afterPrefix } from '../../storage/keys.ts';
import type { KeyRange } from '../../storage/table.ts';

/** The rows of one bucket from `from` on and below `to`. */
export interface RowRange {
  readonly bucket: string;
  readonly from: string;
  readonly to: string;
}

/** A key; while ranges are read, the last one that came. */
export interface KeyPlace {
  readonly bucket: string;
  readonly row: string;
}

/** How far ranges are read: up to one of them, perhaps to the middle of it. */
export interface ReadPosition {
  /** Index of the first range that isn't read to its end. */
  readonly at: number;
  /** The last key read; undefined when nothing of the range at hand was. */
  readonly after: KeyPlace | undefined;
  /** How many ranges are still to be read one by one, because a query over several yielded little. */
  readonly narrow: number;
}

/** Before the first range. */
export const READ_BEGIN: ReadPosition = { at: 0, after: undefined, narrow: 0 };

/** Ranges that are read one by one at the same time. */
const WINDOW = 8;
/** Buckets that are further apart are not read by one query: too much may lie in between. */
const NEIGHBOUR_DISTANCE = 16;
/** One query is worth it while a range costs no more foreign rows than this; reading it alone costs about as much. */
const FOREIGN_ROWS_PER_RANGE = 30;
/** After a poor query so many ranges are read one by one before one query over several is tried again. */
const NARROW_RANGES = 32;

/** The next thing to do: one query over the ranges up to `end` (exclusive), or several ranges each by itself. */
export type PlannedRead =
  | { readonly kind: 'range'; readonly range: KeyRange; readonly end: number }
  | { readonly kind: 'window'; readonly ranges: readonly KeyRange[] };

/** What to read next. `suffix` is what a PartitionKey has behind the bucket. */
export function decideRead(rowRanges: readonly RowRange[], position: ReadPosition, suffix: string): PlannedRead {
  const { at, after, narrow } = position;
  const end = neighboursEnd(rowRanges, position);
  if (narrow === 0 && end - at > 2) return { kind: 'range', range: rangeOver(rowRanges, position, end, suffix), end };
  const ranges = rowRanges
    .slice(at, at + WINDOW)
    .map((rowRange, index) => rangeOf(rowRange, index === 0 ? after : undefined, suffix));
  return { kind: 'window', ranges };
}

/** The position after one query over several ranges: `last` is the last row that came, undefined when the query is exhausted. */
export function afterRange(
  rowRanges: readonly RowRange[],
  { at }: ReadPosition,
  end: number,
  outcome: { readonly last: KeyPlace | undefined; readonly rows: number; readonly wanted: number },
): ReadPosition {
  const next = outcome.last ? firstOpen(rowRanges, at, end, outcome.last) : end;
  const foreign = outcome.rows - outcome.wanted;
  const poor = foreign > FOREIGN_ROWS_PER_RANGE * Math.max(1, next - at);
  return { at: next, after: next < end ? outcome.last : undefined, narrow: poor ? NARROW_RANGES : 0 };
}

/** Index of the first range from `at` on, and below `end`, that doesn't lie wholly at or before a key. */
export function firstOpen(rowRanges: readonly RowRange[], at: number, end: number, key: KeyPlace): number {
  let index = at;
  for (; index < end; index++) {
    const rowRange = rowRanges[index];
    if (!rowRange || rowRange.bucket > key.bucket || (rowRange.bucket === key.bucket && rowRange.to > key.row)) break;
  }
  return index;
}

/** Whether a key lies in a range. */
export function isWithin(rowRange: RowRange | undefined, key: KeyPlace): boolean {
  return rowRange?.bucket === key.bucket && rowRange.from <= key.row && key.row < rowRange.to;
}

/** The end of the ranges from the position on that may be read by one query. */
function neighboursEnd(rowRanges: readonly RowRange[], { at, after }: ReadPosition): number {
  const first = rowRanges[at];
  if (!first) return at;
  // In the middle of a partition of foreign ids a bound on RowKey holds for that partition alone.
  const bounded = isHashed(first.bucket) && after?.bucket === first.bucket;
  let end = at + 1;
  for (let before = first; end < rowRanges.length; end++) {
    const rowRange = rowRanges[end];
    if (!rowRange || (bounded ? rowRange.bucket !== first.bucket : !areNeighbours(before.bucket, rowRange.bucket)))
      break;
    before = rowRange;
  }
  return end;
}

function rangeOver(rowRanges: readonly RowRange[], { at, after }: ReadPosition, end: number, suffix: string): KeyRange {
  const [first, last] = [rowRanges[at], rowRanges[end - 1]];
  if (!first || !last) throw new RangeError(`No ranges from ${at} to ${end}`);
  if (first.bucket === last.bucket) {
    return { partitionKey: first.bucket + suffix, ...lowerBound(first, after), to: last.to };
  }
  const partitions = { partitionFrom: first.bucket + suffix, partitionTo: afterPrefix(last.bucket + suffix) };
  // `~` is above every id and below nothing that is one: rows that aren't records begin with it.
  if (isHashed(first.bucket)) return { ...partitions, to: '~' };
  return { ...partitions, ...lowerBound(first, after), to: last.to };
}

function rangeOf(rowRange: RowRange, after: KeyPlace | undefined, suffix: string): KeyRange {
  return { partitionKey: rowRange.bucket + suffix, ...lowerBound(rowRange, after), to: rowRange.to };
}

function lowerBound(rowRange: RowRange, after: KeyPlace | undefined): KeyRange {
  return after && after.bucket === rowRange.bucket && after.row >= rowRange.from
    ? { after: after.row }
    : { from: rowRange.from };
}

function areNeighbours(a: string, b: string): boolean {
  if (a === b) return true;
  if (isHashed(a) !== isHashed(b)) return false;
  return numberOf(b) - numberOf(a) <= NEIGHBOUR_DISTANCE;
}

function numberOf(bucket: string): number {
  return Number.parseInt(isHashed(bucket) ? bucket.slice(1) : bucket, 16);
}
