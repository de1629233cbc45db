/** Hunts rows that reading by ranges leaves out, gives twice or gives though nobody asked, whatever lies between them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childPages } from '../../shared/cascade/identify/child-pages.ts';
import { readByIds } from '../../shared/cascade/identify/read-row-ranges.ts';
import { READ_BEGIN, type RowRange } from '../../shared/cascade/identify/row-ranges.ts';
import { bucketAfter, bucketOf } from '../../shared/records/record-ids.ts';
import type { KeyRange, Row, StoredRow, Table } from '../../shared/storage/table.ts';

/** A table in memory, whose pages are so small that reads go over many. */
function tableOf(rows: readonly Row[], pageSize: number): Pick<Table, 'page'> & { queries: number } {
  const sorted = [...rows].sort((a, b) => compare(`${a.partitionKey}\0${a.rowKey}`, `${b.partitionKey}\0${b.rowKey}`));
  return {
    queries: 0,
    page<T extends Row>(range: KeyRange, limit = pageSize) {
      this.queries++;
      const most = Math.min(limit, pageSize);
      const fitting = sorted.filter((row) => isIn(range, row));
      const page = fitting.slice(0, most).map((row) => ({ ...row, etag: 'e' }) as unknown as StoredRow<T>);
      return Promise.resolve({ rows: page, more: fitting.length > most });
    },
  };
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function isIn(range: KeyRange, { partitionKey, rowKey }: Row): boolean {
  if (range.partitionKey !== undefined && partitionKey !== range.partitionKey) return false;
  if (range.partitionFrom !== undefined && partitionKey < range.partitionFrom) return false;
  if (range.partitionAfter !== undefined && partitionKey <= range.partitionAfter) return false;
  if (range.partitionTo !== undefined && partitionKey >= range.partitionTo) return false;
  if (range.from !== undefined && rowKey < range.from) return false;
  if (range.after !== undefined && rowKey <= range.after) return false;
  return range.to === undefined || rowKey < range.to;
}

/** The children of parents, by reads that are cut off after so many pages and go on from where they had come to. */
async function readChildren(
  tables: { readonly hints: Pick<Table, 'page'>; readonly records: Pick<Table, 'page'> },
  spans: readonly RowRange[],
  { pagesAtOnce, parentOf }: { readonly pagesAtOnce: number; readonly parentOf: ReadonlyMap<string, string> },
): Promise<string[]> {
  const hints = { table: tables.hints, suffix: '0', select: [] };
  const records = { table: tables.records, suffix: '', select: [], lookup: 'parent' };
  const found: string[] = [];
  for (let place = READ_BEGIN; place.at < spans.length; ) {
    let left = pagesAtOnce;
    for await (const page of childPages(hints, records, spans, place)) {
      for (const { rowKey } of page.rows) {
        const [parentId, child] =
          page.kind === 'hints' ? [rowKey.slice(0, 36), rowKey.slice(-36)] : [page.parentId, rowKey];
        if (parentOf.get(child) === parentId) found.push(child);
      }
      place = page.next;
      if (--left === 0) break;
    }
  }
  return found;
}

/** Ids of ours in a few neighbouring and some far buckets, and ids that clients brought. */
const id = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('0000000', '0000001', 'a000000', 'fffffff'),
      fc.integer({ min: 0, max: 15 }),
      fc.integer({ min: 0, max: 200 }),
    )
    .map(([run, bucket, number]) => `${run}${bucket.toString(16)}-0000-8000-a000-${String(number).padStart(12, '0')}`),
  fc.integer({ min: 0, max: 400 }).map((number) => `00000000-0000-4000-a000-${String(number).padStart(12, '0')}`),
);
/** One of the ids that a process makes one after the other: 250 in each of the buckets of a run. */
const madeTogether = (first: string, at: number) =>
  `${bucketAfter(first, Math.floor(at / 250))}-0000-8000-a000-${String(at).padStart(12, '0')}`;
const ids = fc.uniqueArray(id, { maxLength: 120, size: 'max' });
const rowOf = (id: string): Row => ({ partitionKey: bucketOf(id), rowKey: id });
const marker = (id: string): Row => ({ partitionKey: bucketOf(id), rowKey: '~m|job|chunk' });

