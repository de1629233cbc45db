/**
 * Values that find a record (an account's number): one alias row per value, claimed before the record carries it and
 * never given to another record again. A claim whose record was never written leaves a gap, not a second use.
 */

import type { TableName } from '../catalogue/tables.ts';
import { encodeKeyPart } from '../storage/keys.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row, Table } from '../storage/table.ts';

interface AliasRow extends Row {
  recordId: string;
}

/** The unique values of all tables. */
export class UniqueValues {
  readonly #table: Table;

  constructor(storage: Storage) {
    this.#table = storage.table('aliases');
  }

  /** Claims a value for a record. False: it belongs to another record. Claiming again what one has is fine. */
  async claim(table: TableName, value: string, recordId: string): Promise<boolean> {
    const written = await this.#table.write([{ kind: 'insert', row: { ...keyOf(table, value), recordId } }]);
    return written.ok || (await this.find(table, value)) === recordId;
  }

  /** The id of the record that a value was claimed for. */
  async find(table: TableName, value: string): Promise<string | undefined> {
    const { partitionKey, rowKey } = keyOf(table, value);
    return (await this.#table.get<AliasRow>(partitionKey, rowKey))?.recordId;
  }
}

/** Longest value in bytes once encoded, so that the key stays under 1 KiB. */
const MAX_VALUE_LENGTH = 400;

function keyOf(table: TableName, value: string): { partitionKey: string; rowKey: string } {
  const encoded = encodeKeyPart(value).slice(0, MAX_VALUE_LENGTH);
  // The last characters spread sequential numbers over partitions.
  return { partitionKey: `${table}|${encoded.slice(-2)}`, rowKey: `${table}|${encoded}` };
}
