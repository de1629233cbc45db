import { randomUUID } from 'node:crypto';
import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import { withDeleteEtags } from './delete-conditions.ts';
import { LIMITS } from './size-limits.ts';
import { type Conflict, conflictOf, failedIndexOf } from './storage-errors.ts';
import { withRetries } from './storage-retries.ts';

/** A value of a property. Whole numbers beyond 32 bits and fractions are stored as doubles, `bigint` as Int64. */
export type CellValue = string | number | boolean | bigint;

/** A row to write. Properties that are undefined are left out (a merge leaves what is stored there). */
export interface Row {
  partitionKey: string;
  rowKey: string;
  [property: string]: CellValue | undefined;
}

/** A row as read, with the ETag to condition the next write on. */
export type StoredRow<T extends Row = Row> = T & { readonly etag: string };

/**
 * One write. `insert` needs the key to be free; `merge` (keeps the properties that aren't given) and `replace` need the
 * row to have the ETag that was read, and refuse one that stands for any row; `upsert` merges into whatever is there and is only for rows that hint at something.
 * `delete` removes a row that has the ETag that was read; without one whatever it holds, so it belongs then into a
 * transaction with a conditioned write that guards it, or is for rows that never change.
 */
export type Write =
  | { readonly kind: 'insert'; readonly row: Row }
  | { readonly kind: 'merge' | 'replace'; readonly row: Row; readonly etag: string }
  | { readonly kind: 'upsert'; readonly row: Row }
  | { readonly kind: 'delete'; readonly row: Pick<Row, 'partitionKey' | 'rowKey'>; readonly etag?: string };

/** `etags` in the order of the writes; or why nothing was written, and which write it was. */
export type WriteResult =
  | { readonly ok: true; readonly etags: string[] }
  | { readonly ok: false; readonly conflict: Conflict; readonly index: number };

/** A key range within a partition (`partitionKey`) or over partitions; `from` and `after` exclude each other, `to` is exclusive. */
export interface KeyRange {
  readonly partitionKey?: string;
  readonly partitionFrom?: string;
  readonly partitionAfter?: string;
  readonly partitionTo?: string;
  readonly from?: string;
  readonly after?: string;
  readonly to?: string;
  /** Only rows that were written last at this time (ISO 8601 UTC, by the service's clock) or later. */
  readonly writtenFrom?: string;
  /** Only these properties (the keys come along). */
  readonly select?: readonly string[];
}

/** At most so many rows come back from one request to the service. */
export const MAX_PAGE = 1000;
/** At most so many rows, all of one partition, are written together. */
export const ROWS_PER_TRANSACTION = LIMITS.transactionEntities;

/** Names the call that wrote a row last, so that a retried write can recognise its own success. */
const WRITE_ID = 'w';

export interface WriteOptions {
  /**
   * How a retried write knows itself again. By any of its rows, as others may have changed some meanwhile; or by the first,
   * where nobody changes that one: then the others are spared the mark.
   */
  readonly knownBy?: 'any' | 'first';
}

/** An ETag that no row has: stands for a row that is not to be written as it was read, so that the next write is `changed`. */
export const ETAG_OF_NO_ROW = `W/"datetime'1601-01-01T00%3A00%3A00.0000000Z'"`;

/**
 * One table of the storage account. All writes go through `write`, which resolves conflicts to values, retries what is
 * transient, and knows its own write again when the first attempt's answer was lost (unless others have changed every row
 * of it since: that is told as a conflict). Throws StorageUnavailable or StorageRefused otherwise.
 */
export class Table {
  readonly name: string;
  readonly #client: TableClient;
  #ready: Promise<void> | undefined;

