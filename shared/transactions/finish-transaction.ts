/**
 * Releasing the locks of a finished transaction, forward or back. May be done by several at once and again after a crash:
 * each row is released If-Match a lock of this very transaction, and nothing that counts changes (LOCK-4).
 */
import { MAX_PARALLEL, mapParallel } from '../storage/parallel.ts';
import type { Storage } from '../storage/storage.ts';
import { StorageUnavailable } from '../storage/storage-errors.ts';
import type { Row, StoredRow, Table, Write } from '../storage/table.ts';
import { lockOf, releaseProperties, type TransactionState } from './locked-row.ts';
import type { UnitKeys } from './participants.ts';
import type { TransactionStore } from './transaction-store.ts';

/** What transactions work with. */
export interface TransactionServices {
  readonly storage: Storage;
  readonly transactions: TransactionStore;
}

type Final = Exclude<TransactionState, 'pending'>;

/** Rounds in which others changed a row of a unit meanwhile; each leaves less to do. */
const MAX_ROUNDS = 20;

/** Goes through the manifest and releases what is still locked, then notes that nothing is left. */
async function finishTransaction(services: TransactionServices, id: string, state: Final): Promise<void> {
  let units: UnitKeys[] = [];
  const flush = async () => {
    await mapParallel(units, MAX_PARALLEL, (unit) => releaseUnit(services, id, state, unit));
    units = [];
  };
  for await (const unit of services.transactions.manifest(id)) {
    units.push(unit);
    if (units.length >= MAX_PARALLEL) await flush();
  }
  await flush();
  await services.transactions.close(id);
}

/** Releases units whose rows are known as they were locked, then notes that nothing is left. */
export async function finishKnown(
  services: TransactionServices,
  id: string,
  state: Final,
  units: readonly { readonly keys: UnitKeys; readonly rows: readonly StoredRow[] }[],
): Promise<void> {
  await mapParallel(units, MAX_PARALLEL, ({ keys, rows }) => releaseUnit(services, id, state, keys, rows));
  await services.transactions.close(id);
}

/** Aborts what is late, and finishes what its owner didn't. Gives the number of transactions; the first failure is thrown at the end. */
export async function finishAbandoned(services: TransactionServices): Promise<number> {
  let finished = 0;
  const failures: unknown[] = [];
  for await (const id of services.transactions.unfinished()) {
    try {
      await finishTransaction(services, id, await services.transactions.abort(id));
      finished++;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return finished;
}

async function releaseUnit(
  { storage }: TransactionServices,
  id: string,
  state: Final,
  keys: UnitKeys,
  known?: readonly StoredRow[],
): Promise<void> {
  const table = storage.table(keys.table);
  let rows = known;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    rows ??= await readUnit(table, keys);
    const locked = rows.filter((row) => lockOf(row)?.transactionId === id);
    if (locked.length === 0) return;
    if (await release(table, state, locked)) return;
    rows = undefined;
  }
  throw new StorageUnavailable(`release locks of ${id} in ${keys.table}`, new Error(`overtaken ${MAX_ROUNDS} times`));
}

/** False when a row had changed meanwhile. */
async function release(table: Table, state: Final, rows: readonly StoredRow[]): Promise<boolean> {
  const writes: Write[] = [];
  for (const row of rows) {
    const { partitionKey, rowKey, etag } = row;
    const values = releaseProperties(row, state);
    if (values) writes.push({ kind: 'merge', row: { partitionKey, rowKey, ...values }, etag });
    else if ((await table.delete(partitionKey, rowKey, etag)) === 'changed') return false;
  }
  return (await table.write(writes)).ok;
}

/** The rows of a unit that exist. */
export async function readUnit<T extends Row>(
  table: Table,
  { partitionKey, rowKeys }: UnitKeys,
): Promise<StoredRow<T>[]> {
  const [first, last] = [rowKeys[0], rowKeys.at(-1)];
  if (first === undefined || last === undefined) return [];
  const wanted = new Set(rowKeys);
  const rows: StoredRow<T>[] = [];
  for await (const row of table.rows<T>({ partitionKey, from: first, to: `${last}\u0001` })) {
    if (wanted.has(row.rowKey)) rows.push(row);
  }
  return rows;
}
