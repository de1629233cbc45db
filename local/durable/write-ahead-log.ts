/**
 * The engine's log: one row per entry in a table of its own, with a new partition (segment) every few hundred entries.
 *
 * Invariants
 * 1. Entries have positions 0, 1, 2 … without gaps; an entry exists once its head row is inserted, and is never changed.
 * 2. Only one host appends. Whoever opens the log takes a new, higher epoch and inserts an entry of its own at the end; the
 *    host before it then finds its next position taken by a foreign epoch and is fenced. Nothing is ever overwritten.
 * 3. Segments are dropped from the front only after the manifest row says so, and the manifest changes only under the
 *    ETag of the host that opened the log last; so an opener never misses a segment that it needs.
 * 4. A write that is repeated because its answer was lost finds its own epoch at the position: it has succeeded.
 */
import { escapeNonAscii } from '../../shared/storage/ascii-json.ts';
import { numberKey } from '../../shared/storage/keys.ts';
import type { Row, StoredRow, Table } from '../../shared/storage/table.ts';
import type { Log } from '../log.ts';
import { Fenced } from './fenced.ts';
import { persist } from './persist.ts';
import { fromTextRows, type HeadRow, toTextRows } from './stored-text.ts';

/** Partitions of this many rows stay fast on the storage emulator. */
const DEFAULT_ENTRIES_PER_SEGMENT = 400;

/** An entry as read back. */
export interface LogEntry {
  readonly position: number;
  /** JSON text. */
  readonly text: string;
}

interface EntryRow extends HeadRow {
  epoch: number;
}

interface ManifestRow extends Row {
  epoch: number;
  firstSegment: number;
  /** Fixed when the log is made. */
  entriesPerSegment: number;
}

const MANIFEST = { partitionKey: 'manifest', rowKey: 'manifest' };

/** Removes rows of one partition by key, whatever they hold. */
export type DropRows = (partitionKey: string, rowKeys: readonly string[]) => Promise<void>;

export class WriteAheadLog {
  readonly #table: Table;
  readonly #dropRows: DropRows;
  readonly #log: Log;
  readonly #newEntriesPerSegment: number;
  #manifest: StoredRow<ManifestRow> | undefined;
  #next = 0;
  #stopped = false;

  /** @param entriesPerSegment for a log that doesn't exist yet; one that does keeps its own. */
  constructor(table: Table, dropRows: DropRows, log: Log, entriesPerSegment = DEFAULT_ENTRIES_PER_SEGMENT) {
    this.#table = table;
    this.#dropRows = dropRows;
    this.#log = log;
    this.#newEntriesPerSegment = entriesPerSegment;
  }

  /** The epoch that this host has taken. */
  get epoch(): number {
    return this.#opened().epoch;
  }

  /** Position of the next entry. */
  get nextPosition(): number {
    return this.#next;
  }

  get firstSegment(): number {
    return this.#opened().firstSegment;
  }

  /** The segment that the next entry goes into. */
  get currentSegment(): number {
    return this.#segmentOf(this.#next);
  }

  /** Position of the first entry of a segment. */
  startOf(segment: number): number {
    return segment * this.#opened().entriesPerSegment;
  }

