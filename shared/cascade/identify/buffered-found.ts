import type { TableName } from '../../catalogue/tables.ts';
import { bucketOf } from '../../records/record-ids.ts';
import { createPipeline, groupBy, PAGES_AHEAD } from '../../storage/parallel.ts';
import type { FoundAt, FoundIds, FoundPart, FoundRecord, FoundRecords } from './found-records.ts';

interface Page {
  readonly at: FoundAt;
  readonly found: readonly FoundRecord[];
}

/**
 * Found records in memory, where identifying begins at the root: what one call can finish never needs to be stored, and a
 * call that dies is begun anew. Before a cursor is given, all is stored by `spill`.
 */
export class BufferedFound implements FoundRecords {
  readonly #stored: Pick<FoundRecords, 'put'>;
  readonly #pages: Page[] = [];
  readonly #tables = new Map<TableName, Map<string, FoundPart[]>>();

  constructor(stored: Pick<FoundRecords, 'put'>) {
    this.#stored = stored;
  }

  /** Stores everything, a page under the key that it would have had without a buffer. */
  async spill(): Promise<void> {
    const pipeline = createPipeline(PAGES_AHEAD);
    for (const { at, found } of this.#pages) await pipeline.add(() => this.#stored.put(at, found));
    await pipeline.end();
  }

  put(at: FoundAt, found: readonly FoundRecord[]): Promise<void> {
    if (found.length === 0) return Promise.resolve();
    this.#pages.push({ at, found });
    const buckets = this.#tables.get(at.table) ?? new Map<string, FoundPart[]>();
    this.#tables.set(at.table, buckets);
    for (const records of groupBy(found, ({ id }) => bucketOf(id))) {
      const bucket = bucketOf(records[0]?.id ?? '');
      const parts = buckets.get(bucket);
      if (parts) parts.push({ level: at.level, records });
      else buckets.set(bucket, [{ level: at.level, records }]);
    }
    return Promise.resolve();
  }

  async *levels(table: TableName, from = ''): AsyncGenerator<{ bucket: string; levels: FoundIds[] }> {
    for await (const { bucket, parts } of this.records(table, from)) {
      const levels = parts.flatMap(({ level, records }) =>
        groupBy(records, ({ effect }) => effect).map((group): FoundIds => {
          return { level, effect: group[0]?.effect ?? 'change', ids: group.map(({ id }) => id) };
        }),
      );
      yield { bucket, levels };
    }
  }

  async counts(table: TableName): Promise<{ bucket: string; records: number }[]> {
    const counts: { bucket: string; records: number }[] = [];
    for await (const { bucket, parts } of this.records(table)) {
      counts.push({ bucket, records: parts.reduce((sum, { records }) => sum + records.length, 0) });
    }
    return counts;
  }

  async *records(table: TableName, from = ''): AsyncGenerator<{ bucket: string; parts: readonly FoundPart[] }> {
    const buckets = this.#tables.get(table);
    for (const bucket of [...(buckets?.keys() ?? [])].sort()) {
      if (bucket >= from) yield { bucket, parts: buckets?.get(bucket) ?? [] };
    }
  }
}
