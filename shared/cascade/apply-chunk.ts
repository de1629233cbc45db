/**
 * Applies one chunk: all its records and its marker in one transaction.
 *
 *  P1  A record is written If-Match the ETag of the state that was decided on; nobody's change is overwritten unseen.
 *  P2  After a conflict the marker is read before the records: a chunk that somebody applied meanwhile is left alone, also
 *      when its records have other owners again since.
 *  P3  The merge names owner, modification and version alone, so all other values stay as they are.
 */
import type { RecordRow } from '../records/record-row.ts';
import type { RecordStore } from '../records/record-store.ts';
import { failedIndexOf, StorageRefused, StorageUnavailable } from '../storage/storage-errors.ts';
import type { Write } from '../storage/table.ts';
import type { Chunk } from './chunk-rows.ts';
import { type Current, decideAssign } from './decide-assign.ts';
import { type AppliedRecord, countMarker, findMarker, type Marker, markerKey, toMarkerRow } from './marker-rows.ts';
import type { BatchOutcome, CascadePlan, CheckPrivileges } from './ports.ts';
import { readByIds } from './read-spans.ts';

export interface ApplyServices {
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The batch that the chunk is part of. */
export interface BatchContext {
  readonly plan: CascadePlan;
  readonly check: CheckPrivileges;
  /** Tables for which the privileges were checked for own records only. */
  readonly ownTables: ReadonlySet<string>;
}

export type ChunkOutcome =
  | { readonly kind: 'applied'; readonly done: number; readonly skipped: number }
  | Extract<BatchOutcome, { kind: 'security' | 'permanent' }>
  | { readonly kind: 'transient'; readonly text: string };

/** More conflicts in a row than this are left to the job's retries, which wait in between. */
const MAX_ATTEMPTS = 5;
const CURRENT_PROPERTIES = ['ownerId', 'version', 'deletedOn', 'lockKind', 'lockJob'] as const;

/** Applies a chunk, or finds that it was applied. Faults of storage become outcomes. */
export async function applyChunk(services: ApplyServices, batch: BatchContext, chunk: Chunk): Promise<ChunkOutcome> {
  try {
    return await tryChunk(services, batch, chunk);
  } catch (error) {
    if (error instanceof StorageUnavailable) return { kind: 'transient', text: error.message };
    throw error;
  }
}

async function tryChunk(services: ApplyServices, batch: BatchContext, chunk: Chunk): Promise<ChunkOutcome> {
  let mustLook = chunk.records.some(({ etag }) => etag === '');
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    let looked: Looked | undefined;
    if (mustLook) {
      const stored = await findMarker(services.records, batch.plan.jobId, chunk);
      if (stored) return { kind: 'applied', ...countMarker(stored) };
      const look = await lookAgain(services, batch, chunk);
      if ('kind' in look) return look;
      looked = look;
    }
    const marker = decideChunk(batch.plan, chunk, looked, new Date(services.now()).toISOString());
    const written = await writeChunk(services.records, batch.plan, chunk, marker, looked);
    if (written === 'written') return { kind: 'applied', ...countMarker(marker) };
    if (written !== 'conflict') return written;
    mustLook = true;
  }
  const stored = await findMarker(services.records, batch.plan.jobId, chunk);
  if (stored) return { kind: 'applied', ...countMarker(stored) };
  const what = `${chunk.records.length} records of ${chunk.table}, from ${chunk.records[0]?.id} on`;
  return { kind: 'transient', text: `Others keep changing ${what}: ${MAX_ATTEMPTS} tries met newer versions.` };
}

type Looked = ReadonlyMap<string, Current>;

/** What becomes of the records: as they were found, or, once they were looked at again, as they are. */
function decideChunk({ ownerId }: CascadePlan, chunk: Chunk, looked: Looked | undefined, changedOn: string): Marker {
  const records = chunk.records.map((found): AppliedRecord => {
    const current = looked?.get(found.id);
    const decision = looked ? decideAssign(current, ownerId) : 'write';
    const { id } = found;
    if (decision === 'write') {
      const { ownerId: oldOwnerId, version } = current ?? found;
      return { id, outcome: 'written', oldOwnerId, version: version + 1 };
    }
    if (decision === 'keep') return { id, outcome: 'kept', oldOwnerId: ownerId, version: current?.version ?? 0 };
    return { id, outcome: 'skipped', oldOwnerId: current?.ownerId ?? '', version: 0 };
  });
  return { newOwnerId: ownerId, changedOn, records };
}

async function writeChunk(
  records: RecordStore,
  { jobId, ownerId, by }: CascadePlan,
  chunk: Chunk,
  marker: Marker,
  looked: Looked | undefined,
): Promise<'written' | 'conflict' | ChunkOutcome> {
  const { bucket, table } = chunk;
  const writes: Write[] = [{ kind: 'insert', row: toMarkerRow(bucket, markerKey(jobId, chunk.key), marker) }];
  const { changedOn } = marker;
  for (const [at, { id, outcome, version }] of marker.records.entries()) {
    if (outcome !== 'written') continue;
    const etag = looked ? looked.get(id)?.etag : chunk.records[at]?.etag;
    if (!etag) throw new Error(`Record ${id} of ${table} is to be changed, but was not looked at`);
    const row = { partitionKey: bucket, rowKey: id, ownerId, modifiedBy: by, modifiedOn: changedOn, version };
    writes.push({ kind: 'merge', row, etag });
  }
  try {
    const written = await records.tables.rows(table).write(writes);
    return written.ok ? 'written' : 'conflict';
  } catch (error) {
    if (!(error instanceof StorageRefused)) throw error;
    const index = error.index ?? failedIndexOf(error.cause);
    const guilty = index === undefined ? undefined : writes[index];
    const isRecord = guilty !== undefined && guilty.kind !== 'insert';
    const recordIds = isRecord ? [guilty.row.rowKey] : chunk.records.map(({ id }) => id);
    return { kind: 'permanent', text: error.message, recordIds };
  }
}

/** Reads the records as they are. An outcome instead, when one of them can't be changed now or by this user. */
async function lookAgain(
  { records }: ApplyServices,
  { plan, check, ownTables }: BatchContext,
  { table, records: found }: Chunk,
): Promise<Looked | ChunkOutcome> {
  const ids = found.map(({ id }) => id);
  const looked = new Map<string, Current>();
  for (const row of await readByIds<RecordRow>(records.tables.rows(table), ids, CURRENT_PROPERTIES)) {
    const { rowKey: id, etag, version, ownerId } = row;
    const lockedBy = row.lockKind === 'transaction' ? (row.lockJob ?? '') : undefined;
    looked.set(id, { id, etag, version, ownerId, isDeleted: Boolean(row.deletedOn), lockedBy });
  }
  for (const current of looked.values()) {
    const decision = decideAssign(current, plan.ownerId);
    if (decision === 'wait') {
      return { kind: 'transient', text: `The ${table} ${current.id} is locked by transaction ${current.lockedBy}.` };
    }
    // The check at the batch's edge took the record for the user's own; it has another owner by now.
    if (decision === 'write' && current.ownerId !== plan.by && ownTables.has(table)) {
      const refused = await check([table], new Set());
      if (refused) return refused;
      break;
    }
  }
  return looked;
}
