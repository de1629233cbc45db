/**
 * Where to look for the children of parents, page by page in the order of their hints. Hints lead to records one by one.
 * Where a page of one parent's hints leads to records that were made together, the rest of these is read without hints:
 * reading a hint costs as much as reading a record, and in such a stretch nearly every record is a child.
 */
import { afterPrefix } from '../../storage/keys.ts';
import type { Row, StoredRow } from '../../storage/table.ts';
import { isHashed, type KeySpan, type SpanPosition } from './key-spans.ts';
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

/** Digits that the buckets of a run share: ids that a process made one after the other (record-ids.ts). */
const RUN_DIGITS = 7;
/** A page whose hints lead to more runs than this is a mixture. */
const MAX_RUNS = 2;

/** Reads on from a position. Without `records` all children are looked for by their hints. */
export async function* childPages<T extends Row>(
  hints: SpanSource,
  records: SpanSource | undefined,
  parents: readonly KeySpan[],
  from: SpanPosition,
): AsyncGenerator<ChildPage<T>> {
  for (let position = from; position.at < parents.length; ) {
    const { at } = position;
    const { rows, next } = await readSpans<Row>(hints, parents, position);
    yield { kind: 'hints', rows, next };
    position = next;
    const [parent, last] = [parents[at], rows.at(-1)];
    // The page was cut within the parent that it began with.
    const isLong = parent !== undefined && next.at === at && next.after?.row === last?.rowKey;
    if (records && isLong && last && areTogether(rows)) {
      position = yield* restOfRun<T>(records, parent, at, last.rowKey);
    }
  }
}

/** The records behind the one that a hint leads to, up to the end of its run. Gives the position there. */
async function* restOfRun<T extends Row>(
  { table, select }: SpanSource,
  { bucket }: KeySpan,
  at: number,
  hint: string,
): AsyncGenerator<ChildPage<T>, SpanPosition> {
  const [parentId = '', childBucket = '', childId = ''] = hint.split('|');
  const run = childBucket.slice(0, RUN_DIGITS);
  const positionAt = (row: string): SpanPosition => ({ at, after: { bucket, row: `${parentId}|${row}` }, narrow: 0 });
  for (let [partitionFrom, after] = [childBucket, childId]; ; ) {
    // `~` is above every id: rows that aren't records begin with it.
    const page = await table.page<T>({ partitionFrom, partitionTo: afterPrefix(run), after, to: '~', select });
    const last = page.rows.at(-1);
    const next = page.more && last ? positionAt(`${last.partitionKey}|${last.rowKey}`) : positionAt(`${run}~`);
    yield { kind: 'records', parentId, rows: page.rows, next };
    if (!page.more || !last) return next;
    [partitionFrom, after] = [last.partitionKey, last.rowKey];
  }
}

/** Whether the children that hints lead to were made together. */
function areTogether(hints: readonly Row[]): boolean {
  const runs = new Set(hints.map(({ rowKey }) => rowKey.split('|')[1]?.slice(0, RUN_DIGITS) ?? ''));
  return runs.size <= MAX_RUNS && ![...runs].some(isHashed);
}
