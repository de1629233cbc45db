/**
 * Where to look for the children of parents, page by page in the order of their hints. Hints lead to records one by one.
 * Where a page of one parent's hints leads to records that were made together, the rest of these is read without hints:
 * reading a hint costs as much as reading a record, and in such a stretch nearly every record is a child.
 */
import { hintKeyAt, parseHintKey } from '../../records/child-hints.ts';
import { BUCKETS_PER_RUN, isHashed, RUN_DIGITS } from '../../records/record-ids.ts';
import { afterPrefix } from '../../storage/keys.ts';
import { type KeyRange, MAX_PAGE, type Row, type StoredRow } from '../../storage/table.ts';
import type { KeySpan, SpanPosition } from './key-spans.ts';
import { readSpans, type SpanSource } from './read-spans.ts';

/** Hints to follow, or records of which some are children of the parent; and the position to go on from. */
export type ChildPage<T extends Row> =
  | { readonly kind: 'hints'; readonly rows: readonly Row[]; readonly next: SpanPosition }
  | {
      readonly kind: 'records';
      readonly parentId: string;
      readonly rows: readonly StoredRow<T>[];
      readonly next: SpanPosition;
    };

/** So many buckets of a run (ids that a process made one after the other) fit into a page; each holds 250 records, seldom more. */
const BUCKETS_PER_PAGE = 4;
/** Of a bucket that holds 250 records at most, so many must be children for all of them to be read. */
const MIN_PER_BUCKET = 50;
/** Hints that are enough to see whether children were made together. */
const PEEK_HINTS = 100;

/** Reads on from a position. Without `records` all children are looked for by their hints. */
export async function* childPages<T extends Row>(
  hints: SpanSource,
  records: SpanSource | undefined,
  parents: readonly KeySpan[],
  from: SpanPosition,
): AsyncGenerator<ChildPage<T>> {
  let isPeek = records !== undefined && parents.length === 1;
  for (let position = from; position.at < parents.length; ) {
    const { at } = position;
    const { rows, next } = await readSpans<Row>(hints, parents, position, isPeek ? PEEK_HINTS : MAX_PAGE);
    const [parent, first, last] = [parents[at], rows[0], rows.at(-1)];
    // The page was cut within the parent that it began with.
    const isLong = parent !== undefined && next.at === at && next.after?.row === last?.rowKey;
    isPeek = records !== undefined && isLong && first !== undefined && areTogether(rows);
    if (records && isPeek && parent && first) position = yield* runOf<T>(records, parent, at, first.rowKey);
    else {
      yield { kind: 'hints', rows, next };
      position = next;
    }
  }
}

/** The records from the one on that a hint leads to, up to the end of its run. Gives the position there. */
async function* runOf<T extends Row>(
  source: SpanSource,
  { bucket }: KeySpan,
  at: number,
  hint: string,
): AsyncGenerator<ChildPage<T>, SpanPosition> {
  const { parentId, childBucket, childId } = parseHintKey(hint);
  const run = childBucket.slice(0, RUN_DIGITS);
  const positionAt = (start: string): SpanPosition => {
    return { at, after: { bucket, row: hintKeyAt(parentId, start) }, narrow: 0 };
  };
  const starts = startsFrom(Number.parseInt(childBucket.slice(RUN_DIGITS), 16)).map((digit) => run + digit);
  const read = (index: number) => {
    const start = starts[index];
    if (start === undefined) return undefined;
    const range = { partitionFrom: start, ...(index === 0 && { from: childId }) };
    const rows = readAll<T>(source, range, starts[index + 1] ?? afterPrefix(run));
    // Whoever waits for it learns of it; nobody may, when the walk is broken off.
    rows.catch(() => undefined);
    return rows;
  };
  let ahead = read(0);
  for (let index = 0; ahead; index++) {
    const reading = ahead;
    ahead = read(index + 1);
    const end = starts[index + 1];
    yield { kind: 'records', parentId, rows: await reading, next: positionAt(end ?? `${run}~`) };
  }
  return positionAt(`${run}~`);
}

/** The last digits of the buckets with which the pages of a run begin, of about a thousand records each. */
function startsFrom(first: number): string[] {
  const starts: string[] = [];
  for (let digit = first; digit < BUCKETS_PER_RUN; digit += BUCKETS_PER_PAGE) starts.push(digit.toString(16));
  return starts;
}

/** All records of a few buckets. */
async function readAll<T extends Row>(
  { table, select }: SpanSource,
  first: KeyRange,
  partitionTo: string,
): Promise<StoredRow<T>[]> {
  const rows: StoredRow<T>[] = [];
  // `~` is above every id: rows that aren't records begin with it.
  for (let start = first; ; ) {
    const page = await table.page<T>({ ...start, partitionTo, to: '~', select });
    rows.push(...page.rows);
    const last = page.rows.at(-1);
    if (!page.more || !last) return rows;
    start = { partitionFrom: last.partitionKey, after: last.rowKey };
  }
}

/** Whether most of the children that hints lead to were made together. */
function areTogether(hints: readonly Row[]): boolean {
  const buckets = new Set(hints.map(({ rowKey }) => parseHintKey(rowKey).childBucket));
  return hints.length >= buckets.size * MIN_PER_BUCKET && ![...buckets].some(isHashed);
}
