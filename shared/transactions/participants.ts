/** The rows that a transaction changes, cut into units that one entity group transaction each can lock: the pure part. */
import { groupBy } from '../storage/parallel.ts';
import type { Row } from '../storage/table.ts';
import type { Values } from './locked-row.ts';

/** A row as it is to be changed, conditioned on the ETag that was seen, or a row to be inserted. */
export type Participant = {
  /** Name of the storage table. */
  readonly table: string;
  readonly partitionKey: string;
  readonly rowKey: string;
} & (
  | { readonly kind: 'change'; readonly etag: string; readonly set: Values }
  | { readonly kind: 'insert'; readonly values: Values }
);

/** Rows of one partition, in the order of their keys. */
export interface Unit {
  readonly table: string;
  readonly partitionKey: string;
  readonly rows: readonly Participant[];
}

/** The keys of a unit: all that finishing a transaction needs. */
export interface UnitKeys {
  readonly table: string;
  readonly partitionKey: string;
  readonly rowKeys: readonly string[];
}

/** A stored part of a manifest: keys of rows of one table. */
export interface ManifestPart {
  readonly table: string;
  readonly keys: string;
}

const ROWS_PER_UNIT = 100;
/** What the values of a unit may take on the wire; Azure allows 4 MiB with all around them. */
const MAX_UNIT_BYTES = 3 * 1024 * 1024;
/** What a row takes in addition to its values. */
const ROW_BYTES = 500;
/** A property holds 64 KiB, which is a little more than so many letters. */
const MAX_KEYS_LENGTH = 32_000;

/**
 * Cuts rows into units and orders these by table, partition and key. All transactions lock in this order: of two that
 * cross, the one that gets the first row they share isn't stopped by the other.
 */
export function cutUnits(participants: readonly Participant[]): Unit[] {
  const sorted = [...participants].sort(byKey);
  return groupBy(sorted, ({ table, partitionKey }) => `${table}|${partitionKey}`).flatMap((group) => {
    const units: { table: string; partitionKey: string; rows: Participant[] }[] = [];
    let bytes = 0;
    for (const participant of group) {
      const { table, partitionKey } = participant;
      const own = ROW_BYTES + wireBytes(participant);
      const open = units.at(-1);
      if (!open || open.rows.length >= ROWS_PER_UNIT || bytes + own > MAX_UNIT_BYTES) {
        units.push({ table, partitionKey, rows: [participant] });
        bytes = own;
      } else {
        open.rows.push(participant);
        bytes += own;
      }
    }
    return units;
  });
}

/** The keys of all rows, as few parts as they fit in. */
export function toManifest(units: readonly Unit[]): ManifestPart[] {
  const parts: { table: string; keys: string }[] = [];
  for (const { table, partitionKey, rows } of units) {
    for (const { rowKey } of rows) {
      const line = `${partitionKey}\t${rowKey}`;
      const open = parts.at(-1);
      if (open?.table === table && open.keys.length + line.length < MAX_KEYS_LENGTH) open.keys += `\n${line}`;
      else parts.push({ table, keys: line });
    }
  }
  return parts;
}

/** The keys of a part by partition, at most 100 together. */
export function fromManifest({ table, keys }: ManifestPart): UnitKeys[] {
  const lines = keys.split('\n').map((line): [string, string] => {
    const tab = line.indexOf('\t');
    return [line.slice(0, tab), line.slice(tab + 1)];
  });
  return groupBy(lines, ([partitionKey]) => partitionKey, ROWS_PER_UNIT).map((group) => ({
    table,
    partitionKey: group[0]?.[0] ?? '',
    rowKeys: group.map(([, rowKey]) => rowKey),
  }));
}

/** A participant's row, all of it when it is inserted, its key otherwise. */
export function rowOf(participant: Participant): Row {
  const { partitionKey, rowKey } = participant;
  return { ...(participant.kind === 'insert' && participant.values), partitionKey, rowKey };
}

/** What is to be set travels as JSON within JSON, every letter beyond ASCII as six. */
function wireBytes(participant: Participant): number {
  const text = JSON.stringify(JSON.stringify(participant));
  let wide = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) wide++;
  return text.length + 5 * wide;
}

function byKey(a: Participant, b: Participant): number {
  return compare(a.table, b.table) || compare(a.partitionKey, b.partitionKey) || compare(a.rowKey, b.rowKey);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
