/**
 * A transaction over rows of any tables, after Percolator: lock each row with what it is to become, commit by one write of
 * the status row, release the locks.
 *
 *  TRANSACTION-1  Locks are taken in the order of keys, unit after unit, each If-Match what was seen. Who meets a live
 *      lock of another gives up at once; so nothing waits, and of two transactions that cross one goes on.
 *  TRANSACTION-2  All rows are locked before the commit; so whoever finds the state committed finds every row locked or
 *      released forward, and a lock that is taken later belongs to an aborted transaction.
 *  TRANSACTION-3  After a fault nothing is assumed: the state that the status row has for good decides which way to
 *      release.
 */
import { Problem } from '../problem.ts';
import type { StoredRow } from '../storage/table.ts';
import { finishKnown, readUnit, type TransactionServices } from './finish-transaction.ts';
import { LockReader } from './lock-reader.ts';
import { jobOfTransaction, lockedNewRow, lockOf, lockProperties, type Values } from './locked-row.ts';
import { cutUnits, type Participant, rowOf, toManifest, type Unit, type UnitKeys } from './participants.ts';

/** What a transaction is to do. */
export interface Transaction {
  /** The job's id, or that, a colon, and what makes it unique within the job. Used once. */
  readonly id: string;
  readonly deadlineSeconds: number;
  /** It was begun before what it is to change was known; its deadline runs since then. */
  readonly hasBegun?: boolean;
  readonly participants: readonly Participant[];
  /**
   * What a row is to become that isn't any more as it was seen; undefined: there is no such row now. Throws a Problem to
   * roll everything back.
   */
  readonly decideAgain: (participant: Participant, row: StoredRow | undefined) => Values | Promise<Values>;
  /** Looks, once all rows are locked, whether what was decided on still holds. Throws a Problem to roll everything back. */
  readonly validate?: () => Promise<void>;
}

interface LockedUnit {
  readonly keys: UnitKeys;
  readonly rows: readonly StoredRow[];
}

/** Units that are locked between two looks at the deadline. */
const UNITS_PER_LOOK = 8;
/** A row of a unit that changed so often while the unit was being locked is too busy for a transaction. */
const MAX_ATTEMPTS = 5;

/**
 * Runs a transaction to its end; gives the time of its commit. Throws the Problem that stood in its way, after everything
 * was rolled back: what `decideAgain` and `validate` throw, locked (a live lock of another, with its job), and
 * transaction-too-long. Throws StorageUnavailable when it isn't known how it ended; reconciliation finishes it then.
 */
export async function runTransaction(services: TransactionServices, transaction: Transaction): Promise<string> {
  const { transactions } = services;
  const { id, deadlineSeconds } = transaction;
  const units = cutUnits(transaction.participants);
  if (transaction.hasBegun) await transactions.list(id, toManifest(units));
  else if (!(await transactions.begin(id, deadlineSeconds, toManifest(units)))) throw tooLong(deadlineSeconds);
  const locked: LockedUnit[] = [];
  let failure: unknown;
  try {
    await lockAll(services, transaction, units, locked);
    await transaction.validate?.();
    const ended = await transactions.commit(id);
    if (ended !== 'committed') failure = tooLong(deadlineSeconds);
  } catch (error) {
    failure = error;
  }
  const state = failure === undefined ? 'committed' : await transactions.abort(id);
  // What can't be released now is released by whoever meets it, or by reconciliation: it makes no difference to readers.
  await finishKnown(services, id, state, locked).catch(() => undefined);
  if (state === 'aborted') throw failure;
  return (await transactions.committedOn(id)) ?? '';
}

async function lockAll(
  services: TransactionServices,
  transaction: Transaction,
  units: readonly Unit[],
  locked: LockedUnit[],
): Promise<void> {
  for (const [at, unit] of units.entries()) {
    if (at % UNITS_PER_LOOK === 0 && (at > 0 || transaction.hasBegun)) {
      const status = await services.transactions.status(transaction.id);
      if (status?.state !== 'pending' || status.isLate) throw tooLong(transaction.deadlineSeconds);
    }
    locked.push(await lockUnit(services, transaction, unit));
  }
}

/** Locks the rows of a unit, those that have changed as they are to be now. */
async function lockUnit(services: TransactionServices, transaction: Transaction, unit: Unit): Promise<LockedUnit> {
  const table = services.storage.table(unit.table);
  const keys = { ...unit, rowKeys: unit.rows.map(({ rowKey }) => rowKey) };
  let { rows } = unit;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const wanted = rows.map((row) => lockedRow(transaction.id, row));
    const written = await table.write(
      rows.map((row, index) => {
        const lockedRow = wanted[index] ?? rowOf(row);
        return row.kind === 'insert'
          ? { kind: 'insert', row: lockedRow }
          : { kind: 'merge', row: lockedRow, etag: row.etag };
      }),
    );
    if (written.ok) return { keys, rows: wanted.map((row, index) => ({ ...row, etag: written.etags[index] ?? '' })) };
    const now = await readUnit(table, keys);
    const own = now.filter((row) => lockOf(row)?.transactionId === transaction.id);
    if (own.length === rows.length) return { keys, rows: own };
    rows = await decideUnit(services, transaction, rows, now);
  }
  throw new Problem(
    'transaction-contended',
    { count: unit.rows.length, table: unit.table },
    { extra: { jobId: jobOfTransaction(transaction.id) } },
  );
}

function lockedRow(id: string, participant: Participant) {
  const row = rowOf(participant);
  return participant.kind === 'insert' ? lockedNewRow(id, row) : { ...row, ...lockProperties(id, participant.set) };
}

/** What the rows of a unit are to become, after one of them was found changed. */
async function decideUnit(
  services: TransactionServices,
  { decideAgain }: Transaction,
  participants: readonly Participant[],
  now: readonly StoredRow[],
): Promise<Participant[]> {
  const table = services.storage.table(participants[0]?.table ?? '');
  const reader = new LockReader(services.storage);
  const found = new Map(now.map((row) => [row.rowKey, row]));
  const decided: Participant[] = [];
  for (const participant of participants) {
    let row = found.get(participant.rowKey);
    if (row && lockOf(row)) row = await reader.release(table, row.partitionKey, row.rowKey);
    const lock = row && lockOf(row);
    if (lock) throw lockedByOther(participant, lock.transactionId);
    if (participant.kind === 'change' && row?.etag === participant.etag) decided.push(participant);
    else if (participant.kind === 'insert' && !row) decided.push(participant);
    else {
      const set = await decideAgain(participant, row);
      const { table, partitionKey, rowKey } = participant;
      decided.push({
        table,
        partitionKey,
        rowKey,
        ...(row ? { kind: 'change', etag: row.etag, set } : { kind: 'insert', values: set }),
      });
    }
  }
  return decided;
}

function lockedByOther({ rowKey }: Participant, transactionId: string): Problem {
  const jobId = jobOfTransaction(transactionId);
  return new Problem(
    'transaction-record-locked',
    { id: rowKey, jobId },
    {
      extra: { jobId },
      retryAfterSeconds: 2,
    },
  );
}

/** The refusal of a transaction that is past its deadline; everything is rolled back by then. */
export function tooLong(seconds: number): Problem {
  return new Problem('transaction-past-deadline', { seconds }, { extra: { advice: 'mode=async' } });
}
