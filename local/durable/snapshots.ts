/**
 * Instances as of a log position, a row each, so that the log's older segments can be dropped.
 *
 * Invariants
 * 1. A snapshot never goes back: it is written under the ETag that this host knows, and where another host wrote
 *    meanwhile, the later log position stays.
 * 2. Parts of a long snapshot are written before its head and named after its position, so a reader always finds the
 *    parts that belong to the head it read, or reads again.
 */
import { createHash } from 'node:crypto';
import { escapeNonAscii } from '../../shared/storage/ascii-json.ts';
import type { Row, StoredRow, Table, Write } from '../../shared/storage/table.ts';
import { Fenced } from './fenced.ts';
import type { Instance } from './instance.ts';
import { fromTextRows, type HeadRow, ROW_CHARS, toTextRows } from './stored-text.ts';
import type { DropRows } from './write-ahead-log.ts';

const BUCKETS = 16;
/** A long snapshot that is replaced while it is read is read again. */
const MAX_READS = 5;
const MAX_ROWS_PER_WRITE = 50;
const MAX_CHARS_PER_WRITE = 3 * ROW_CHARS;

/** What to store for an instance; `instance` undefined: it was purged, store nothing. */
export interface Snapshot {
  readonly instanceId: string;
  readonly position: number;
  readonly instance: Instance | undefined;
}

interface SnapshotRow extends HeadRow {
  position: number;
}

/** What this host knows of a stored snapshot. */
interface Known {
  readonly etag: string;
  readonly position: number;
  readonly parts: number;
}

export class SnapshotStore {
  readonly #table: Table;
  readonly #dropRows: DropRows;
  readonly #known = new Map<string, Known>();

  constructor(table: Table, dropRows: DropRows) {
    this.#table = table;
    this.#dropRows = dropRows;
  }

  /** All snapshots. Removes parts that belong to none. */
  async load(): Promise<{ instance: Instance; position: number }[]> {
    for (let attempt = 0; attempt < MAX_READS; attempt++) {
      const rows = new Map<string, StoredRow<Row>>();
      for await (const row of this.#table.rows({})) rows.set(row.rowKey, row);
      const loaded = this.#read(rows);
      if (loaded) {
        await this.#dropOrphans(rows);
        return loaded;
      }
    }
    throw new Error('The stored orchestration instances are damaged: a part of a long one is missing.');
  }

  /** Stores snapshots; idempotent. Rejects with Fenced when another host has stored later ones. */
  async save(snapshots: readonly Snapshot[]): Promise<void> {
    const batches = new Map<string, { write: Write; snapshot: Snapshot }[]>();
    let chars = 0;
    for (const snapshot of snapshots) {
      if (!snapshot.instance) {
        await this.#remove(snapshot.instanceId);
        continue;
      }
      const key = keyOf(snapshot.instanceId);
      const text = escapeNonAscii(JSON.stringify(snapshot.instance));
      const { head, parts } = toTextRows(key, text, (part) => partKey(key.rowKey, snapshot.position, part));
      for (const row of parts) await this.#table.write([{ kind: 'upsert', row }]);
      const row: SnapshotRow = { ...head, position: snapshot.position };
      const batch = batches.get(key.partitionKey) ?? [];
      chars += Math.min(text.length, ROW_CHARS);
      batch.push({ write: { kind: 'insert', row }, snapshot });
      batches.set(key.partitionKey, batch);
      if (batch.length >= MAX_ROWS_PER_WRITE || chars >= MAX_CHARS_PER_WRITE) {
        await this.#flush(batches);
        chars = 0;
      }
    }
    await this.#flush(batches);
  }

  async #flush(batches: Map<string, { write: Write; snapshot: Snapshot }[]>): Promise<void> {
    for (const batch of batches.values()) {
      const writes = batch.map(({ write }) => this.#conditioned(write.row as SnapshotRow));
      const written = await this.#table.write(writes);
      if (written.ok) {
        for (const [index, { write }] of batch.entries()) {
          await this.#stored(write.row as SnapshotRow, written.etags[index] ?? '');
        }
      } else {
        for (const { write } of batch) await this.#saveOne(write.row as SnapshotRow);
      }
    }
    batches.clear();
  }

  #conditioned(row: SnapshotRow): Write {
    const known = this.#known.get(row.rowKey);
    return known ? { kind: 'merge', row, etag: known.etag } : { kind: 'insert', row };
  }

  /** Writes one row against whatever is there, unless that is later. */
  async #saveOne(row: SnapshotRow): Promise<void> {
    for (;;) {
      const written = await this.#table.write([this.#conditioned(row)]);
      if (written.ok) return this.#stored(row, written.etags[0] ?? '');
      const stored = await this.#table.get<SnapshotRow>(row.partitionKey, row.rowKey);
      if (stored && stored.position > row.position) throw new Fenced('instance snapshots');
      if (stored) this.#known.set(row.rowKey, stored);
      else this.#known.delete(row.rowKey);
    }
  }

  async #stored(row: SnapshotRow, etag: string): Promise<void> {
    const before = this.#known.get(row.rowKey);
    this.#known.set(row.rowKey, { etag, position: row.position, parts: row.parts });
    if (before && before.parts > 0 && before.position !== row.position) {
      await this.#dropRows(row.partitionKey, partKeys(row.rowKey, before));
    }
  }

  async #remove(instanceId: string): Promise<void> {
    const { partitionKey, rowKey } = keyOf(instanceId);
    const known = this.#known.get(rowKey);
    if (!known) return;
    await this.#dropRows(partitionKey, [rowKey, ...partKeys(rowKey, known)]);
    this.#known.delete(rowKey);
  }

  /** Undefined when a head's parts are missing: it was replaced while the rows were read. */
  #read(rows: ReadonlyMap<string, StoredRow<Row>>): { instance: Instance; position: number }[] | undefined {
    const loaded: { instance: Instance; position: number }[] = [];
    for (const row of rows.values()) {
      if (!isHead(row)) continue;
      const text = fromTextRows(row, (part) => rows.get(partKey(row.rowKey, row.position, part)));
      if (text === undefined) return undefined;
      this.#known.set(row.rowKey, { etag: row.etag, position: row.position, parts: row.parts });
      loaded.push({ instance: JSON.parse(text) as Instance, position: row.position });
    }
    return loaded;
  }

  async #dropOrphans(rows: ReadonlyMap<string, StoredRow<Row>>): Promise<void> {
    for (const row of rows.values()) {
      if (isHead(row)) continue;
      const [head, position] = row.rowKey.split('.');
      const known = head && this.#known.get(head);
      if (!known || String(known.position) !== position) await this.#dropRows(row.partitionKey, [row.rowKey]);
    }
  }
}

function isHead(row: StoredRow<Row>): row is StoredRow<SnapshotRow> {
  return !row.rowKey.includes('.');
}

function keyOf(instanceId: string): { partitionKey: string; rowKey: string } {
  const hash = createHash('sha256').update(instanceId).digest('hex');
  return { partitionKey: `instances-${Number.parseInt(hash.slice(0, 2), 16) % BUCKETS}`, rowKey: hash };
}

function partKey(rowKey: string, position: number, part: number): string {
  return `${rowKey}.${position}.${part}`;
}

function partKeys(rowKey: string, known: Known): string[] {
  return Array.from({ length: known.parts }, (_, part) => partKey(rowKey, known.position, part));
}
