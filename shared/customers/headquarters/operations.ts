import { isGuid } from '../../records/record-ids.ts';
import type { UniqueValues } from '../../records/unique-values.ts';
import { fillPage, type Place } from '../../storage/newest-first.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { attributesOf } from '../apply/apply-decision.ts';
import { codeOf, isRealTime, type OperationKey, operationId, parseOperationId } from '../customer-operation.ts';
import type { HqOperation, HqOperations } from '../ports.ts';
import type { CustomerHeads } from './customer-head.ts';
import type { OperationEntry, OperationIndex } from './operation-index.ts';
import { type StagingTables, tableOf } from './staging-tables.ts';
import type { StoredOperation } from './stored-operation.ts';

/** What a list of operations is narrowed by; what isn't given fits everything. */
export interface OperationFilter {
  readonly status?: HqOperation['status'] | undefined;
  readonly channel?: string | undefined;
  /** An account number, or the customer's GUID. */
  readonly customer?: string | undefined;
  readonly asyncCustomer?: string | undefined;
  readonly operation?: string | undefined;
  /** Times at which the channel took the operation, ISO 8601: from (inclusive), to (exclusive). */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** A part of the last known error, without regard to letter case. */
  readonly error?: string | undefined;
}

/** What looking at operations works with. */
export interface HqOperationsPorts {
  readonly staging: StagingTables;
  readonly index: OperationIndex;
  readonly heads: CustomerHeads;
  readonly uniqueValues: UniqueValues;
}

/** Entries of the list that are counted; more than that says no more. */
const MAX_COUNTED = 50_000;
const MAX_TROUBLED = 2_000;

/** Operations that aren't applied, by status. */
export type OpenCounts = Readonly<Record<'Uploaded' | 'Failed' | 'Held', number>>;

/** Looks at headquarters' operations; changes nothing. */
export class HqOperationReader implements HqOperations {
  readonly #ports: HqOperationsPorts;

  constructor(ports: HqOperationsPorts) {
    this.#ports = ports;
  }

  async findMany(keys: readonly OperationKey[]): Promise<(HqOperation | undefined)[]> {
    const found = new Map<string, HqOperation>();
    const customers = groupBy(keys, ({ customerAsyncId }) => customerAsyncId);
    await mapParallel(customers, MAX_PARALLEL, async (group) => {
      const { staging, heads } = this.#ports;
      const customerAsyncId = group[0]?.customerAsyncId ?? '';
      const wanted = new Set(group.map(operationId));
      const operations = (await staging.after(customerAsyncId, '')).filter((each) => wanted.has(operationId(each)));
      const head = operations.length > 0 ? await heads.find(customerAsyncId) : undefined;
      for (const each of operations) found.set(operationId(each), toHqOperation(each, head?.accountNumber));
    });
    return keys.map((key) => found.get(operationId(key)));
  }

  /** All operations of a customer, in the order of their upload. */
  async ofCustomer(customerAsyncId: string): Promise<HqOperation[]> {
    const { staging, heads } = this.#ports;
    const stored = await staging.after(customerAsyncId, '');
    const head = stored.length > 0 ? await heads.find(customerAsyncId) : undefined;
    return stored.map((each) => toHqOperation(each, head?.accountNumber));
  }

  /** The operation with this id; undefined for what isn't uploaded, and for what is no id. */
  async findById(id: string): Promise<HqOperation | undefined> {
    const key = parseOperationId(id);
    return key && (await this.findMany([key]))[0];
  }

  /** A page of the operations that fit, newest first, from after a place on. */
  async list(
    filter: OperationFilter,
    pageSize: number,
    after: Place | undefined,
  ): Promise<{ items: HqOperation[]; after: Place | undefined }> {
    const customer = await this.#customerOf(filter);
    if (customer === 'none') return { items: [], after: undefined };
    return fillPage(
      this.#entries(customer, after),
      pageSize,
      (entry) => mayFit(entry, filter),
      (entries) => this.#fetch(entries, filter),
    );
  }

  /**
   * How many operations wait, have failed or are held, by channel. Looks at no more than the newest `MAX_COUNTED` entries of
   * the list, and at the operations of those alone that have once failed or been held.
   */
  async countOpen(): Promise<Map<string, OpenCounts>> {
    const counts = new Map<string, OpenCounts>();
    const count = (channel: string, status: HqOperation['status']) => {
      const so = counts.get(channel) ?? { Uploaded: 0, Failed: 0, Held: 0 };
      if (status === 'Uploaded' || status === 'Failed' || status === 'Held') {
        counts.set(channel, { ...so, [status]: so[status] + 1 });
      }
    };
    const troubled: OperationEntry[] = [];
    let seen = 0;
    for await (const entry of this.#ports.index.entries(undefined)) {
      if (seen++ >= MAX_COUNTED) break;
      const { notes } = entry;
      if (notes.done) continue;
      if (notes.failed || notes.held || notes.discarded) troubled.push(entry);
      else count(notes.channel, 'Uploaded');
    }
    await mapParallel(troubled.slice(0, MAX_TROUBLED), MAX_PARALLEL, async ({ notes }) => {
      const stored = await this.#ports.staging.get(notes);
      if (stored) count(notes.channel, stored.status);
    });
    return counts;
  }

