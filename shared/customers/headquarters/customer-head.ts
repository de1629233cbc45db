/**
 * A customer's head: what headquarters knows of the customer beside its account. Table `customerheads`, PartitionKey =
 * the customer's GUID for life, RowKey `head`. This is a storage format (docs/adr/0002).
 *
 *  HEAD-1  `uploadedThrough` only rises, and only after all operations of the customer up to it are staged and the
 *      customer is in the queue: nothing beyond it may be applied, because something before it may still be on its way.
 *  HEAD-2  Whoever applies or edits operations leases the head, for a while; each lease has an epoch of its own. One that
 *      has run out may be taken over, and the holder that was overtaken can't write the head any more.
 *  HEAD-3  A lease only spares two workers the same work. What keeps a worker that was overtaken from doing harm is the
 *      stamp on each record and the ETag of each operation (OPERATION-2, OPERATION-4).
 *  HEAD-4  `accountNumber` is set once, before an account carries it; it is replaced only when it is known to belong to
 *      another account for good.
 *  HEAD-5  `appliedThrough`: all operations of the customer up to it are Completed, Discarded or stand apart. It may lag,
 *      and only rises. `apartFrom` is written with it, so that none that stands apart is forgotten behind it.
 *  HEAD-6  What a step of a run has decided it finds again when it is repeated, at whatever point it was cut off: behind
 *      `countedFrom`, which only another step moves, with the step's name on each operation.
 *  HEAD-7  Events that a release tells of are written with it (shared/events/outbox.ts), in the head's partition.
 *  HEAD-8  `tables` names every staging table that holds an operation of the customer up to the mark, and only grows.
 *      What lies beyond the mark is in a table that the customer's row in the queue names (QUEUE-3).
 */
import { type EventContent, eventsOfChange, type SpillwayEvent } from '../../events/event.ts';
import { eventWrites, hintEvents } from '../../events/outbox.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row, StoredRow, Table } from '../../storage/table.ts';
import { updateRow } from '../../storage/update-row.ts';
import { ALL_TABLES, withTables } from './staging-places.ts';
import { realTimeNumber, realTimeSequence } from './stored-operation.ts';

/** How long a lease lasts without renewal. */
const LEASE_MS = 30_000;

/** A head as stored. */
export interface CustomerHead {
  readonly uploadedThrough: string;
  readonly appliedThrough: string;
  readonly accountNumber: string;
  /** Sequence of the failed operation that holds back the later ones; empty for none. */
  readonly blockedBy: string;
  /** Sequence of the first failed operation that stands apart; empty for none. From there on operations are looked at. */
  readonly apartFrom: string;
  readonly holder: string;
  readonly epoch: number;
  readonly holdUntilMs: number;
  /** The step of a run that leased the head last, and `appliedThrough` as it first found it: from there on it counts (HEAD-6). */
  readonly countedIn: string;
  readonly countedFrom: string;
  /** Stamp of the failed operation that others were told of last. */
  readonly toldFailure: string;
  /** The real-time sequence that was given out last; empty for none. */
  readonly realTime: string;
  /** Staging tables that the customer has operations in (HEAD-8), as `staging-tables.ts` writes them. */
  readonly tables: string;
}

/** A head that we have leased, and the ETag that it had when we wrote it last. */
export interface LeasedHead extends CustomerHead {
  readonly customerAsyncId: string;
  readonly etag: string;
}

/** Another worker has taken the lease over; what is left of the customer is its business. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

const NO_HEAD: CustomerHead = {
  uploadedThrough: '',
  appliedThrough: '',
  accountNumber: '',
  blockedBy: '',
  apartFrom: '',
  holder: '',
  epoch: 0,
  holdUntilMs: 0,
  countedIn: '',
  countedFrom: '',
  toldFailure: '',
  realTime: '',
  tables: '',
};

/** Whether this holder may have the head now: it is free, run out, or was this holder's before (a repeated activity). */
export function mayLease(head: Pick<CustomerHead, 'holder' | 'holdUntilMs'>, holder: string, nowMs: number): boolean {
  return head.holder === '' || head.holder === holder || head.holdUntilMs <= nowMs;
}

type HeadRow = Row & { -readonly [name in keyof CustomerHead]: CustomerHead[name] };

/** The heads of all customers. */
export class CustomerHeads {
  readonly #storage: Storage;
  readonly #table: Table;
  readonly #now: () => number;

  constructor(storage: Storage, now: () => number = Date.now) {
    this.#storage = storage;
    this.#table = storage.table('customerheads');
    this.#now = now;
  }

  async find(customerAsyncId: string): Promise<CustomerHead | undefined> {
    return this.#table.get<HeadRow>(customerAsyncId, 'head');
  }

