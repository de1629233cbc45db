/**
 * Applies one chunk: all its records and its marker in one transaction.
 *
 *  PART-1  A record is written If-Match the ETag of the state that was decided on; nobody's change is overwritten
 *      unseen.
 *  PART-2  After a conflict the marker is read before the records: a chunk that somebody applied meanwhile is left
 *      alone, also when its records have other values again since.
 *  PART-3  The merge names what the action changes, modification and version alone, so all other values stay as they
 *      are.
 *  PART-4  A record fails only when storage refuses the very transaction that it is in, for good; where storage doesn't
 *      say which record it is, the part is split until it stands alone. Whatever is refused together with a marker that
 *      changes nothing is no record's fault.
 */
import type { RecordRow } from '../../records/record-row.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { StorageRefused, StorageUnavailable } from '../../storage/storage-errors.ts';
import type { StoredRow } from '../../storage/table.ts';
import type { CurrentRecord } from '../actions/action-rule.ts';
import { decideOn, ruleOf } from '../actions/rules.ts';
import {
  type ChunkPart,
  countMarkers,
  findMarker,
  halvesOf,
  type Marker,
  markerKey,
  type PartCounts,
  splitMarkerRow,
} from '../chunks/marker-rows.ts';
import { inSlotOf } from '../fair-gate.ts';
import type { FoundRecord } from '../identify/found-records.ts';
import { applyWithPlugins } from '../plugins/apply-with-plugins.ts';
import { hasPlugins } from '../plugins/change-with-plugins.ts';
import { announceColumns } from './announce-columns.ts';
import { announceShares } from './announce-shares.ts';
import type { ApplyServices, BatchContext, ChunkOutcome, Stop } from './apply-ports.ts';
import { asFound } from './current-record.ts';
import { lookAgain } from './look-again.ts';
import { beginRelinks, endRelinks } from './relinks.ts';
import { type Decided, type Refusal, toMarker, writePart } from './write-part.ts';

/** More conflicts in a row than this are left to the job's retries, which wait in between. */
const MAX_ATTEMPTS = 5;
const STILL_PARENT = 'Records under it were passed over.';

/** Applies a chunk, or finds that it was applied. Faults of storage become outcomes. */
export async function applyChunk(
  services: ApplyServices,
  batch: BatchContext,
  chunk: ChunkPart,
): Promise<ChunkOutcome> {
  try {
    return await applyPart(services, batch, chunk);
  } catch (error) {
    if (error instanceof StorageUnavailable) return { kind: 'transient', text: error.message };
    throw error;
  }
}

async function applyPart(services: ApplyServices, batch: BatchContext, part: ChunkPart): Promise<ChunkOutcome> {
  /** Why storage refuses a record, by id. */
  const refused = new Map<string, string>();
  const isPlain = ruleOf(batch.plan).decidesAsFound && !batch.active.tables.has(part.table);
  let mustLook = !isPlain || part.records.some(({ etag }) => etag === '');
  for (let conflicts = 0; conflicts < MAX_ATTEMPTS; ) {
    const tried = await tryPart(services, batch, part, { refused, mustLook });
    if (tried.kind !== 'again') return tried;
    if (tried.isConflict) conflicts++;
    mustLook = true;
  }
  const stored = await findApplied(services, batch, part);
  if (stored) return stored;
  const what = `${part.records.length} records of ${part.table}, from ${part.records[0]?.id} on`;
  return { kind: 'transient', text: `Others keep changing ${what}: ${MAX_ATTEMPTS} tries met newer versions.` };
}

/** One try; `again`: the records are to be looked at, and decided on anew. */
async function tryPart(
  services: ApplyServices,
  of: BatchContext,
  part: ChunkPart,
  { refused, mustLook }: { readonly refused: Map<string, string>; readonly mustLook: boolean },
): Promise<ChunkOutcome | { readonly kind: 'again'; readonly isConflict: boolean }> {
  const { recordStore } = services;
  const inSlot = inSlotOf(services.gate, of.plan.jobId);
  let looked: ReadonlyMap<string, CurrentRecord> | undefined;
  if (mustLook) {
    const stored = await findApplied(services, of, part);
    if (stored) return stored;
    const look = await lookAgain(recordStore, of, part);
    if ('kind' in look) return look;
    looked = look;
  }
  const batch = looked ? await withContext(recordStore, of, part, looked) : of;
  const on = new Date(services.now()).toISOString();
  const decided = decidePart(batch, part, looked, refused, on);
  if ('kind' in decided) return decided;
  const obstacle = await prepare(services, batch, part, looked, on);
  if (obstacle) return obstacle;
  if (decided.some((record, at) => isAlone(batch, part, record, part.records[at]))) {
    const [only, ...others] = decided;
    if (others.length > 0) return splitPart(services, batch, part);
    const { plugins } = services;
    if (plugins) return applyWithPlugins({ ...services, plugins }, batch, part, only?.current?.shares);
  }
  const relinked = await beginRelinks(recordStore, part.table, decided, inSlot);
  if ('wait' in relinked) return { kind: 'transient', text: relinked.wait };
  for (const [id, text] of relinked.problems) refused.set(id, text);
  if (relinked.problems.size > 0) return { kind: 'again', isConflict: false };
  const settled = await batch.inheriting.inherit(part.table, decided);
  await announceShares(recordStore, part.table, settled);
  await announceColumns(services, part.table, settled);
  const marker = toMarker(settled, on);
  const written = await inSlot(() => writePart(recordStore, batch.plan, part, marker, settled));
  if (written === 'conflict') return { kind: 'again', isConflict: true };
  if (written !== 'written') return narrow(services, batch, part, written, refused);
  await endRelinks(recordStore, relinked.oldHints, inSlot);
  return applied([marker]);
}

