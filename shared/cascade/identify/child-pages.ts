/**
 * Where to look for the children of parents, page by page in the order of their hints. Hints lead to records one by one.
 * Where a page of one parent's hints leads to records that were made together, the rest of these is read without hints, for
 * as long as many of the records are children: reading a hint costs as much as reading a record.
 */
import { hintKeyAt, parseHintKey } from '../../records/child-hints.ts';
import { bucketAfter, END_OF_BUCKETS, isHashed } from '../../records/record-ids.ts';
import { type KeyRange, MAX_PAGE, type Row, type StoredRow } from '../../storage/table.ts';
import { type RowSource, readRowRanges } from './read-row-ranges.ts';
import type { ReadPosition, RowRange } from './row-ranges.ts';

/** Hints to follow, or records of which some are children of the parent; and the position to go on from. */
export type ChildPage<T extends Row> =
  | { readonly kind: 'hints'; readonly rows: readonly Row[]; readonly next: ReadPosition }
  | {
      readonly kind: 'records';
      readonly parentId: string;
      readonly rows: readonly StoredRow<T>[];
      readonly next: ReadPosition;
    };

/** Records of which some are children, and the property that says so. */
export interface RecordSource extends RowSource {
  readonly lookup: string;
}

/** So many neighbouring buckets (ids that a process made one after the other) fit into a page; each holds 250 records, seldom more. */
const BUCKETS_PER_PAGE = 4;
/** Of a bucket that holds 250 records as a rule, so many must be children for all of them to be read. */
const MIN_PER_BUCKET = 50;
/** Hints that are enough to see whether children were made together. */
const PEEK_HINTS = 100;

/** Reads on from a position. Without `records` all children are looked for by their hints. */
export async function* childPages<T extends Row>(
  hints: RowSource,
  records: RecordSource | undefined,
  parents: readonly RowRange[],
  from: ReadPosition,
): AsyncGenerator<ChildPage<T>> {
  let isPeek = records !== undefined && parents.length === 1;
  for (let position = from; position.at < parents.length; ) {
    const { at } = position;
    const { rows, next } = await readRowRanges<Row>(hints, parents, position, isPeek ? PEEK_HINTS : MAX_PAGE);
    const [parent, first, last] = [parents[at], rows[0], rows.at(-1)];
    // The page was cut within the parent that it began with.
    const isLong = parent !== undefined && next.at === at && next.after?.row === last?.rowKey;
    const isRun = isLong && areTogether(rows);
    // Behind a run there may be another.
    isPeek = records !== undefined && isRun;
    if (records && isRun && first) position = yield* runOf<T>(records, parent, at, first.rowKey);
    else {
      yield { kind: 'hints', rows, next };
      position = next;
    }
  }
}

/** The records from the one on that a hint leads to, until few of them are children. Gives the position there. */
async function* runOf<T extends Row>(
  source: RecordSource,
  { bucket }: RowRange,
  at: number,
  hint: string,
): AsyncGenerator<ChildPage<T>, ReadPosition> {
  const { parentId, childBucket, childId } = parseHintKey(hint);
  const read = (range: KeyRange & { readonly partitionFrom: string }) => {
    const rows = readAll<T>(source, range, bucketAfter(range.partitionFrom, BUCKETS_PER_PAGE));
    // Whoever waits for it learns of it; nobody may, when identifying is broken off.
    rows.catch(() => undefined);
    return rows;
  };
  let start = childBucket;
  let isRich = false;
  let reading = read({ partitionFrom: start, from: childId });
  for (;;) {
    const end = bucketAfter(start, BUCKETS_PER_PAGE);
    const next: ReadPosition = { at, after: { bucket, row: hintKeyAt(parentId, end) }, narrow: 0 };
    const ahead = isRich && end !== END_OF_BUCKETS ? read({ partitionFrom: end }) : undefined;
    const rows = await reading;
    yield { kind: 'records', parentId, rows, next };
    const children = rows.filter((row) => row[source.lookup] === parentId).length;
    isRich = children >= MIN_PER_BUCKET * BUCKETS_PER_PAGE;
    if (!isRich || end === END_OF_BUCKETS) return next;
    reading = ahead ?? read({ partitionFrom: end });
    start = end;
  }
}

/** All records of a few buckets. */
async function readAll<T extends Row>(
  { table, select }: RowSource,
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
