/** Hunts rows that a walk over ranges leaves out, gives twice or gives though nobody asked, whatever lies between them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hintPages } from '../../shared/cascade/hint-pages.ts';
import { type KeySpan, SPANS_BEGIN } from '../../shared/cascade/key-spans.ts';
import { readByIds } from '../../shared/cascade/read-spans.ts';
import { bucketOf } from '../../shared/records/record-ids.ts';
import type { KeyRange, Row, StoredRow, Table } from '../../shared/storage/table.ts';

/** A table in memory, whose pages are so small that walks go over many. */
function tableOf(rows: readonly Row[], pageSize: number): Pick<Table, 'page'> & { queries: number } {
  const sorted = [...rows].sort((a, b) => compare(`${a.partitionKey}\0${a.rowKey}`, `${b.partitionKey}\0${b.rowKey}`));
  return {
    queries: 0,
    page<T extends Row>(range: KeyRange) {
      this.queries++;
      const fitting = sorted.filter((row) => isIn(range, row));
      const page = fitting.slice(0, pageSize).map((row) => ({ ...row, etag: 'e' }) as unknown as StoredRow<T>);
      return Promise.resolve({ rows: page, more: fitting.length > pageSize });
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

/** The keys of the hints in spans, by walks that are cut off after so many pages and go on from where they had come to. */
async function readHints(
  table: Pick<Table, 'page'>,
  spans: readonly KeySpan[],
  pagesAtOnce: number,
): Promise<string[]> {
  const found: string[] = [];
  for (let place = SPANS_BEGIN; place.at < spans.length; ) {
    let left = pagesAtOnce;
    for await (const page of hintPages({ table, suffix: '0', select: [] }, spans, place)) {
      found.push(...page.rows.map(({ rowKey }) => rowKey));
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
    const made = (run: string, bucket: number, number: number) =>
      `${run}${bucket.toString(16)}-0000-8000-a000-${String(number).padStart(12, '0')}`;
    const dense = Array.from({ length: 4000 }, (_, at) => made('0000000', Math.floor(at / 250), at));
    const table = tableOf(dense.map(rowOf), 1000);
    expect(await readByIds(table, dense, [])).toHaveLength(4000);
    expect(table.queries).toBe(4);
    const sparse = dense.filter((_, at) => at % 100 === 0);
    const busy = tableOf(dense.map(rowOf), 1000);
    expect(await readByIds(busy, sparse, [])).toHaveLength(40);
    expect(busy.queries).toBeLessThanOrEqual(sparse.length);
  });
});

describe('C18 following the hints of many parents', () => {
  // Many links lead from few parents, so that some have many pages of hints.
  const links = fc.array(fc.tuple(id, fc.integer({ min: 0, max: 30 })), { maxLength: 150, size: 'max' });
  const sizes = fc.record({
    pageSize: fc.integer({ min: 1, max: 20 }),
    pagesAtOnce: fc.integer({ min: 1, max: 30 }),
  });

  it('gives the hints of just these parents, each once, from any place on', async () => {
    await fc.assert(
      fc.asyncProperty(ids, ids, links, sizes, async (parents, others, pairs, { pageSize, pagesAtOnce }) => {
        const all = [...parents, ...others];
        const rows = new Map<string, Row>();
        for (const [child, parent] of pairs) {
          const parentId = all[parent % Math.max(1, all.length)];
          if (parentId === undefined) continue;
          const rowKey = `${parentId}|${bucketOf(child)}|${child}`;
          rows.set(rowKey, { partitionKey: `${bucketOf(parentId)}0`, rowKey });
        }
        const spans = parents
          .map((id): KeySpan => ({ bucket: bucketOf(id), from: `${id}|`, to: `${id}|\u007f` }))
          .sort((a, b) => compare(a.bucket, b.bucket) || compare(a.from, b.from));
        const table = tableOf([...rows.values()], pageSize);
        const found = await readHints(table, spans, pagesAtOnce);
        const wanted = [...rows.keys()].filter((key) => parents.includes(key.slice(0, 36)));
        expect([...found].sort()).toEqual(wanted.sort());
      }),
    );
  });
});
