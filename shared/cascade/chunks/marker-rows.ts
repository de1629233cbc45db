/**
 * The marker of a chunk: inserted in the records' own partition by the very transaction that changes the records. It is
 * the proof that the chunk was applied and, at the same time, the change log of its records. This is a storage format:
 * table of the records, PartitionKey = bucket, RowKey = `~m` | job | chunk. No id begins with `~`, and reads of records
 * by range end below it. `log0` … is packed JSON: for each record its changes as `[name, old, new]`, or why it was passed over;
 * `beside0` …, where there are any, what plug-ins have changed of others, for each record `[table, id, version, changes]`.
 *
 *  MARKER-1  A chunk is applied exactly when its marker is there; whoever comes again, however late, can't insert it
 *      and so changes nothing.
 *  MARKER-2  Old values and new versions in it are those of the transaction, since each record was written If-Match
 *      what they were taken from.
 *  MARKER-3  A marker with `split` stands for a chunk that storage refused as a whole: it is applied in two halves,
 *      each with a marker of its own (chunk, `.0` and `.1`), and nobody can apply it whole any more.
 *  MARKER-4  A transaction inserts its markers as it locks its records: they count once it is committed.
 */
import type { TableName } from '../../catalogue/tables.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { joinLongText, splitLongText } from '../../storage/long-text.ts';
import type { Row, StoredRow } from '../../storage/table.ts';
import { lockOf } from '../../transactions/locked-row.ts';
import { isShareChange } from '../actions/write-shares.ts';
import type { FoundRecord } from '../identify/found-records.ts';
import type { FailureCause, SideChange, ValueChange } from '../ports.ts';
import { pack, unpack } from './packed.ts';

/** What became of one record of an applied chunk. */
export interface AppliedRecord {
  readonly id: string;
  readonly outcome: 'written' | 'kept' | 'skipped' | 'failed';
  /** The version that it was given, or has kept; 0 for one that was passed over. */
  readonly version: number;
  readonly changes: readonly ValueChange[];
  /** Why it was skipped, or failed. */
  readonly problem?: string;
  readonly cause?: FailureCause;
  readonly besides?: readonly SideChange[];
}

/** What became of the records of a chunk's part, and when. */
export interface Marker {
  readonly changedOn: string;
  readonly records: readonly AppliedRecord[];
}

/** Records of a bucket that are changed in one transaction: a chunk, or a half of one. */
export interface ChunkPart {
  readonly table: TableName;
  readonly bucket: string;
  readonly key: string;
  readonly records: readonly FoundRecord[];
}

interface MarkerRow extends Row {
  split?: boolean;
  ids: string;
  /** A letter for each record. */
  outcomes: string;
  versions: string;
  changedOn: string;
}

type LogEntry =
  | [name: string, old: ValueChange['old'], now: ValueChange['new']][]
  | string
  | { readonly problem: string; readonly cause: FailureCause };

/** Short, as a plug-in's cascade may change some thousand records. */
type SideEntry = [table: TableName, id: string, version: number, changes: Extract<LogEntry, unknown[]>];

const LETTERS = { written: 'w', kept: 'k', skipped: 's', failed: 'f' } as const;
const OUTCOMES: Readonly<Record<string, AppliedRecord['outcome']>> = {
  w: 'written',
  k: 'kept',
  s: 'skipped',
  f: 'failed',
};
const MAX_PROBLEM_LENGTH = 1000;

/** RowKey of the marker of a chunk or of a part of it. */
export function markerKey(jobId: string, key: string): string {
  return `~m|${jobId}|${key}`;
}

/** The row of a marker. */
export function toMarkerRow(bucket: string, rowKey: string, { changedOn, records }: Marker): Row {
  const log = records.map(({ changes, problem, cause }): LogEntry => {
    if (problem === undefined) return changes.map(({ name, old, new: now }) => [name, old, now]);
    const text = problem.slice(0, MAX_PROBLEM_LENGTH);
    return cause ? { problem: text, cause } : text;
  });
  const hasSideChanges = records.some(({ besides = [] }) => besides.length > 0);
  const row: MarkerRow = {
    partitionKey: bucket,
    rowKey,
    ids: pack(records.map(({ id }) => id)),
    outcomes: records.map(({ outcome }) => LETTERS[outcome]).join(''),
    versions: pack(records.map(({ version }) => version)),
    changedOn,
    ...splitLongText('log', pack(log.map((entry) => JSON.stringify(entry)))),
    ...(hasSideChanges &&
      splitLongText('beside', JSON.stringify(records.map(({ besides = [] }) => besides.map(toSideEntry))))),
  };
  return row;
}

