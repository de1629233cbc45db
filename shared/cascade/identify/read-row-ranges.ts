import { bucketOf } from '../../records/record-ids.ts';
import { mapParallel, PAGES_AHEAD } from '../../storage/parallel.ts';
import { MAX_PAGE, type Row, type StoredRow, type Table } from '../../storage/table.ts';
import {
  afterRange,
  decideRead,
  firstOpen,
  isWithin,
  type KeyPlace,
  READ_BEGIN,
  type ReadPosition,
  type RowRange,
} from './row-ranges.ts';

/** A table whose partitions are buckets, and what is read of its rows. */
export interface RowSource {
  readonly table: Pick<Table, 'page'>;
  /** What a PartitionKey has behind the bucket. */
  readonly suffix: string;
  /** Properties to read in addition to the keys. */
  readonly select: readonly string[];
}

/**
 * Reads on in sorted ranges: one query over neighbours, or a few queries for single ranges. Gives the
 * rows that are in a range, and the position to go on from; at `rowRanges.length` nothing is left. A query gives at most `limit` rows.
 */
export async function readRowRanges<T extends Row>(
  { table, suffix, select }: RowSource,
  rowRanges: readonly RowRange[],
  position: ReadPosition,
  limit: number = MAX_PAGE,
): Promise<{ rows: StoredRow<T>[]; next: ReadPosition }> {
  const read = decideRead(rowRanges, position, suffix);
  const keyOf = (row: Row): KeyPlace => ({
    bucket: suffix === '' ? row.partitionKey : row.partitionKey.slice(0, -suffix.length),
    row: row.rowKey,
  });
  if (read.kind === 'range') {
    const page = await table.page<T>({ ...read.range, select }, limit);
    const rows: StoredRow<T>[] = [];
    let at = position.at;
    for (const row of page.rows) {
      const key = keyOf(row);
      at = firstOpen(rowRanges, at, read.end, key);
      if (isWithin(rowRanges[at], key)) rows.push(row);
    }
    const lastRow = page.rows.at(-1);
    const last = page.more && lastRow ? keyOf(lastRow) : undefined;
    return {
      rows,
      next: afterRange(rowRanges, position, read.end, { last, rows: page.rows.length, wanted: rows.length }),
    };
  }
  const pages = await Promise.all(read.ranges.map((range) => table.page<T>({ ...range, select }, limit)));
  const rows: StoredRow<T>[] = [];
  for (const [index, page] of pages.entries()) {
    rows.push(...page.rows);
    const last = page.more ? page.rows.at(-1) : undefined;
    // What came after an unfinished range is read again later, so that the position is one place.
    if (last) return { rows, next: { at: position.at + index, after: keyOf(last), narrow: position.narrow } };
  }
  const at = position.at + pages.length;
  return { rows, next: { at, after: undefined, narrow: Math.max(0, position.narrow - pages.length) } };
}

/**
 * The rows of records by id, those that exist, in no particular order. Rows that were made together are read together,
 * a thousand at a time.
 */
export async function readByIds<T extends Row>(
  table: Pick<Table, 'page'>,
  ids: Iterable<string>,
  select: readonly string[],
): Promise<StoredRow<T>[]> {
  const rowRanges = [...ids].map(idRange).sort((a, b) => compareRanges(a, b));
  const groups: RowRange[][] = [];
  for (let at = 0; at < rowRanges.length; at += MAX_PAGE) groups.push(rowRanges.slice(at, at + MAX_PAGE));
  const source: RowSource = { table, suffix: '', select };
  const found = await mapParallel(groups, PAGES_AHEAD, async (group) => {
    const rows: StoredRow<T>[][] = [];
    for (let position = READ_BEGIN; position.at < group.length; ) {
      const read = await readRowRanges<T>(source, group, position);
      rows.push(read.rows);
      position = read.next;
    }
    return rows.flat();
  });
  return found.flat();
}

/** The one row of a record. */
function idRange(id: string): RowRange {
  return { bucket: bucketOf(id), from: id, to: `${id}~` };
}

function compareRanges(a: RowRange, b: RowRange): number {
  if (a.bucket !== b.bucket) return a.bucket < b.bucket ? -1 : 1;
  return a.from < b.from ? -1 : Number(a.from > b.from);
}
