/**
 * Planning of reads over tables whose partitions are buckets of ids (records, and the hints under parents): the pure part.
 * What is wanted is a sorted list of spans of keys. Neighbouring spans are read together as one range, because a query
 * costs as much as many rows; but other people's rows lie between them, so a range that yields little is given up for
 * reads span by span. Rows of a process's ids sort by RowKey across partitions, since such an id begins with its bucket;
 * ids that clients brought sort only within their partition.
 */
import { isHashed } from '../../records/record-ids.ts';
import { afterPrefix } from '../../storage/keys.ts';
import type { KeyRange } from '../../storage/table.ts';

/** The rows of one bucket from `from` on and below `to`. */
export interface KeySpan {
  readonly bucket: string;
  readonly from: string;
  readonly to: string;
}

/** A key; in a walk over spans, the last one that was read. */
export interface KeyPlace {
  readonly bucket: string;
  readonly row: string;
}

/** Where a walk over spans stands: at a span, perhaps in the middle of it. */
export interface SpanPosition {
  /** Index of the first span that isn't read to its end. */
  readonly at: number;
  /** The last key read; undefined when nothing of the span at hand was. */
  readonly after: KeyPlace | undefined;
  /** How many spans are still to be read one by one, because a range yielded little. */
  readonly narrow: number;
}

/** Before the first span. */
export const SPANS_BEGIN: SpanPosition = { at: 0, after: undefined, narrow: 0 };

/** Spans that are read one by one at the same time. */
const WINDOW = 8;
/** Buckets that are further apart are not read as one range: too much may lie in between. */
const NEIGHBOUR_DISTANCE = 16;
/** A range read is worth it while a span costs no more foreign rows than this; reading it alone costs about as much. */
const FOREIGN_ROWS_PER_SPAN = 30;
/** After a poor range so many spans are read one by one before a range is tried again. */
const NARROW_SPANS = 32;

/** The next thing to do: one range over spans up to `end` (exclusive), or several spans each by itself. */
export type SpanRead =
  | { readonly kind: 'range'; readonly range: KeyRange; readonly end: number }
  | { readonly kind: 'window'; readonly ranges: readonly KeyRange[] };

/** What to read next. `suffix` is what a PartitionKey has behind the bucket. */
export function decideRead(spans: readonly KeySpan[], position: SpanPosition, suffix: string): SpanRead {
  const { at, after, narrow } = position;
  const end = stretchEnd(spans, position);
  if (narrow === 0 && end - at > 2) return { kind: 'range', range: rangeOver(spans, position, end, suffix), end };
  const ranges = spans
    .slice(at, at + WINDOW)
    .map((span, index) => spanRange(span, index === 0 ? after : undefined, suffix));
  return { kind: 'window', ranges };
}

/** Where the walk stands after a range read: `last` is the last row that came, undefined when the range is exhausted. */
export function afterRange(
  spans: readonly KeySpan[],
  { at }: SpanPosition,
  end: number,
  outcome: { readonly last: KeyPlace | undefined; readonly rows: number; readonly wanted: number },
): SpanPosition {
  const next = outcome.last ? firstOpen(spans, at, end, outcome.last) : end;
  const foreign = outcome.rows - outcome.wanted;
  const poor = foreign > FOREIGN_ROWS_PER_SPAN * Math.max(1, next - at);
  return { at: next, after: next < end ? outcome.last : undefined, narrow: poor ? NARROW_SPANS : 0 };
}

/** Index of the first span from `at` on, and below `end`, that doesn't lie wholly at or before a key. */
export function firstOpen(spans: readonly KeySpan[], at: number, end: number, key: KeyPlace): number {
  let index = at;
  for (; index < end; index++) {
    const span = spans[index];
    if (!span || span.bucket > key.bucket || (span.bucket === key.bucket && span.to > key.row)) break;
  }
  return index;
}

/** Whether a key lies in a span. */
export function isWithin(span: KeySpan | undefined, key: KeyPlace): boolean {
  return span?.bucket === key.bucket && span.from <= key.row && key.row < span.to;
}

/** The end of the spans from the position on that may be read as one range. */
function stretchEnd(spans: readonly KeySpan[], { at, after }: SpanPosition): number {
  const first = spans[at];
  if (!first) return at;
  // In the middle of a partition of foreign ids a bound on RowKey holds for that partition alone.
  const bounded = isHashed(first.bucket) && after?.bucket === first.bucket;
  let end = at + 1;
  for (let before = first; end < spans.length; end++) {
    const span = spans[end];
    if (!span || (bounded ? span.bucket !== first.bucket : !areNeighbours(before.bucket, span.bucket))) break;
    before = span;
  }
  return end;
}

function rangeOver(spans: readonly KeySpan[], { at, after }: SpanPosition, end: number, suffix: string): KeyRange {
  const [first, last] = [spans[at], spans[end - 1]];
  if (!first || !last) throw new RangeError(`No spans from ${at} to ${end}`);
  if (first.bucket === last.bucket) {
    return { partitionKey: first.bucket + suffix, ...lowerBound(first, after), to: last.to };
  }
  const partitions = { partitionFrom: first.bucket + suffix, partitionTo: afterPrefix(last.bucket + suffix) };
  // `~` is above every id and below nothing that is one: rows that aren't records begin with it.
  if (isHashed(first.bucket)) return { ...partitions, to: '~' };
  return { ...partitions, ...lowerBound(first, after), to: last.to };
}

function spanRange(span: KeySpan, after: KeyPlace | undefined, suffix: string): KeyRange {
  return { partitionKey: span.bucket + suffix, ...lowerBound(span, after), to: span.to };
}

function lowerBound(span: KeySpan, after: KeyPlace | undefined): KeyRange {
  return after && after.bucket === span.bucket && after.row >= span.from ? { after: after.row } : { from: span.from };
}

function areNeighbours(a: string, b: string): boolean {
  if (a === b) return true;
  if (isHashed(a) !== isHashed(b)) return false;
  return numberOf(b) - numberOf(a) <= NEIGHBOUR_DISTANCE;
}

function numberOf(bucket: string): number {
  return Number.parseInt(isHashed(bucket) ? bucket.slice(1) : bucket, 16);
}
