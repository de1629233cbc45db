/**
 * Real-time Service calls: an operation that goes to headquarters at once. It takes the way of every operation there, only
 * shorter: a row in the staging tables, put there under the customer's head instead of by P-0001, then the sync job's own
 * code for this one customer. Whatever dies in between, the sync job finishes it.
 *
 *  REALTIME-1  The operation's id follows from the request, so every attempt finds what an earlier one has put there.
 *  REALTIME-2  Its sequence hangs on the mark up to which the customer's operations are uploaded, and was given out under
 *      the lease. The lease is confirmed after the row was written; so nothing of the customer was applied past it
 *      meanwhile. A row that was passed over all the same, because its attempt had slept, is removed by the next attempt,
 *      which puts another.
 *  REALTIME-3  Nothing is put while the customer has other operations that wait (they were first).
 *  REALTIME-4  `note` is called before anything is put: from then on the request belongs to headquarters and is never
 *      staged.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../problem.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import { IF_SAME } from '../apply/apply-decision.ts';
import { createDefaults } from '../apply/apply-defaults.ts';
import type { ApplyJob } from '../apply/apply-job.ts';
import { foreseeRefusal } from '../apply/apply-records.ts';
import { valueProblems } from '../apply/apply-validation.ts';
import { operationId, realTimeCounter, type StagedOperation } from '../customer-operation.ts';
import { type CustomerHeads, type LeasedHead, LeaseLost } from '../headquarters/customer-head.ts';
import type { OperationIndex } from '../headquarters/operation-index.ts';
import type { PendingCustomers } from '../headquarters/pending-customers.ts';
import { tablesOf } from '../headquarters/staging-places.ts';
import type { StagingTables } from '../headquarters/staging-tables.ts';
import { type StoredOperation, uploadedOperation } from '../headquarters/stored-operation.ts';
import type { Channels } from '../ports.ts';
import type { NewOperation } from '../staging/stage-request.ts';

/** What real-time operations work with. */
export interface RealTimePorts {
  readonly staging: StagingTables;
  readonly heads: CustomerHeads;
  readonly index: OperationIndex;
  readonly pending: PendingCustomers;
  readonly records: RecordStore;
  readonly channels: Pick<Channels, 'find'>;
  readonly applyJob: Pick<ApplyJob, 'applyCustomers'>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  readonly wait?: (ms: number) => Promise<void>;
}

/** One attempt of a real-time request. */
export interface RealTimeRequest {
  readonly channel: string;
  /** The same in every attempt. */
  readonly requestId: string;
  /** Of one customer, at least one. */
  readonly operations: readonly NewOperation[];
  /** An earlier attempt may have put it at headquarters (REALTIME-4). */
  readonly isNoted: boolean;
  readonly note: () => Promise<void>;
}

/** What became of it. */
export type RealTimeOutcome =
  | { readonly kind: 'applied'; readonly operations: readonly StagedOperation[]; readonly accountNumber: string }
  /** It is at headquarters, and not applied yet. */
  | { readonly kind: 'waiting'; readonly operations: readonly StagedOperation[]; readonly reason: string }
  /** Nothing was put at headquarters. */
  | { readonly kind: 'not sent'; readonly reason: string };

const HOLD_TRIES = 10;
const HOLD_WAIT_MS = 100;

/** Sends operations to headquarters at once. */
export class RealTime {
  readonly #ports: RealTimePorts;

  constructor(ports: RealTimePorts) {
    this.#ports = ports;
  }

  /** Throws Problem rule-broken when headquarters refuses the request, and what `note` throws. */
  async send(request: RealTimeRequest): Promise<RealTimeOutcome> {
    const operations = request.operations.map((operation, at) => ({
      ...operation,
      channel: request.channel,
      replicationCounter: realTimeCounter(request.requestId, at),
    }));
    const customer = operations[0]?.customerAsyncId ?? '';
    const holder = `rts|${request.requestId}`;
    try {
      const notSent = await this.#put(request, customer, holder, operations);
      if (notSent !== undefined) return { kind: 'not sent', reason: notSent };
    } catch (error) {
      if (error instanceof LeaseLost) throw tryAgain();
      throw error;
    }
    return this.#apply(customer, holder, operations);
  }

