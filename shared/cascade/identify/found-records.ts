/**
 * What identifying has found so far, before doubles are merged. This is a storage format: table `cascadefound`,
 * PartitionKey = job | table | first two characters of the bucket, RowKey = bucket | level | relationship | page | part;
 * lists are packed (packed.ts). A page of records that are only to be unlinked has a `u` behind its number, one of records
 * of which only the inherited rights are put right an `s`.
 *
 *  FOUND-1  The key is made of where the page began, so a page that is read again replaces what it wrote before.
 *  FOUND-2  A row tells what was seen at some moment of identifying; a row that a repeated page no longer writes does
 *      no harm, since every record is looked at again (by its ETag) when it is changed.
 *  FOUND-3  RowKeys sort as buckets do across all partitions of a table.
 */
import type { TableName } from '../../catalogue/tables.ts';
import { bucketOf } from '../../records/record-ids.ts';
import { afterPrefix, numberKey } from '../../storage/keys.ts';
import { groupBy, mapParallel, PAGES_AHEAD } from '../../storage/parallel.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row, StoredRow, Table, Write } from '../../storage/table.ts';
import { pack, unpack } from '../chunks/packed.ts';
import type { ValueChange } from '../ports.ts';

/** What is to become of a record that was found, the most first: a record that was found twice gets the first of both. */
export const FOUND_EFFECTS = ['change', 'unlink', 'settle'] as const;
export type FoundEffect = (typeof FOUND_EFFECTS)[number];

/** A record as it was when it was found. */
export interface FoundRecord {
  readonly id: string;
  /** Empty when the record must be looked at again before it is changed. */
  readonly etag: string;
  readonly version: number;
  readonly ownerId: string;
  /** `unlink`: only the lookups in `links` are to be cleared; `settle`: only its inherited rights are put right. The action itself isn't for either. */
  readonly effect: FoundEffect;
  /** The parents that it was found under, as `relationship|parent id`; kept only for actions that fence. */
  readonly links: readonly string[];
  /** What another job has changed of it, for the job that undoes that; then `version` is the one that it made. */
  readonly logged?: readonly ValueChange[];
}

/** Where records were found. */
export interface FoundAt {
  readonly table: TableName;
  /** Steps below the root, which is at 0. */
  readonly level: number;
  readonly relationship: string;
  /** Number of the page among those of the level and relationship. */
  readonly page: number;
}

interface FoundRow extends Row {
  ids: string;
  etags: string;
  versions: string;
  owners: string;
  /** Parent of each record; absent where links aren't kept. */
  parents?: string;
  records: number;
}

/** Records of one bucket that were found together. */
export interface FoundPart {
  readonly level: number;
  readonly records: readonly FoundRecord[];
}

/** What one job has found so far. Buckets come in order; `from` leaves out those before it. */
export interface FoundRecords {
  /** Keeps a page's records; a second call for the same page replaces the first. */
  put(at: FoundAt, found: readonly FoundRecord[]): Promise<void>;
  /** Ids of records, by bucket, by the level at which they were found and by what is to become of them. */
  levels(table: TableName, from?: string): AsyncIterable<{ bucket: string; levels: readonly FoundIds[] }>;
  /** How many records each bucket holds; those found twice count twice. */
  counts(table: TableName): Promise<{ bucket: string; records: number }[]>;
  /** All that was found. */
  records(table: TableName, from?: string): AsyncIterable<{ bucket: string; parts: readonly FoundPart[] }>;
}

/** Ids of one bucket that were found together. */
export interface FoundIds {
  readonly level: number;
  readonly effect: FoundEffect;
  readonly ids: readonly string[];
}

/** Five lists of so many values fit their properties with room to spare. */
const RECORDS_PER_ROW = 300;
const ROWS_PER_WRITE = 30;
const ROWS_PER_PAGE = 32;
const LEVEL_DIGITS = 4;
const RECORD_PROPERTIES = ['ids', 'etags', 'versions', 'owners', 'parents'] as const;
/** Stands behind the number of a page, and before that of the part. */
const EFFECT_LETTERS: Readonly<Record<FoundEffect, string>> = { change: '', unlink: 'u', settle: 's' };

/** Table of found records; each of its PartitionKeys begins with the id of the job. */
export const FOUND_TABLE = 'cascadefound';

/** Found records in storage. */
export class StoredFound implements FoundRecords {
  readonly #table: Table;
  readonly #jobId: string;

  constructor(storage: Storage, jobId: string) {
    this.#table = storage.table(FOUND_TABLE);
    this.#jobId = jobId;
  }