  /** The entries to look through: of one customer those that its own rows tell, else the whole list. */
  async *#entries(customer: string | undefined, after: Place | undefined): AsyncGenerator<OperationEntry> {
    const { index, staging } = this.#ports;
    if (customer === undefined) yield* index.entries(after);
    else yield* index.entriesOf(await staging.after(customer, ''), after);
  }

  /** The customer that a filter speaks of, by GUID; undefined: all. */
  async #customerOf({ customer, asyncCustomer }: OperationFilter): Promise<string | undefined> {
    const ids: string[] = [];
    if (asyncCustomer !== undefined) ids.push(asyncCustomer.toLowerCase());
    if (customer !== undefined) {
      const lower = customer.toLowerCase();
      const id = isGuid(lower) ? lower : await this.#ports.uniqueValues.find('account', customer);
      if (id === undefined) return 'none';
      ids.push(id);
    }
    const [first, second] = ids;
    if (first === undefined) return undefined;
    return second === undefined || second === first ? first : 'none';
  }

  async #fetch(entries: readonly OperationEntry[], filter: OperationFilter): Promise<(HqOperation | undefined)[]> {
    const numbers = new Map<string, Promise<string | undefined>>();
    const numberOf = (id: string) => {
      const asked = numbers.get(id) ?? this.#ports.heads.find(id).then((head) => head?.accountNumber);
      numbers.set(id, asked);
      return asked;
    };
    return mapParallel(entries, MAX_PARALLEL, async ({ notes }) => {
      const stored = await this.#ports.staging.get(notes);
      if (!stored || !fits(stored, filter)) return undefined;
      return toHqOperation(stored, stored.accountNumber || (await numberOf(stored.customerAsyncId)));
    });
  }
}

/** Whether an operation fits, apart from whose it is. Pure. */
export function fitsFilter(stored: StoredOperation, filter: OperationFilter): boolean {
  const { channel, operation, from, to } = filter;
  if (channel !== undefined && stored.channel !== channel) return false;
  if (operation !== undefined && stored.operation !== operation) return false;
  if (from !== undefined && stored.createdOn < from) return false;
  if (to !== undefined && stored.createdOn >= to) return false;
  return fits(stored, filter);
}

/** Whether an operation can fit, by what its list entry tells (INDEX-2). Pure. */
function mayFit({ notes }: Pick<OperationEntry, 'notes'>, filter: OperationFilter): boolean {
  const { status, channel, operation, from, to, error } = filter;
  // What was applied at once is no part of the page about what was not.
  if (isRealTime(notes) && notes.done) return false;
  if (channel !== undefined && notes.channel !== channel) return false;
  if (operation !== undefined && notes.operation !== operation) return false;
  if (from !== undefined && notes.createdOn < from) return false;
  if (to !== undefined && notes.createdOn >= to) return false;
  if (error !== undefined && (!notes.failed || notes.done)) return false;
  return hasBeen(notes, status);
}

/** Whether an operation may have this status, by the marks of its list entry. */
function hasBeen(
  { done, failed, held, discarded }: OperationEntry['notes'],
  status: OperationFilter['status'],
): boolean {
  if (status === undefined || status === 'Completed') return true;
  const marks = { Uploaded: true, Failed: failed, Held: held, Discarded: discarded };
  return !done && marks[status] === true;
}

function fits(stored: StoredOperation, { status, error }: OperationFilter): boolean {
  if (status !== undefined && stored.status !== status) return false;
  return error === undefined || stored.lastError.toLowerCase().includes(error.toLowerCase());
}

/** An operation as others know it. */
export function toHqOperation(stored: StoredOperation, headNumber = ''): HqOperation {
  const { customerAsyncId, channel, replicationCounter, status } = stored;
  const key = { customerAsyncId, channel, replicationCounter };
  // The number on the customer's head may be another's.
  const isUnproven = stored.apart || (stored.operation === 'createCustomer' && status !== 'Completed');
  return {
    id: operationId(key),
    key,
    sequence: stored.sequence,
    stagingTable: tableOf(stored),
    operation: stored.operation,
    operationCode: codeOf(stored),
    accountNumber: stored.accountNumber || (isUnproven ? '' : headNumber) || null,
    status,
    onlineOperationCompleted: status === 'Completed' ? 1 : 0,
    lastError: stored.lastError || null,
    description: stored.description,
    attributes: attributesOf(stored),
    createdOn: stored.createdOn,
    appliedOn: stored.appliedOn || null,
    editedBy: stored.editedBy || null,
    editedOn: stored.editedOn || null,
    discardedBy: stored.discard?.by ?? null,
    discardedOn: stored.discard?.on ?? null,
    discardReason: stored.discard?.reason ?? null,
    original: stored.original ? Object.entries(stored.original).map(([name, value]) => ({ name, value })) : null,
    version: stored.version,
  };
}