  /** Says that all operations up to `sequence` are staged (HEAD-1), the new ones in these tables (HEAD-8). */
  async raiseUploaded(customerAsyncId: string, sequence: string, tables: string): Promise<void> {
    const row = await this.#table.get<HeadRow>(customerAsyncId, 'head');
    if (row && row.uploadedThrough >= sequence) return;
    await this.#update(
      customerAsyncId,
      (stored) =>
        stored.uploadedThrough >= sequence
          ? stored
          : { ...stored, uploadedThrough: sequence, tables: withTables(stored.tables, tables) },
      { known: { row } },
    );
  }

  /** Leases the head, for a step of a run if one is named (HEAD-6); undefined while another holder has it. */
  async lease(customerAsyncId: string, holder: string, step = ''): Promise<LeasedHead | undefined> {
    try {
      return await this.#update(customerAsyncId, (stored) => {
        if (!mayLease(stored, holder, this.#now())) throw new LeaseLost();
        const isNew = step !== '' && stored.countedIn !== step;
        const counted = isNew && { countedIn: step, countedFrom: stored.appliedThrough };
        return { ...stored, ...counted, holder, epoch: stored.epoch + 1, holdUntilMs: this.#now() + LEASE_MS };
      });
    } catch (error) {
      if (error instanceof LeaseLost) return undefined;
      throw error;
    }
  }

  /** Makes the lease last when half of it has passed. Throws LeaseLost. */
  async renew(leased: LeasedHead): Promise<LeasedHead> {
    if (leased.holdUntilMs - this.#now() > LEASE_MS / 2) return leased;
    return this.confirm(leased);
  }

  /** Gives out sequences for real-time operations, which go into these tables; none is given out twice. Throws LeaseLost. */
  async allotRealTime(
    leased: LeasedHead,
    count: number,
    tables: string,
  ): Promise<{ leased: LeasedHead; sequences: string[] }> {
    let first = 0;
    let base = '';
    const head = await this.#updateLeased(leased, (stored) => {
      base = stored.uploadedThrough;
      first = realTimeNumber(stored.realTime, base) + 1;
      const realTime = realTimeSequence(base, first + count - 1);
      return { ...stored, realTime, tables: withTables(stored.tables, tables) };
    });
    return { leased: head, sequences: Array.from({ length: count }, (_, at) => realTimeSequence(base, first + at)) };
  }

  /** Whether the lease still stands; makes it last. Throws LeaseLost. */
  async confirm(leased: LeasedHead): Promise<LeasedHead> {
    return this.#updateLeased(leased, (stored) => ({ ...stored, holdUntilMs: this.#now() + LEASE_MS }));
  }

  /** Puts an account number in the place of the one that was seen, and gives the number that stands (HEAD-4). Throws LeaseLost. */
  async putAccountNumber(leased: LeasedHead, accountNumber: string): Promise<LeasedHead> {
    return this.#updateLeased(leased, (stored) =>
      stored.accountNumber === leased.accountNumber ? { ...stored, accountNumber } : stored,
    );
  }

  /** Ends the lease, noting what has come of it and what others are to be told (HEAD-7). Throws LeaseLost. */
  async release(
    leased: LeasedHead,
    notes: Partial<Pick<CustomerHead, 'appliedThrough' | 'blockedBy' | 'apartFrom' | 'toldFailure'>> = {},
    contents: readonly EventContent[] = [],
  ): Promise<void> {
    const at = { key: leased.customerAsyncId, change: leased.epoch, occurredOn: new Date(this.#now()).toISOString() };
    const events = eventsOfChange(at, contents);
    await this.#updateLeased(leased, (stored) => ({ ...stored, ...notes, holder: '', holdUntilMs: 0 }), events);
  }

  async #updateLeased(
    leased: LeasedHead,
    change: (stored: CustomerHead) => CustomerHead,
    events: readonly SpillwayEvent[] = [],
  ): Promise<LeasedHead> {
    const { customerAsyncId } = leased;
    const checked = (stored: CustomerHead) => {
      if (stored.epoch !== leased.epoch) throw new LeaseLost(`The lease of customer ${customerAsyncId} was taken over`);
      return change(stored);
    };
    const { customerAsyncId: _, etag, ...head } = leased;
    const row = { ...keyOf(customerAsyncId), ...head, etag };
    return this.#update(customerAsyncId, checked, { events, known: { row } });
  }

  async #update(
    customerAsyncId: string,
    change: (stored: CustomerHead) => CustomerHead,
    { events = [], known }: { events?: readonly SpillwayEvent[]; known?: { row: StoredRow<HeadRow> | undefined } } = {},
  ): Promise<LeasedHead> {
    const key = keyOf(customerAsyncId);
    const decide = (stored: HeadRow | undefined) => ({ ...key, ...headOf(change(stored ? headOf(stored) : NO_HEAD)) });
    const prepare = async () => {
      if (events.length > 0) await hintEvents(this.#storage, 'customer', customerAsyncId, this.#now());
      return eventWrites(events);
    };
    const { row, etag } = await updateRow<HeadRow>(this.#table, key, decide, prepare, known);
    return { ...headOf(row), customerAsyncId, etag };
  }
}

function keyOf(customerAsyncId: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: customerAsyncId, rowKey: 'head' };
}

function headOf(row: CustomerHead): CustomerHead {
  const { uploadedThrough, appliedThrough, accountNumber, blockedBy, holder, epoch, holdUntilMs } = row;
  const { countedIn, countedFrom, toldFailure, realTime, tables, apartFrom }: Partial<CustomerHead> = row;
  return {
    uploadedThrough,
    appliedThrough,
    accountNumber,
    blockedBy,
    apartFrom: apartFrom ?? '',
    holder,
    epoch,
    holdUntilMs,
    countedIn: countedIn ?? '',
    countedFrom: countedFrom ?? '',
    toldFailure: toldFailure ?? '',
    realTime: realTime ?? '',
    tables: tables ?? ALL_TABLES,
  };
}