  /** Puts what isn't there yet into the staging tables. A text says why nothing was put. */
  async #put(
    request: RealTimeRequest,
    customer: string,
    holder: string,
    operations: readonly StagedOperation[],
  ): Promise<string | undefined> {
    const { staging, heads, index, pending, now } = this.#ports;
    const seen = await this.#look(request, customer, holder, operations).catch((error: unknown) => {
      if (!(error instanceof StorageUnavailable) || request.isNoted) throw error;
      return "Headquarters' storage did not answer.";
    });
    if (typeof seen === 'string') return seen;
    if (seen.missing.length > 0) {
      await request.note();
      const tables = tablesOf(seen.missing);
      const { leased, sequences } = await heads.allotRealTime(seen.leased, seen.missing.length, tables);
      const on = new Date(now()).toISOString();
      const rows = seen.missing.map((operation, at) => uploadedOperation(operation, sequences[at] ?? '', on));
      // While the head is leased the sync job leaves the customer in its queue, so what is put next is not forgotten there.
      await pending.put(customer, tables);
      await index.insertAll(rows);
      await staging.insertAll(rows);
      await heads.confirm(leased);
    }
    return undefined;
  }

  /** Leases the head and looks at what is there. The lease is given back when nothing is to be put. */
  async #look(
    request: RealTimeRequest,
    customer: string,
    holder: string,
    operations: readonly StagedOperation[],
  ): Promise<{ leased: LeasedHead; missing: StagedOperation[] } | string> {
    const { staging, heads } = this.#ports;
    const leased = await this.#lease(customer, holder);
    if (!leased) {
      if (request.isNoted) throw tryAgain();
      return 'The customer is being synchronized at this moment.';
    }
    const release = () => heads.release(leased);
    try {
      const ids = new Set(operations.map(operationId));
      const from = { after: request.isNoted ? '' : leased.appliedThrough, apartFrom: leased.apartFrom };
      const rows = await staging.open(customer, from);
      const others = rows.filter(
        (row) =>
          !ids.has(operationId(row)) &&
          (row.apart ? row.channel === request.channel : row.sequence > leased.appliedThrough),
      );
      if (!request.isNoted && others.some(({ status }) => status !== 'Completed' && status !== 'Discarded')) {
        await release();
        return 'The customer has operations at headquarters that are not applied yet, and this one comes after them.';
      }
      const put = await this.#removePassedOver(rows, leased, ids);
      const missing = operations.filter((operation) => !put.has(operationId(operation)));
      if (put.size === 0) await this.#refuse(operations);
      return { leased, missing };
    } catch (error) {
      await release().catch(() => undefined);
      throw error;
    }
  }

  /** The ids of our operations that are there, without those that nobody will apply any more (REALTIME-2). */
  async #removePassedOver(
    rows: readonly StoredOperation[],
    { appliedThrough }: LeasedHead,
    ids: ReadonlySet<string>,
  ): Promise<Set<string>> {
    const put = new Set<string>();
    for (const row of rows.filter((each) => ids.has(operationId(each)))) {
      if (row.status === 'Uploaded' && !row.apart && row.sequence <= appliedThrough)
        await this.#ports.staging.remove(row);
      else put.add(operationId(row));
    }
    return put;
  }

  async #refuse(operations: readonly StagedOperation[]): Promise<void> {
    const { records, channels } = this.#ports;
    const defaultsOf = createDefaults(records, channels);
    const isNew = operations[0]?.operation === 'createCustomer';
    for (const [at, operation] of operations.entries()) {
      const stored = uploadedOperation(operation, '', '');
      // What comes with a new customer can't stand against its account yet.
      const error =
        isNew && at > 0
          ? valueProblems(operation.operation, operation.body, true).join(' ')
          : ((await foreseeRefusal(records, stored, defaultsOf)) ?? '');
      if (error !== '') throw new Problem('rule-broken', `Headquarters refuses it: ${forCaller(error)}`);
    }
  }

  async #lease(customer: string, holder: string): Promise<LeasedHead | undefined> {
    const { heads, wait = sleep } = this.#ports;
    for (let attempt = 0; attempt < HOLD_TRIES; attempt++) {
      if (attempt > 0) await wait(HOLD_WAIT_MS);
      const leased = await heads.lease(customer, holder);
      if (leased) return leased;
    }
    return undefined;
  }

  /** From here on the operations are at headquarters, whatever happens. */
  async #apply(customer: string, holder: string, operations: readonly StagedOperation[]): Promise<RealTimeOutcome> {
    const { applyJob, staging } = this.#ports;
    try {
      await applyJob.applyCustomers([customer], holder);
      const ids = new Set(operations.map(operationId));
      const rows = (await staging.after(customer, '')).filter((row) => ids.has(operationId(row)));
      const open = rows.find(({ status }) => status !== 'Completed');
      if (!open) return { kind: 'applied', operations, accountNumber: rows[0]?.accountNumber ?? '' };
      const why = open.discard
        ? `it was discarded: ${open.discard.reason}`
        : open.lastError || 'a record is locked, or another worker has the customer.';
      return { kind: 'waiting', operations, reason: `It is at headquarters and not applied yet: ${why}` };
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
      return {
        kind: 'waiting',
        operations,
        reason: "It is at headquarters and not applied yet: storage didn't answer.",
      };
    }
  }
}

/** The advice of a refusal is for people on the status page; here the request itself is to be mended. */
function forCaller(error: string): string {
  const [known = '', ifSame] = error.split(` ${IF_SAME}`);
  if (ifSame !== undefined) return `${known} Leave customerAsyncId out, or send another.`;
  return error.replace(' in the operation,', ',').replaceAll('synchronize the operation again', 'send it again');
}

function tryAgain(): Problem {
  return new Problem('storage-unavailable', 'The customer is being worked on. Repeat the request under the same key.', {
    retryAfterSeconds: 1,
  });
}
