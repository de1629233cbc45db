/**
 * Reads the tables past the app, with the storage client alone. What it knows of the formats it knows from docs/adr/0002,
 * and of locks from the header of shared/transactions/locked-row.ts.
 */
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { mapParallel } from '../../../shared/storage/parallel.ts';

/** A row as stored. */
export type Entity = Readonly<Record<string, string | number | boolean | undefined>> & {
  readonly partitionKey: string;
  readonly rowKey: string;
};

/** A row of a table of records, and how to call it. */
export interface ReadRecord {
  readonly what: string;
  readonly row: Entity;
}

/** Tables that can't be read at the same moment, in this order: state before locks, lookups before hints. */
const IN_TURN = [/^transactions$/, /^records/, /^hints/];
const RECORDS = 'records';
const PARALLEL = 8;

/** All rows of tables. */
export class TableReader {
  readonly #tables = new Map<string, readonly Entity[]>();
  readonly #keys = new Map<string, ReadonlySet<string>>();

  /** Reads all tables, at a moment at which nothing runs. */
  static read(connectionString: string): Promise<TableReader> {
    return TableReader.#read(connectionString, [/^/]);
  }

  /**
   * Reads records and what they stand on when a host has just died. What it had sent may still come in, so each table is
   * read after those whose writes follow on its own.
   */
  static readRecords(connectionString: string): Promise<TableReader> {
    return TableReader.#read(connectionString, IN_TURN);
  }

  static async #read(connectionString: string, turns: readonly RegExp[]): Promise<TableReader> {
    const reader = new TableReader();
    const options = { allowInsecureConnection: true };
    const names: string[] = [];
    for await (const { name = '' } of TableServiceClient.fromConnectionString(connectionString, options).listTables())
      names.push(name);
    for (const turn of turns) {
      const some = names.filter((name) => turn.test(name));
      await mapParallel(some, PARALLEL, async (name) => {
        const rows: Entity[] = [];
        for await (const row of TableClient.fromConnectionString(connectionString, name, options).listEntities())
          rows.push(row as Entity);
        reader.#tables.set(name, rows);
      });
    }
    return reader;
  }

  /** The rows of a table, none where there is no such table. */
  rows(table: string): readonly Entity[] {
    return this.#tables.get(table) ?? [];
  }

  /** Whether a table has a row with this RowKey. */
  has(table: string, rowKey: string): boolean {
    const known = this.#keys.get(table) ?? new Set(this.rows(table).map((row) => row.rowKey));
    this.#keys.set(table, known);
    return known.has(rowKey);
  }

  /** All rows of the tables of records: records, their shares, and markers. */
  recordRows(): ReadRecord[] {
    return [...this.#tables.keys()]
      .filter((name) => name.startsWith(RECORDS))
      .flatMap((name) => this.rows(name).map((row) => ({ what: `${name.slice(RECORDS.length)} ${row.rowKey}`, row })));
  }

  /** All records as they count: as a committed transaction has made them. */
  records(): ReadRecord[] {
    const ended = this.rows('transactions').filter(({ state }) => state === 'committed');
    const committed = new Set(ended.map(({ partitionKey }) => partitionKey));
    return this.recordRows()
      .filter(({ row }) => !row.rowKey.startsWith('~'))
      .flatMap(({ what, row }) => {
        if (row.lockKind !== 'transaction') return [{ what, row }];
        if (committed.has(String(row.lockJob))) return [{ what, row: { ...row, ...pendingOf(row) } }];
        return row.lockNew ? [] : [{ what, row }];
      });
  }
}

/** What a locked row is to become. */
function pendingOf(row: Entity): Partial<Entity> {
  let text = '';
  for (let part = 0; row[`pending${part}`]; part++) text += String(row[`pending${part}`]);
  return text === '' ? {} : (JSON.parse(text) as Partial<Entity>);
}

/** The records that every marker of a job, or of all jobs, says were changed, and what it says of each. */
export function markersOf(tables: TableReader, jobId = ''): { readonly ids: string[]; readonly logs: string[] }[] {
  return ['account', 'contact', 'order']
    .flatMap((table) => tables.rows(`records${table}`))
    .filter(({ rowKey }) => rowKey.startsWith(`~m|${jobId}`))
    .map((row) => {
      const isWritten = (_: unknown, at: number) => String(row.outcomes)[at] === 'w';
      return { ids: unpack(String(row.ids)).filter(isWritten), logs: unpack(String(row.log0)).filter(isWritten) };
    });
}

/** What all begin with, what all end with, and what is between for each: a line each. */
function unpack(packed: string): string[] {
  const [begin, end, ...middles] = packed.split('\n');
  return middles.map((middle) => `${begin}${middle}${end}`);
}

/** The relationships by which a record has a parent, and their ids. */
export function lookupsOf(row: ReadRecord['row']): (readonly [relationship: string, parentId: string])[] {
  return Object.entries(row).flatMap(([name, parentId]) =>
    name.startsWith('l_') && parentId ? [[name.slice(2), String(parentId)] as const] : [],
  );
}