async function prepare(
  services: ApplyServices,
  { plan }: BatchContext,
  { table, records }: ChunkPart,
  looked: ReadonlyMap<string, CurrentRecord> | undefined,
  on: string,
): Promise<Stop | undefined> {
  const ids = records.map(({ id }) => id);
  const text = looked && (await ruleOf(plan).prepare?.(services, plan, { table, ids, looked }, on));
  return text === undefined ? undefined : { kind: 'transient', text };
}

async function withContext(
  { tables }: RecordStore,
  batch: BatchContext,
  { table, records }: ChunkPart,
  looked: ReadonlyMap<string, CurrentRecord>,
): Promise<BatchContext> {
  const ids = records.map(({ id }) => id);
  return { ...batch, context: await ruleOf(batch.plan).readContext?.(tables, batch.plan, { table, ids, looked }) };
}

/** What a part came to, if it was applied or begun to be applied in halves. */
async function findApplied(
  services: ApplyServices,
  batch: BatchContext,
  part: ChunkPart,
): Promise<ChunkOutcome | undefined> {
  const stored = await findMarker(services.recordStore, batch.plan.jobId, part);
  if (stored === 'split') return applyHalves(services, batch, part);
  if (!stored) return undefined;
  batch.inheriting.noteApplied(part.table, stored);
  return applied([stored]);
}

function applied(markers: readonly Marker[]): ChunkOutcome {
  return { kind: 'applied', ...countMarkers(markers) };
}

/** What becomes of the records: as they were found, or, once they were looked at again, as they are. */
function decidePart(
  { plan, stillParents, context }: BatchContext,
  { table, records }: ChunkPart,
  looked: ReadonlyMap<string, CurrentRecord> | undefined,
  refused: ReadonlyMap<string, string>,
  on: string,
): Decided[] | Stop {
  const decided: Decided[] = [];
  const broken: { id: string; text: string }[] = [];
  for (const found of records) {
    const { id } = found;
    const current = looked ? looked.get(id) : asFound(found);
    const problem = refused.get(id);
    const decision = decideOn(plan, found, current, { table, on, context });
    if (decision.kind === 'wait') return { kind: 'transient', text: decision.text };
    if (decision.kind === 'broken') broken.push({ id, text: decision.text });
    else if (stillParents.has(id)) decided.push({ id, current, decision: { kind: 'skip', text: STILL_PARENT } });
    else if (decision.kind === 'write' && problem !== undefined)
      decided.push({ id, current, decision: { kind: 'fail', text: problem } });
    else decided.push({ id, current, decision });
  }
  const [first] = broken;
  if (!first) return decided;
  return { kind: 'broken', text: first.text, recordIds: broken.map(({ id }) => id) };
}

/** After a refusal: the guilty record is noted, to be left out by the next try; one that nobody named is looked for in halves. */
async function narrow(
  services: ApplyServices,
  batch: BatchContext,
  part: ChunkPart,
  { text, guilty }: Refusal,
  refused: Map<string, string>,
): Promise<ChunkOutcome | { readonly kind: 'again'; readonly isConflict: boolean }> {
  const [only, ...others] = part.records;
  const culprit = guilty ?? (others.length === 0 ? only?.id : undefined);
  if (culprit !== undefined) {
    // Refused although it is left out already: it is the marker, so no record is to blame.
    if (refused.has(culprit)) return { kind: 'transient', text };
    refused.set(culprit, text);
    return { kind: 'again', isConflict: false };
  }
  return splitPart(services, batch, part);
}

/** Whether a record that is to be changed has plug-ins, so that it is changed alone. */
function isAlone(
  { active }: BatchContext,
  { table }: ChunkPart,
  { current, decision }: Decided,
  found: FoundRecord | undefined,
): boolean {
  if (decision.kind !== 'write' || !current) return false;
  return hasPlugins(active, table, current.cells as unknown as StoredRow<RecordRow>, found);
}

/** Goes on with the halves of a part. */
async function splitPart(
  services: ApplyServices,
  batch: BatchContext,
  part: ChunkPart,
): Promise<ChunkOutcome | { readonly kind: 'again'; readonly isConflict: boolean }> {
  const row = splitMarkerRow(part.bucket, markerKey(batch.plan.jobId, part.key));
  try {
    // Where a marker is already, the next look finds it.
    const written = await services.recordStore.tables.rows(part.table).write([{ kind: 'insert', row }]);
    return written.ok ? await applyHalves(services, batch, part) : { kind: 'again', isConflict: true };
  } catch (error) {
    if (error instanceof StorageRefused) return { kind: 'transient', text: error.message };
    throw error;
  }
}

async function applyHalves(services: ApplyServices, batch: BatchContext, part: ChunkPart): Promise<ChunkOutcome> {
  const counts: PartCounts[] = [];
  for (const half of halvesOf(part)) {
    const outcome = await applyPart(services, batch, half);
    if (outcome.kind !== 'applied') return outcome;
    counts.push(outcome);
  }
  return {
    kind: 'applied',
    done: counts.reduce((sum, { done }) => sum + done, 0),
    skipped: counts.reduce((sum, { skipped }) => sum + skipped, 0),
    failing: counts.flatMap(({ failing }) => failing),
    shares: counts.reduce((sum, { shares }) => sum + shares, 0),
  };
}
