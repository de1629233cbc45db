/**
 * Bulk changes of operations. Table `bulkchanges`, PartitionKey = the bulk change's id, which is its instance's too. RowKey
 * `bulk`: what is asked for and how far it is; `refused|<page>`: what was refused on a page of it. A storage format
 * (docs/adr/0002).
 *
 *  BULK-1  A page is chosen, with the place where the next one begins, before anything of it is changed: so a page that
 *      is worked on again after a crash is the same one, though its operations no longer fit the filter.
 *  BULK-2  Refusals of a page, then the row with the page's counts If-Match: a page counts once.
 */
import { z } from 'zod';
import type { ProblemBody } from '../../problem.ts';
import { jsonColumn, unchecked } from '../../storage/json-column.ts';
import { numberKey } from '../../storage/keys.ts';
import { placeSchema } from '../../storage/newest-first.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row, StoredRow, Table } from '../../storage/table.ts';
import type { OperationFilter } from '../headquarters/operations.ts';

const requestSchema = z.object({
  /** The operations, by id or by what they have in common. */
  ids: z.array(z.string()).optional(),
  filter: unchecked<OperationFilter>().optional(),
  /** New values of attributes. */
  changes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  /** Why the operations are to be discarded, if they are. */
  discard: z.string().optional(),
  /** Discard with a creation what needs it. */
  withLater: z.boolean().optional(),
  synchronize: z.boolean(),
  dryRun: z.boolean(),
  by: z.string(),
});
/** What is asked for. */
export type BulkRequest = Readonly<z.infer<typeof requestSchema>>;

/** An operation that a bulk change can't do anything to. */
const refusalSchema = z.object({ id: z.string(), problem: unchecked<ProblemBody>() });
export type BulkRefusal = Readonly<z.infer<typeof refusalSchema>>;

const pageSchema = z.object({
  /** Operations of the page. */
  ids: z.array(z.string()),
  /** Where the next one begins: a place in the list, or in the ids; absent after the last. */
  next: z.union([placeSchema, z.number()]).optional(),
});
export type BulkPage = z.infer<typeof pageSchema>;

const stateSchema = z.object({
  status: z.enum(['Queued', 'Running', 'Completed', 'Failed']),
  createdOn: z.string(),
  completedOn: z.string().nullable(),
  matched: z.number(),
  changed: z.number(),
  refused: z.number(),
  /** Pages that are done. */
  pages: z.number(),
  /** Where the page begins that is to be chosen; absent at the beginning. */
  from: z.union([placeSchema, z.number()]).optional(),
  /** The page that is being worked on. */
  page: pageSchema.optional(),
  error: z.string().nullable(),
});
export type BulkState = z.infer<typeof stateSchema>;

/** A bulk change as stored. */
export interface StoredBulk {
  readonly bulkId: string;
  readonly request: BulkRequest;
  readonly state: BulkState;
  readonly etag: string;
}

const REFUSED = jsonColumn('refused', z.array(refusalSchema).readonly());
const REQUEST = jsonColumn('request', requestSchema);
const STATE = jsonColumn('state', stateSchema);
const MAX_SHOWN_REFUSALS = 1_000;

/** The stored bulk changes. */
export class BulkStore {
  readonly #table: Table;

  constructor(storage: Storage) {
    this.#table = storage.table('bulkchanges');
  }

  /** Makes a bulk change known; one that is known already stays as it is. */
  async create(bulkId: string, request: BulkRequest, createdOn: string): Promise<void> {
    const counts = { matched: 0, changed: 0, refused: 0, pages: 0 };
    const state = { status: 'Queued' as const, createdOn, completedOn: null, ...counts, error: null };
    await this.#table.write([{ kind: 'insert', row: toRow(bulkId, request, state) }]);
  }

  async find(bulkId: string): Promise<StoredBulk | undefined> {
    const row = await this.#table.get<Row>(bulkId, 'bulk');
    return row && fromRow(row);
  }

  /** Writes a new state over the one that was read. Undefined: another worker was faster. */
  async replace({ bulkId, request, etag }: StoredBulk, state: BulkState): Promise<StoredBulk | undefined> {
    const written = await this.#table.write([{ kind: 'replace', row: toRow(bulkId, request, state), etag }]);
    return written.ok ? { bulkId, request, state, etag: written.etags[0] ?? '' } : undefined;
  }

  /** The ids of bulk changes that had ended before a time, in ms since 1970. */
  async *ended(beforeMs: number): AsyncGenerator<string> {
    for await (const row of this.#table.rows<Row>({})) {
      if (row.rowKey !== 'bulk') continue;
      const { bulkId, state } = fromRow(row);
      if (state.completedOn !== null && Date.parse(state.completedOn) < beforeMs) yield bulkId;
    }
  }

  /** Removes a bulk change: its refusals first, as its own row leads to them. */
  async remove(bulkId: string): Promise<void> {
    for await (const row of this.#table.rows({ partitionKey: bulkId, from: 'refused|', select: ['w'] })) {
      await this.#table.delete(bulkId, row.rowKey, row.etag);
    }
    const row = await this.#table.get(bulkId, 'bulk');
    if (row) await this.#table.delete(bulkId, 'bulk', row.etag);
  }

  /** Keeps the refusals of a page (BULK-2). */
  async putRefusals(bulkId: string, page: number, refusals: readonly BulkRefusal[]): Promise<void> {
    if (refusals.length === 0) return;
    const row = { partitionKey: bulkId, rowKey: `refused|${numberKey(page, 8)}` };
    await this.#table.write([{ kind: 'upsert', row: { ...row, ...REFUSED.write(refusals) } }]);
  }

  /** The refusals, page by page, at most the first `MAX_SHOWN_REFUSALS`. */
  async refusals(bulkId: string): Promise<BulkRefusal[]> {
    const refusals: BulkRefusal[] = [];
    for await (const row of this.#table.rows<Row>({ partitionKey: bulkId, from: 'refused|' })) {
      refusals.push(...(REFUSED.read(row) ?? []));
      if (refusals.length >= MAX_SHOWN_REFUSALS) break;
    }
    return refusals.slice(0, MAX_SHOWN_REFUSALS);
  }
}

function toRow(bulkId: string, request: BulkRequest, state: BulkState): Row {
  return { partitionKey: bulkId, rowKey: 'bulk', ...REQUEST.write(request), ...STATE.write(state) };
}

function fromRow(row: StoredRow<Row>): StoredBulk {
  const bulkId = row.partitionKey;
  const [request, state] = [REQUEST.read(row), STATE.read(row)];
  if (!request || !state) throw new Error(`The row of bulk change ${bulkId} lacks what was asked for`);
  return { bulkId, request, state, etag: row.etag };
}