  /** Takes the log over and returns what it holds, in order. Call once, before anything else. */
  async open(): Promise<LogEntry[]> {
    this.#manifest = await this.#takeEpoch();
    const entries: LogEntry[] = [];
    this.#next = this.startOf(this.firstSegment);
    do {
      await this.#readOn(entries);
    } while (!(await this.#tryAppend('[]')));
    return entries;
  }

  /** Adds an entry (JSON text) and resolves with its position once it is stored. One at a time. Rejects with Fenced. */
  async append(text: string): Promise<number> {
    const position = this.#next;
    if (!(await this.#tryAppend(text))) throw new Fenced(`log position ${position}`);
    return position;
  }

  /** Forgets all entries before a segment. Rejects with Fenced. */
  async dropBefore(segment: number): Promise<void> {
    const { firstSegment } = this.#opened();
    await this.#writeManifest({ ...this.#opened(), firstSegment: segment });
    for (let old = firstSegment; old < segment; old++) await this.#dropSegment(segmentKey(old));
  }

  /** Removes what an earlier host had dropped but not deleted when it died. */
  async deleteLeftovers(): Promise<void> {
    const range = { partitionFrom: 'log-', partitionTo: segmentKey(this.firstSegment), select: ['epoch'] };
    const partitions = new Set<string>();
    for await (const row of this.#table.rows(range)) partitions.add(row.partitionKey);
    for (const partition of partitions) await this.#dropSegment(partition);
  }

  /** From now on a storage service that can't be reached ends waiting calls. */
  stop(): void {
    this.#stopped = true;
  }

  #segmentOf(position: number): number {
    return Math.floor(position / this.#opened().entriesPerSegment);
  }

  #opened(): StoredRow<ManifestRow> {
    if (!this.#manifest) throw new Error('The log must be opened first.');
    return this.#manifest;
  }

  async #takeEpoch(): Promise<StoredRow<ManifestRow>> {
    for (;;) {
      const row = await this.#table.get<ManifestRow>(MANIFEST.partitionKey, MANIFEST.rowKey);
      const next: ManifestRow = {
        ...MANIFEST,
        epoch: (row?.epoch ?? 0) + 1,
        firstSegment: row?.firstSegment ?? 0,
        entriesPerSegment: row?.entriesPerSegment ?? this.#newEntriesPerSegment,
      };
      const written = await this.#table.write([
        row ? { kind: 'merge', row: next, etag: row.etag } : { kind: 'insert', row: next },
      ]);
      if (written.ok) return { ...next, etag: written.etags[0] ?? '' };
    }
  }

  async #writeManifest(changed: StoredRow<ManifestRow>): Promise<void> {
    const { etag, ...row } = changed;
    const written = await this.#persist(() => this.#table.write([{ kind: 'merge', row, etag }]));
    if (written.ok) {
      this.#manifest = { ...changed, etag: written.etags[0] ?? '' };
      return;
    }
    const stored = await this.#persist(() => this.#table.get<ManifestRow>(MANIFEST.partitionKey, MANIFEST.rowKey));
    if (stored?.epoch !== changed.epoch) throw new Fenced('log manifest');
    this.#manifest = stored;
    if (stored.firstSegment !== changed.firstSegment) await this.#writeManifest({ ...changed, etag: stored.etag });
  }

  /** Reads entries from the next position to the end. */
  async #readOn(entries: LogEntry[]): Promise<void> {
    for (;;) {
      const before = this.#next;
      const segment = this.#segmentOf(before);
      const rows = new Map<string, Row>();
      const range = { partitionKey: segmentKey(segment), from: numberKey(before, 12) };
      for await (const row of this.#table.rows(range)) rows.set(row.rowKey, row);
      for (let row = rows.get(numberKey(this.#next, 12)); row; row = rows.get(numberKey(this.#next, 12))) {
        const head = row as EntryRow;
        if (head.epoch > this.epoch) throw new Fenced(`log position ${this.#next}`);
        entries.push(toEntry(this.#next, head, rows));
        this.#next++;
      }
      if (this.#next === before || this.#segmentOf(this.#next) === segment) return;
    }
  }

  /** False when the position is taken by another host. */
  async #tryAppend(text: string): Promise<boolean> {
    const position = this.#next;
    const { epoch } = this;
    const key = {
      partitionKey: segmentKey(this.#segmentOf(position)),
      rowKey: numberKey(position, 12),
    };
    const { head, parts } = toTextRows(key, escapeNonAscii(text), (part) => partKey(position, epoch, part));
    for (const row of parts) await this.#persist(() => this.#table.write([{ kind: 'upsert', row }]));
    const row: EntryRow = { ...head, epoch };
    const written = await this.#persist(() => this.#table.write([{ kind: 'insert', row }]));
    if (!written.ok) {
      const stored = await this.#persist(() => this.#table.get<EntryRow>(key.partitionKey, key.rowKey));
      if (stored?.epoch !== epoch) return false;
    }
    this.#next++;
    return true;
  }

  async #dropSegment(partitionKey: string): Promise<void> {
    const keys: string[] = [];
    for await (const row of this.#table.rows({ partitionKey, select: ['epoch'] })) keys.push(row.rowKey);
    for (let at = 0; at < keys.length; at += 100) await this.#dropRows(partitionKey, keys.slice(at, at + 100));
  }

  #persist<T>(call: () => Promise<T>): Promise<T> {
    return persist(call, this.#log, () => this.#stopped);
  }
}

function segmentKey(segment: number): string {
  return `log-${numberKey(segment, 10)}`;
}

function partKey(position: number, epoch: number, part: number): string {
  return `${numberKey(position, 12)}.${epoch}.${part}`;
}

function toEntry(position: number, head: EntryRow, rows: ReadonlyMap<string, Row>): LogEntry {
  const text = fromTextRows(head, (part) => rows.get(partKey(position, head.epoch, part)));
  if (text === undefined) throw new Error(`The durable log is damaged: entry ${position} lacks a part.`);
  return { position, text };
}
