/**
 * The state of each transaction, in one row that decides for all the rows that it has locked. This is a storage format
 * (docs/adr/0002): table `transactions`.
 *
 * | PartitionKey | RowKey | holds |
 * |---|---|---|
 * | transaction id | `status` | `state`, `deadlineOn` in the storage service's time, `committedOn` |
 * | transaction id | `manifest` \| number | keys of rows that it locks, all of one table |
 * | `open` | transaction id | that locks of it may be left somewhere; `begunOn` in the storage service's time |
 *
 *  COMMIT-1  The status row and the whole manifest are stored before the first lock, and the owner looks at the state
 *      in between. So whoever finds a lock finds the state, and whoever ends a transaction that has locks finds all
 *      their keys.
 *  COMMIT-2  The state leaves `pending` once, by one conditioned write. Time is read from the storage service alone:
 *      past the deadline anybody may abort, and the owner's commit, if it comes later, loses.
 *  COMMIT-3  A transaction without a status row, or whose row was purged, counts as aborted: it can't be committed any
 *      more.
 */
import { afterPrefix, numberKey } from '../storage/keys.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row, StoredRow, Table, Write } from '../storage/table.ts';
import type { TransactionState } from './locked-row.ts';
import { fromManifest, type ManifestPart, type UnitKeys } from './participants.ts';

interface StatusRow extends Row {
  state: TransactionState;
  deadlineOn: string;
  committedOn: string;
}

interface OpenRow extends Row {
  begunOn: string;
}

interface ManifestRow extends Row {
  table: string;
  keys: string;
}

/** How a transaction stands; `isLate`: pending past its deadline. */
export interface TransactionStatus {
  readonly state: TransactionState;
  readonly isLate: boolean;
}

/** States asked within one request: each transaction is asked once. Not to be kept longer than a request. */
export type StateMemo = Map<string, Promise<TransactionState>>;

/** Table of the states. */
export const TRANSACTIONS_TABLE = 'transactions';
/** Partition of the transactions that may have left locks. */
export const OPEN_PARTITION = 'open';
const STATUS = 'status';
const MANIFEST = 'manifest|';
const PARTS_PER_WRITE = 40;
/** A transaction has so long from its first row to its status. */
const BEGIN_GRACE_MS = 2 * 60 * 1000;
/** Final states that a process remembers, since they never change. */
const MAX_REMEMBERED = 2000;

/** The stored states of transactions. */
export class TransactionStore {
  readonly #table: Table;
  readonly #final = new Map<string, TransactionState>();

  constructor(storage: Storage) {
    this.#table = storage.table(TRANSACTIONS_TABLE);
  }