  async put(at: FoundAt, found: readonly FoundRecord[]): Promise<void> {
    const rows = groupBy(found, ({ id }) => bucketOf(id)).flatMap((group) => toRows(this.#jobId, at, group));
    const writes = groupBy(rows, ({ partitionKey }) => partitionKey, ROWS_PER_WRITE);
    await mapParallel(writes, PAGES_AHEAD, async (group) => {
      const written = await this.#table.write(group.map((row): Write => ({ kind: 'upsert', row })));
      if (!written.ok) throw new Error(`Found records were refused: ${written.conflict}`);
    });
  }

  async *levels(table: TableName, from = ''): AsyncGenerator<{ bucket: string; levels: FoundIds[] }> {
    for await (const { bucket, rows } of this.#buckets(table, from, ['ids'])) {
      yield {
        bucket,
        levels: rows.map((row) => ({ level: levelOf(row), effect: effectOf(row), ids: unpack(row.ids) })),
      };
    }
  }

  async counts(table: TableName): Promise<{ bucket: string; records: number }[]> {
    const counts: { bucket: string; records: number }[] = [];
    for await (const { bucket, rows } of this.#buckets(table, '', ['records'])) {
      counts.push({ bucket, records: rows.reduce((sum, { records }) => sum + records, 0) });
    }
    return counts;
  }

  async *records(table: TableName, from = ''): AsyncGenerator<{ bucket: string; parts: FoundPart[] }> {
    for await (const { bucket, rows } of this.#buckets(table, from, RECORD_PROPERTIES)) {
      yield { bucket, parts: rows.map((row) => ({ level: levelOf(row), records: toRecords(row) })) };
    }
  }

  async *#buckets(
    table: TableName,
    from: string,
    select: readonly string[],
  ): AsyncGenerator<{ bucket: string; rows: StoredRow<FoundRow>[] }> {
    const all = `${this.#jobId}|${table}|`;
    const partitions = { partitionFrom: all + from.slice(0, 2), partitionTo: afterPrefix(all), select };
    let open: { bucket: string; rows: StoredRow<FoundRow>[] } | undefined;
    let after: string | undefined;
    for (;;) {
      const start = after === undefined ? { from } : { partitionFrom: all + after.slice(0, 2), after };
      const page = await this.#table.page<FoundRow>({ ...partitions, ...start }, ROWS_PER_PAGE);
      for (const row of page.rows) {
        const bucket = row.rowKey.slice(0, row.rowKey.indexOf('|'));
        if (open?.bucket === bucket) open.rows.push(row);
        else {
          if (open) yield open;
          open = { bucket, rows: [row] };
        }
      }
      after = page.rows.at(-1)?.rowKey;
      if (!page.more || after === undefined) break;
    }
    if (open) yield open;
  }
}

/** The ids to go on from at a level: those found there first or, where `each` level counts, all of them. */
export function idsAtLevel(
  found: readonly FoundIds[],
  level: number,
  each: boolean,
  effect: FoundEffect = 'change',
): string[] {
  const levels = found.filter((part) => part.effect === effect);
  const earlier = new Set(each ? [] : levels.flatMap((part) => (part.level < level ? part.ids : [])));
  const here = new Set(levels.flatMap((part) => (part.level === level ? part.ids : [])));
  return [...here].filter((id) => !earlier.has(id)).sort();
}

function toRows(
  jobId: string,
  { table, level, relationship, page }: FoundAt,
  group: readonly FoundRecord[],
): FoundRow[] {
  const bucket = bucketOf(group[0]?.id ?? '');
  const key = `${bucket}|${numberKey(level, LEVEL_DIGITS)}|${relationship}|${numberKey(page, 7)}`;
  return groupBy(group, ({ effect }) => effect, RECORDS_PER_ROW).map((records, part) => ({
    partitionKey: `${jobId}|${table}|${bucket.slice(0, 2)}`,
    rowKey: `${key}${EFFECT_LETTERS[records[0]?.effect ?? 'change']}|${numberKey(part, 3)}`,
    ids: pack(records.map(({ id }) => id)),
    etags: pack(records.map(({ etag }) => etag)),
    versions: pack(records.map(({ version }) => version)),
    owners: pack(records.map(({ ownerId }) => ownerId)),
    ...(records.some(({ links }) => links.length > 0) && { parents: pack(records.map(parentOf)) }),
    records: records.length,
  }));
}

/** A record is found under one parent at a time. */
function parentOf({ links }: FoundRecord): string {
  return links[0]?.slice(links[0].indexOf('|') + 1) ?? '';
}

function levelOf(row: Row): number {
  const at = row.rowKey.indexOf('|') + 1;
  return Number(row.rowKey.slice(at, at + LEVEL_DIGITS));
}

function effectOf({ rowKey }: Row): FoundRecord['effect'] {
  return FOUND_EFFECTS.find((effect) => EFFECT_LETTERS[effect] === rowKey.at(-5)) ?? 'change';
}

function toRecords(row: FoundRow): FoundRecord[] {
  const [etags, versions, owners] = [unpack(row.etags), unpack(row.versions), unpack(row.owners)];
  const parents = row.parents === undefined ? undefined : unpack(row.parents);
  const relationship = row.rowKey.split('|')[2];
  const effect = effectOf(row);
  return unpack(row.ids).map((id, at) => ({
    id,
    etag: etags[at] ?? '',
    version: Number(versions[at]),
    ownerId: owners[at] ?? '',
    effect,
    links: parents?.[at] ? [`${relationship}|${parents[at]}`] : [],
  }));
}