describe('C18 reading records by id', () => {
  it('gives each record that exists once, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(ids, ids, fc.integer({ min: 1, max: 40 }), async (wanted, others, pageSize) => {
        const existing = new Set([...wanted.filter((_, at) => at % 5 !== 0), ...others]);
        const rows = [...existing].map(rowOf);
        const markers = new Map([...existing].map((id) => [bucketOf(id), marker(id)]));
        const table = tableOf([...rows, ...markers.values()], pageSize);
        const read = await readByIds(table, wanted, []);
        expect(read.map(({ rowKey }) => rowKey).sort()).toEqual(wanted.filter((id) => existing.has(id)).sort());
      }),
    );
  });

  it('reads what was made together together, and gives ranges up where other rows lie thick between', async () => {
    const dense = Array.from({ length: 4000 }, (_, at) => madeTogether('00000000', at));
    const table = tableOf(dense.map(rowOf), 1000);
    expect(await readByIds(table, dense, [])).toHaveLength(4000);
    expect(table.queries).toBe(4);
    const sparse = dense.filter((_, at) => at % 100 === 0);
    const busy = tableOf(dense.map(rowOf), 1000);
    expect(await readByIds(busy, sparse, [])).toHaveLength(40);
    expect(busy.queries).toBeLessThanOrEqual(sparse.length);
  });
});

describe('C18 looking for the children of many parents', () => {
  // Most children are those of few parents, which so have many pages of them; some hints lead to what was moved away since.
  const links = fc.array(fc.tuple(id, fc.integer({ min: 0, max: 5 })), { maxLength: 300, size: 'max' });
  const sizes = fc.record({
    pageSize: fc.integer({ min: 1, max: 20 }),
    pagesAtOnce: fc.integer({ min: 1, max: 30 }),
  });

  it('gives the children of just these parents, each once, from any place on', async () => {
    await fc.assert(
      fc.asyncProperty(ids, ids, links, sizes, async (parents, others, pairs, { pageSize, pagesAtOnce }) => {
        const all = [...parents.slice(0, 4), ...others.slice(0, 2)];
        const parentOf = new Map<string, string>();
        const hints = new Map<string, Row>();
        for (const [child, parent] of pairs) {
          const parentId = all[parent % Math.max(1, all.length)];
          if (parentId === undefined) continue;
          const rowKey = `${parentId}|${bucketOf(child)}|${child}`;
          hints.set(rowKey, { partitionKey: `${bucketOf(parentId)}0`, rowKey });
          parentOf.set(child, parentId);
        }
        const records = [...parentOf.keys()].flatMap((child) => [rowOf(child), marker(child)]);
        const spans = parents
          .map((id): RowRange => ({ bucket: bucketOf(id), from: `${id}|`, to: `${id}|\u007f` }))
          .sort((a, b) => compare(a.bucket, b.bucket) || compare(a.from, b.from));
        const tables = { hints: tableOf([...hints.values()], pageSize), records: tableOf(records, pageSize) };
        const found = await readChildren(tables, spans, { pagesAtOnce, parentOf });
        const wanted = [...parentOf].flatMap(([child, parent]) => (parents.includes(parent) ? [child] : []));
        expect(found.sort()).toEqual(wanted.sort());
      }),
    );
  });

  describe('of which a parent has many that were made together', () => {
    const parentId = '00000000-0000-8000-a000-ffffffffffff';
    const spans = [{ bucket: '00000000', from: `${parentId}|`, to: `${parentId}|~` }];

    /** What is found in a run in which those at some places are the parent's, and how many queries that takes. */
    async function find(made: number, isChild: (at: number) => boolean) {
      const all = Array.from({ length: made }, (_, at) => ({ id: madeTogether('a000fffb', at), isOwn: isChild(at) }));
      const children = all.filter(({ isOwn }) => isOwn).map(({ id }) => id);
      const hints = tableOf(
        children.map((child) => ({ partitionKey: '000000000', rowKey: `${parentId}|${bucketOf(child)}|${child}` })),
        1000,
      );
      const records = tableOf(
        all.map(({ id, isOwn }) => ({ ...rowOf(id), parent: isOwn ? parentId : 'another' })),
        1000,
      );
      const parentOf = new Map(children.map((child) => [child, parentId]));
      const found = await readChildren({ hints, records }, spans, { pagesAtOnce: 100, parentOf });
      expect(found.sort()).toEqual(children.sort());
      return { hints: hints.queries, records: records.queries };
    }

    it('reads few of its hints', async () => {
      expect(await find(10_000, () => true)).toEqual({ hints: 2, records: 12 });
    });

    it('goes back to the hints where few of the records are its own', async () => {
      expect(await find(10_000, (at) => at < 150)).toEqual({ hints: 2, records: 1 });
      expect(await find(10_000, (at) => at < 2500)).toEqual({ hints: 2, records: 5 });
      expect(await find(10_000, (at) => at < 1500 || at >= 8000)).toEqual({ hints: 3, records: 8 });
    });
  });
});