  /** Begins a transaction. False: there is one with this id, or it was aborted before it began. */
  async begin(id: string, deadlineSeconds: number, manifest: readonly ManifestPart[]): Promise<boolean> {
    const { servedMs } = await this.#table.getTimed(id, STATUS);
    const open: OpenRow = { partitionKey: OPEN_PARTITION, rowKey: id, begunOn: new Date(servedMs).toISOString() };
    await this.#table.write([{ kind: 'upsert', row: open }]);
    const parts = manifest.map((part, index) => manifestRow(id, part, index));
    const deadlineOn = new Date(servedMs + deadlineSeconds * 1000).toISOString();
    const status: StatusRow = { partitionKey: id, rowKey: STATUS, state: 'pending', deadlineOn, committedOn: '' };
    for (let at = 0; at < parts.length || at === 0; at += PARTS_PER_WRITE) {
      const isLast = at + PARTS_PER_WRITE >= parts.length;
      const writes = parts.slice(at, at + PARTS_PER_WRITE);
      if (isLast) writes.push({ kind: 'insert', row: status });
      if (!(await this.#table.write(writes)).ok) return false;
    }
    return true;
  }

  /** Adds the keys of rows that are about to be locked to a transaction that has begun without them. */
  async list(id: string, manifest: readonly ManifestPart[]): Promise<void> {
    const writes = manifest.map((part, index) => manifestRow(id, part, index));
    for (let at = 0; at < writes.length; at += PARTS_PER_WRITE) {
      await this.#table.write(writes.slice(at, at + PARTS_PER_WRITE));
    }
  }

  /** How it stands, undefined when there is none. */
  async status(id: string): Promise<TransactionStatus | undefined> {
    const { row, isLate } = await this.#read(id);
    return row && { state: row.state, isLate };
  }

  /** Its state, for who meets a lock: one past its deadline is aborted first. */
  async stateOf(id: string, memo?: StateMemo): Promise<TransactionState> {
    const known = this.#final.get(id);
    if (known) return known;
    const asked = memo?.get(id) ?? this.#ask(id);
    memo?.set(id, asked);
    return asked;
  }

  /** Commits, unless it was aborted or its deadline has passed. The answer tells which; after a fault of storage nothing is known. */
  async commit(id: string): Promise<'committed' | 'aborted' | 'late'> {
    const { row, isLate, servedMs } = await this.#read(id);
    if (row?.state !== 'pending') return row?.state ?? 'aborted';
    if (isLate) return 'late';
    return this.#end(row, { state: 'committed', committedOn: new Date(servedMs).toISOString() });
  }

  /** Aborts, unless it was committed; also one that has not begun yet. Gives the state that it has for good. */
  async abort(id: string): Promise<Exclude<TransactionState, 'pending'>> {
    const { row } = await this.#read(id);
    if (row) return row.state === 'pending' ? this.#end(row, { state: 'aborted' }) : row.state;
    const aborted = { partitionKey: id, rowKey: STATUS, state: 'aborted', deadlineOn: '', committedOn: '' };
    if ((await this.#table.write([{ kind: 'insert', row: aborted }])).ok) return 'aborted';
    return this.abort(id);
  }

  /** When it was committed, by the storage service's clock. */
  async committedOn(id: string): Promise<string | undefined> {
    return (await this.#read(id)).row?.committedOn || undefined;
  }

  /** The keys of all rows that it may have locked. */
  async *manifest(id: string): AsyncGenerator<UnitKeys> {
    const range = { partitionKey: id, from: MANIFEST, to: afterPrefix(MANIFEST) };
    for await (const part of this.#table.rows<ManifestRow>(range)) yield* fromManifest(part);
  }

  /** Notes that none of its locks is left. */
  async close(id: string): Promise<void> {
    const row = await this.#table.get(OPEN_PARTITION, id);
    if (row) await this.#table.delete(OPEN_PARTITION, id, row.etag);
  }

  /** Transactions of which locks may be left although their owners have had their time. */
  async *unfinished(): AsyncGenerator<string> {
    for await (const { rowKey: id, begunOn } of this.#table.rows<OpenRow>({ partitionKey: OPEN_PARTITION })) {
      const { row, isLate, servedMs } = await this.#read(id);
      const isAbandoned = !row && servedMs - Date.parse(begunOn) > BEGIN_GRACE_MS;
      if (isAbandoned || isLate || (row && row.state !== 'pending')) yield id;
    }
  }

  async #read(id: string) {
    const { row, servedMs } = await this.#table.getTimed<StatusRow>(id, STATUS);
    const isLate = row?.state === 'pending' && servedMs > Date.parse(row.deadlineOn);
    return { row, isLate, servedMs };
  }

  async #ask(id: string): Promise<TransactionState> {
    const { row, isLate } = await this.#read(id);
    if (!row) return 'aborted';
    const state = isLate ? await this.#end(row, { state: 'aborted' }) : row.state;
    if (state !== 'pending') this.#remember(id, state);
    return state;
  }

  /** Ends a pending transaction (COMMIT-2); gives the state that it has, which may be another's doing. */
  async #end(
    { partitionKey, rowKey, etag }: StoredRow<StatusRow>,
    end: { readonly state: 'committed' | 'aborted'; readonly committedOn?: string },
  ): Promise<'committed' | 'aborted'> {
    const written = await this.#table.write([{ kind: 'merge', row: { partitionKey, rowKey, ...end }, etag }]);
    if (written.ok) return end.state;
    const { row } = await this.#read(partitionKey);
    // Nothing leads back to pending, so a row that has changed has ended.
    return row?.state === 'committed' ? 'committed' : 'aborted';
  }

  #remember(id: string, state: TransactionState): void {
    const [oldest] = this.#final.keys();
    if (this.#final.size >= MAX_REMEMBERED && oldest !== undefined) this.#final.delete(oldest);
    this.#final.set(id, state);
  }
}

function manifestRow(id: string, part: ManifestPart, index: number): Write {
  return { kind: 'insert', row: { partitionKey: id, rowKey: `${MANIFEST}${numberKey(index, 6)}`, ...part } };
}