/** The marker that a part will be applied in halves (MARKER-3). */
export function splitMarkerRow(bucket: string, rowKey: string): Row {
  return { partitionKey: bucket, rowKey, split: true };
}

/** The halves of a part that is split. */
export function halvesOf({ table, bucket, key, records }: ChunkPart): ChunkPart[] {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)].map((half, at) => ({
    table,
    bucket,
    key: `${key}.${at}`,
    records: half,
  }));
}

/** The marker of a part; `split`, or undefined while it isn't applied. */
export async function findMarker(
  recordStore: RecordStore,
  jobId: string,
  part: Pick<ChunkPart, 'table' | 'bucket' | 'key'>,
): Promise<Marker | 'split' | undefined> {
  const row = await recordStore.tables.rows(part.table).get<MarkerRow>(part.bucket, markerKey(jobId, part.key));
  if (!row) return undefined;
  // The marker of a record with plug-ins is written by a transaction: it counts once that is committed.
  const [marker] = await recordStore.tables.locks.resolve([row]);
  if (!marker || lockOf(marker)?.isNew) return undefined;
  return marker.split ? 'split' : toMarker(marker);
}

/** What became of a chunk so far: the markers of its parts, and the records of parts that aren't applied. */
export async function findMarkers(
  recordStore: RecordStore,
  jobId: string,
  part: ChunkPart,
): Promise<{ readonly markers: readonly Marker[]; readonly open: readonly FoundRecord[] }> {
  const marker = await findMarker(recordStore, jobId, part);
  if (!marker) return { markers: [], open: part.records };
  if (marker !== 'split') return { markers: [marker], open: [] };
  const halves = await Promise.all(halvesOf(part).map((half) => findMarkers(recordStore, jobId, half)));
  return { markers: halves.flatMap(({ markers }) => markers), open: halves.flatMap(({ open }) => open) };
}

/** How many records markers count as done and as skipped, and which ones failed. */
export interface PartCounts {
  readonly done: number;
  readonly skipped: number;
  readonly failing: readonly string[];
  /** Of those done, the ones whose shares were changed. */
  readonly shares: number;
}

/** Whether changes are of shares, among others. */
export function sharesChangedBy(changes: readonly ValueChange[]): boolean {
  return changes.some(({ name }) => isShareChange(name));
}

/** The counts that markers hold together. */
export function countMarkers(markers: readonly Pick<Marker, 'records'>[]): PartCounts {
  let [done, skipped, shares] = [0, 0, 0];
  const failing: string[] = [];
  for (const { records } of markers) {
    for (const { id, outcome, changes } of records) {
      if (sharesChangedBy(changes)) shares++;
      if (outcome === 'failed') failing.push(id);
      else if (outcome === 'skipped') skipped++;
      else done++;
    }
  }
  return { done, skipped, failing, shares };
}

function toMarker(row: StoredRow<MarkerRow>): Marker {
  const versions = unpack(row.versions);
  const log = unpack(joinLongText('log', row) ?? '').map((entry) => JSON.parse(entry) as LogEntry);
  const sideChanges = JSON.parse(joinLongText('beside', row) ?? '[]') as SideEntry[][];
  return {
    changedOn: row.changedOn,
    records: unpack(row.ids).map((id, at): AppliedRecord => {
      const entry = log[at] ?? [];
      const outcome = OUTCOMES[row.outcomes.charAt(at)] ?? 'skipped';
      const besides = (sideChanges[at] ?? []).map(fromSideEntry);
      const of = { id, outcome, version: Number(versions[at]), changes: [], ...(besides.length > 0 && { besides }) };
      if (typeof entry === 'string') return { ...of, problem: entry };
      if (!Array.isArray(entry)) return { ...of, ...entry };
      return { ...of, changes: entry.map(([name, old, now]) => ({ name, old, new: now })) };
    }),
  };
}

function toSideEntry({ table, recordId, version, changes }: SideChange): SideEntry {
  return [table, recordId, version, changes.map(({ name, old, new: now }) => [name, old, now])];
}

function fromSideEntry([table, recordId, version, changes]: SideEntry): SideChange {
  return { table, recordId, version, changes: changes.map(([name, old, now]) => ({ name, old, new: now })) };
}
