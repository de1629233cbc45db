import { afterPrefix } from '../../storage/keys.ts';
import { groupBy, mapParallel } from '../../storage/parallel.ts';
import type { Storage } from '../../storage/storage.ts';
import { StorageRefused } from '../../storage/storage-errors.ts';
import { ROWS_PER_TRANSACTION, type Table } from '../../storage/table.ts';
import { OPERATIONS, type OperationKey, STAGING_TABLES, type StagingTable } from '../customer-operation.ts';
import { ALL_TABLES, tableNames } from './staging-places.ts';
import { fromStagingRow, type StagingRow, stagingRowKey, toStagingRow } from './staging-row.ts';
import type { StoredOperation } from './stored-operation.ts';

/** Where the row of an operation is. */
export interface StagingPlace extends OperationKey {
  readonly table: StagingTable;
  readonly sequence: string;
}

/** JSON of a transaction's rows: under half of Azure's 4 MiB, as letters can take two bytes. */
const MAX_TRANSACTION_LENGTH = 1.5 * 1024 * 1024;

/** The five staging tables of headquarters; format and invariants in staging-row.ts. */
export class StagingTables {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Inserts the operations of one customer; those that are there already stay as they are (OPERATION-1). */
  async insertAll(operations: readonly StoredOperation[]): Promise<void> {
    for (const group of groupBy(operations, tableOf, ROWS_PER_TRANSACTION)) {
      const rows = group.map(toStagingRow);
      const [first] = group;
      if (!first) continue;
      const table = this.#table(tableOf(first));
      const small = rows.reduce((sum, row) => sum + JSON.stringify(row).length, 0) < MAX_TRANSACTION_LENGTH;
      if (small && (await table.write(rows.map((row) => ({ kind: 'insert', row })))).ok) continue;
      for (const operation of group) await insertOne(table, operation);
    }
  }

  /** A customer's operations with a sequence above this one (empty: all), over these tables, in sequence. */
  async after(customerAsyncId: string, sequence: string, tables: string = ALL_TABLES): Promise<StoredOperation[]> {
    const range = { partitionKey: customerAsyncId, ...(sequence && { from: afterPrefix(`${sequence}|`) }) };
    const parts = await Promise.all(tableNames(tables).map((name) => rowsOf(this.#table(name), range)));
    return parts.flat().sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
  }

  /** Those that may not be done: with a sequence above this one, or from the first on that stands apart. */
  async open(
    customerAsyncId: string,
    { after, apartFrom }: { readonly after: string; readonly apartFrom: string },
    tables: string = ALL_TABLES,
  ): Promise<StoredOperation[]> {
    if (apartFrom === '' || apartFrom > after) return this.after(customerAsyncId, after, tables);
    return (await this.after(customerAsyncId, '', tables)).filter(({ sequence }) => sequence >= apartFrom);
  }

  /** The operation at a known place. */
  async get({ table, ...place }: StagingPlace): Promise<StoredOperation | undefined> {
    const row = await this.#table(table).get<StagingRow>(place.customerAsyncId, stagingRowKey(place));
    return row && fromStagingRow(row);
  }

  /** The operation by its key alone: looks through the customer's rows. */
  async find({ customerAsyncId, channel, replicationCounter }: OperationKey): Promise<StoredOperation | undefined> {
    const all = await this.after(customerAsyncId, '');
    return all.find((each) => each.channel === channel && each.replicationCounter === replicationCounter);
  }

  /** Writes a changed operation over the one that was read (OPERATION-2). Undefined: somebody else changed it meanwhile. */
  async replace(operation: StoredOperation): Promise<StoredOperation | undefined> {
    const write = { kind: 'replace', row: toStagingRow(operation), etag: operation.etag } as const;
    const written = await this.#table(tableOf(operation)).write([write]);
    return written.ok ? { ...operation, etag: written.etags[0] ?? '' } : undefined;
  }

  /**
   * `replace` for some of a customer's operations, those of one table together. Undefined: somebody else has changed one
   * of them, and those of its transaction are as they were.
   */
  async replaceAll(operations: readonly StoredOperation[]): Promise<StoredOperation[] | undefined> {
    const written = new Map<StoredOperation, StoredOperation>();
    for (const group of groupBy(operations, tableOf, ROWS_PER_TRANSACTION).flatMap(splitByLength)) {
      const writes = group.map((each) => ({ kind: 'replace', row: toStagingRow(each), etag: each.etag }) as const);
      const result = await this.#table(tableOf(group[0] as StoredOperation)).write(writes);
      if (!result.ok) return undefined;
      group.forEach((each, at) => {
        written.set(each, { ...each, etag: result.etags[at] ?? '' });
      });
    }
    return operations.map((each) => written.get(each) ?? each);
  }

  /** Removes an operation as it was read. One that has changed, or is gone, stays as it is. */
  async remove(operation: StoredOperation): Promise<void> {
    const { partitionKey, rowKey } = toStagingRow(operation);
    await this.#table(tableOf(operation)).delete(partitionKey, rowKey, operation.etag);
  }

  /** Makes the five tables exist, also those that no operation uses yet. */
  async prepare(): Promise<void> {
    await mapParallel(STAGING_TABLES, STAGING_TABLES.length, (name) => this.#table(name).get('none', 'none'));
  }

  #table(name: StagingTable): Table {
    return this.#storage.table(name);
  }
}

/** The staging table of an operation. */
export function tableOf({ operation }: Pick<StoredOperation, 'operation'>): StagingTable {
  return OPERATIONS[operation].stagingTable;
}

/** Parts whose rows together are short enough for a transaction. */
function splitByLength(group: readonly StoredOperation[]): StoredOperation[][] {
  const parts: StoredOperation[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const operation of group) {
    const own = JSON.stringify(toStagingRow(operation)).length;
    if (length + own > MAX_TRANSACTION_LENGTH) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(operation);
    length += own;
  }
  return parts;
}

async function rowsOf(table: Table, range: { partitionKey: string; from?: string }): Promise<StoredOperation[]> {
  const operations: StoredOperation[] = [];
  for await (const row of table.rows<StagingRow>(range)) operations.push(fromStagingRow(row));
  return operations;
}

/** An operation that is too large for a row is kept without its body, Failed: it must not stop the upload of others. */
async function insertOne(table: Table, operation: StoredOperation): Promise<void> {
  try {
    const written = await table.write([{ kind: 'insert', row: toStagingRow(operation) }]);
    if (!written.ok && written.conflict !== 'exists') throw new Error(`${table.name} took no row: ${written.conflict}`);
  } catch (error) {
    if (!isTooLarge(error) || operation.status === 'Failed') throw error;
    const lastError = `${error.message}. Its values were left out; edit the operation, or have the channel send a shorter one.`;
    await insertOne(table, {
      ...operation,
      body: {},
      status: 'Failed',
      lastError,
      description: 'Too large to be staged.',
    });
  }
}

/** Whether a write was refused for its size, by us or by the service: trying again won't help. */
export function isTooLarge(error: unknown): error is StorageRefused {
  return error instanceof StorageRefused && error.cause === undefined;
}