  constructor(client: TableClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  /** The row, or undefined. */
  async get<T extends Row>(partitionKey: string, rowKey: string): Promise<StoredRow<T> | undefined> {
    await this.#prepare();
    return withRetries(`read ${this.name}`, async () => {
      try {
        return (await this.#client.getEntity<T>(partitionKey, rowKey)) as unknown as StoredRow<T>;
      } catch (error) {
        if (conflictOf(error) === 'missing') return undefined;
        throw error;
      }
    });
  }

  /**
   * The row, or undefined, with the service's own time when it answered (its Date header, in whole seconds). For deadlines
   * that hosts whose clocks differ are to agree on.
   */
  async getTimed<T extends Row>(
    partitionKey: string,
    rowKey: string,
  ): Promise<{ readonly row: StoredRow<T> | undefined; readonly servedMs: number }> {
    await this.#prepare();
    return withRetries(`read ${this.name}`, async () => {
      let servedMs = Number.NaN;
      const onResponse = ({ headers }: { readonly headers: { get(name: string): string | undefined } }) => {
        servedMs = Date.parse(headers.get('date') ?? '');
      };
      const row = await this.#client.getEntity<T>(partitionKey, rowKey, { onResponse }).catch((error: unknown) => {
        if (conflictOf(error) === 'missing') return undefined;
        throw error;
      });
      if (Number.isNaN(servedMs)) throw new Error('the answer has no Date header');
      return { row: row as unknown as StoredRow<T> | undefined, servedMs };
    });
  }

