/** The transaction of a chunk's part: what was decided on its records, and the marker that says so. */
import type { TableName } from '../../catalogue/tables.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { failedIndexOf, StorageRefused } from '../../storage/storage-errors.ts';
import { ROWS_PER_TRANSACTION, type Write } from '../../storage/table.ts';
import type { CurrentRecord, Decision } from '../actions/action-rule.ts';
import { type AppliedRecord, type ChunkPart, type Marker, markerKey, toMarkerRow } from '../chunks/marker-rows.ts';
import type { CascadePlan } from '../plans.ts';
import type { SideChange } from '../ports.ts';

/** A record of a part with what is to become of it. */
export interface Decided {
  readonly id: string;
  /** The state that was decided on; undefined when there is no such row. */
  readonly current: CurrentRecord | undefined;
  readonly decision: Exclude<Decision, { kind: 'wait' | 'broken' }>;
  /** What its plug-ins change of other records. */
  readonly besides?: readonly SideChange[];
}

/** The marker that says what was decided. */
export function toMarker(decided: readonly Decided[], changedOn: string): Marker {
  return {
    changedOn,
    records: decided.map((record) => ({ ...toApplied(record), ...(record.besides && { besides: record.besides }) })),
  };
}

function toApplied({ id, current, decision }: Decided): AppliedRecord {
  const version = current?.version ?? 0;
  switch (decision.kind) {
    case 'write': {
      const { bumpsVersion, changes } = decision;
      return { id, outcome: 'written', version: bumpsVersion ? version + 1 : version, changes };
    }
    case 'keep':
      return { id, outcome: 'kept', version, changes: [] };
    case 'skip':
      return { id, outcome: 'skipped', version: 0, changes: [], problem: decision.text };
    case 'fail':
      return {
        id,
        outcome: 'failed',
        version: 0,
        changes: [],
        problem: decision.text,
        ...(decision.cause && { cause: decision.cause }),
      };
  }
}

/**
 * What was decided on a record, as the change log is to have it: with what plug-ins have changed of it too, as one change, and
 * with it what they have changed of others. So undo takes it all back.
 */
export function withWritten(table: TableName, decided: Decided, written: readonly SideChange[]): Decided {
  const { id, decision } = decided;
  const own = written.find((change) => change.table === table && change.recordId === id);
  const others = written.filter((change) => change !== own);
  if (!own || decision.kind !== 'write') return { ...decided, ...(written.length > 0 && { besides: written }) };
  const names = new Set(own.changes.map(({ name }) => name));
  const changes = [...decision.changes.filter(({ name }) => !names.has(name)), ...own.changes];
  const besides = others.length > 0 && { besides: others };
  return { ...decided, decision: { ...decision, bumpsVersion: true, changes }, ...besides };
}

/** Storage won't have a transaction, whatever is tried. */
export interface Refusal {
  readonly text: string;
  /** The record whose write was refused, where storage says so. */
  readonly guilty: string | undefined;
}

/** Writes the records of a part and its marker in one transaction. */
export async function writePart(
  recordStore: RecordStore,
  { jobId, by }: CascadePlan,
  { table, bucket, key }: ChunkPart,
  marker: Marker,
  decided: readonly Decided[],
): Promise<'written' | 'conflict' | Refusal> {
  const writes: Write[] = [{ kind: 'insert', row: toMarkerRow(bucket, markerKey(jobId, key), marker) }];
  const owners: (string | undefined)[] = [undefined];
  const { changedOn } = marker;
  for (const [at, { id, current, decision }] of decided.entries()) {
    if (decision.kind !== 'write') continue;
    if (!current?.etag) throw new Error(`Record ${id} of ${table} is to be changed, but was not looked at`);
    const { set, bumpsVersion, shareWrites = [] } = decision;
    const bumped = { modifiedBy: by, modifiedOn: changedOn, version: marker.records[at]?.version };
    const row = { partitionKey: bucket, rowKey: id, ...set, ...(bumpsVersion && bumped) };
    writes.push({ kind: 'merge', row, etag: current.etag }, ...shareWrites);
    owners.push(id, ...shareWrites.map(() => id));
  }
  if (writes.length > ROWS_PER_TRANSACTION) {
    const text = `It would take ${writes.length} rows in one transaction, the limit is ${ROWS_PER_TRANSACTION}.`;
    return { text, guilty: undefined };
  }
  try {
    // The marker is never changed once it is there.
    const written = await recordStore.tables.rows(table).write(writes, { knownBy: 'first' });
    return written.ok ? 'written' : 'conflict';
  } catch (error) {
    if (!(error instanceof StorageRefused)) throw error;
    const index = error.index ?? failedIndexOf(error.cause);
    return { text: error.message, guilty: index === undefined ? undefined : owners[index] };
  }
}