  /** Writes rows of one partition, all or nothing, at most `ROWS_PER_TRANSACTION`. */
  async write(writes: readonly Write[], { knownBy = 'any' }: WriteOptions = {}): Promise<WriteResult> {
    if (writes.length === 0) return { ok: true, etags: [] };
    requireSeen(writes);
    await this.#prepare();
    const writeId = randomUUID().slice(0, 13);
    const isMarked = (at: number) => knownBy === 'any' || at === 0;
    const actions = writes.map((write, at) => toAction(write, isMarked(at) ? writeId : undefined));
    const deleteEtags = writes.flatMap((write) => (write.kind === 'delete' ? [write.etag ?? '*'] : []));
    let attempts = 0;
    return withRetries(`write ${this.name}`, async () => {
      attempts++;
      try {
        return { ok: true, etags: await this.#submit(actions, deleteEtags) };
      } catch (error) {
        const conflict = conflictOf(error);
        if (!conflict) throw error;
        const own = attempts > 1 ? await this.#ownEarlierWrite(writes, { writeId, isMarked }) : undefined;
        return own ?? { ok: false, conflict, index: failedIndexOf(error) ?? 0 };
      }
    });
  }

  /** Removes one row if it still has the ETag that was read. `missing` may be the success of an earlier attempt. */
  async delete(partitionKey: string, rowKey: string, etag: string): Promise<'deleted' | Conflict> {
    await this.#prepare();
    return withRetries(`delete in ${this.name}`, async () => {
      try {
        await this.#client.deleteEntity(partitionKey, rowKey, { etag });
        return 'deleted';
      } catch (error) {
        const conflict = conflictOf(error);
        if (!conflict) throw error;
        return conflict;
      }
    });
  }

  /** One page of at most `limit` (≤ 1,000) rows in key order; `more` tells that further rows may follow. */
  async page<T extends Row>(
    range: KeyRange,
    limit: number = MAX_PAGE,
  ): Promise<{ rows: StoredRow<T>[]; more: boolean }> {
    await this.#prepare();
    const filter = toFilter(range);
    const select = range.select && ['partitionKey', 'rowKey', ...range.select];
    const queryOptions = { ...(filter && { filter }), ...(select && { select }) };
    return withRetries(`query ${this.name}`, async () => {
      const rows: StoredRow<T>[] = [];
      const pages = this.#client.listEntities<T>({ queryOptions }).byPage({ maxPageSize: Math.min(limit, MAX_PAGE) });
      for await (const page of pages) {
        rows.push(...(page as unknown as StoredRow<T>[]));
        // The service may cut a page short at a server boundary; an empty cut page is no end either.
        if (rows.length >= limit || !page.continuationToken) {
          return { rows: rows.slice(0, limit), more: rows.length > limit || Boolean(page.continuationToken) };
        }
      }
      return { rows, more: false };
    });
  }

  /** All rows of a range, page by page, in key order. Rows written meanwhile may or may not come. */
  async *rows<T extends Row>(range: KeyRange): AsyncGenerator<StoredRow<T>> {
    let next = range;
    for (;;) {
      const { rows, more } = await this.page<T>(next);
      yield* rows;
      const last = rows.at(-1);
      if (!more || !last) return;
      if (range.partitionKey !== undefined) next = { ...range, after: last.rowKey };
      else {
        // First the rest of the partition at hand, then the partitions after it: two narrow ranges, where one OR would scan.
        yield* this.rows<T>({ ...range, partitionKey: last.partitionKey, after: last.rowKey });
        next = { ...range, partitionAfter: last.partitionKey };
      }
    }
  }

  #prepare(): Promise<void> {
    this.#ready ??= withRetries(`create table ${this.name}`, () => this.#client.createTable()).catch(
      (error: unknown) => {
        this.#ready = undefined;
        throw error;
      },
    );
    return this.#ready;
  }

  async #submit(actions: TransactionAction[], deleteEtags: readonly string[]): Promise<string[]> {
    const [first] = actions;
    if (actions.length > 1 || !first) {
      const answer = await withDeleteEtags(deleteEtags, () => this.#client.submitTransaction(actions));
      return answer.subResponses.map((part) => part.etag?.trim() ?? '');
    }
    const [kind, row, mode, options] = first;
    if (kind === 'create') return [(await this.#client.createEntity(row)).etag ?? ''];
    if (kind === 'update') return [(await this.#client.updateEntity(row, mode, options)).etag ?? ''];
    if (kind === 'delete') {
      await this.#client.deleteEntity(row.partitionKey, row.rowKey, { etag: deleteEtags[0] ?? '*' });
      return [''];
    }
    return [(await this.#client.upsertEntity(row, 'Merge')).etag ?? ''];
  }

  /** All or nothing was written, so one row that still carries our id proves all of it. */
  async #ownEarlierWrite(
    writes: readonly Write[],
    { writeId, isMarked }: { readonly writeId: string; readonly isMarked: (at: number) => boolean },
  ): Promise<WriteResult | undefined> {
    const stored = await Promise.all(
      writes.map(async ({ row }, at) => (isMarked(at) ? this.get<Row>(row.partitionKey, row.rowKey) : undefined)),
    );
    if (!stored.some((row) => row?.[WRITE_ID] === writeId)) return undefined;
    return { ok: true, etags: stored.map((row) => (row?.[WRITE_ID] === writeId ? row.etag : ETAG_OF_NO_ROW)) };
  }
}

/** Throws for an ETag that stands for any row, `*` or none read: such a write would overwrite what nobody has seen. */
function requireSeen(writes: readonly Write[]): void {
  for (const write of writes) {
    if (!('etag' in write) || (write.etag !== '' && write.etag !== '*')) continue;
    const { partitionKey, rowKey } = write.row;
    throw new RangeError(
      `The ${write.kind} of ${partitionKey}/${rowKey} needs the ETag that was read, not "${write.etag}"`,
    );
  }
}

function toAction(write: Write, writeId: string | undefined): TransactionAction {
  if (write.kind === 'delete') return ['delete', write.row];
  const entity: Row = { ...write.row, ...(writeId !== undefined && { [WRITE_ID]: writeId }) };
  for (const [name, value] of Object.entries(entity)) {
    if (typeof value === 'number' && (!Number.isInteger(value) || Math.abs(value) > 0x7fff_ffff)) {
      (entity as Record<string, unknown>)[name] = { type: 'Double', value };
    }
  }
  if (write.kind === 'insert') return ['create', entity];
  if (write.kind === 'upsert') return ['upsert', entity, 'Merge'];
  return ['update', entity, write.kind === 'merge' ? 'Merge' : 'Replace', { etag: write.etag }];
}

function toFilter(range: KeyRange): string | undefined {
  const parts: string[] = [];
  if (range.partitionKey !== undefined) parts.push(odata`PartitionKey eq ${range.partitionKey}`);
  if (range.partitionFrom !== undefined) parts.push(odata`PartitionKey ge ${range.partitionFrom}`);
  if (range.partitionAfter !== undefined) parts.push(odata`PartitionKey gt ${range.partitionAfter}`);
  if (range.partitionTo !== undefined) parts.push(odata`PartitionKey lt ${range.partitionTo}`);
  if (range.from !== undefined) parts.push(odata`RowKey ge ${range.from}`);
  if (range.after !== undefined) parts.push(odata`RowKey gt ${range.after}`);
  if (range.to !== undefined) parts.push(odata`RowKey lt ${range.to}`);
  if (range.writtenFrom !== undefined) parts.push(odata`Timestamp ge ${new Date(range.writtenFrom)}`);
  return parts.length > 0 ? parts.join(' and ') : undefined;
}
