/**
 * Applies a part of a chunk that is one record with plug-ins: the record, its marker and all that its plug-ins write in one
 * transaction. What a plug-in throws undoes that, and the record counts as failed.
 */
import { randomUUID } from 'node:crypto';
import { Problem } from '../../problem.ts';
import { recordTableName } from '../../records/record-row.ts';
import { StorageRefused } from '../../storage/storage-errors.ts';
import { ROWS_PER_TRANSACTION, type Row, type Write } from '../../storage/table.ts';
import type { Participant } from '../../transactions/participants.ts';
import { runTransaction } from '../../transactions/run-transaction.ts';
import type { CurrentRecord } from '../actions/action-rule.ts';
import { announceColumns } from '../apply/announce-columns.ts';
import { announceShares } from '../apply/announce-shares.ts';
import type { ApplyServices, BatchContext, ChunkOutcome } from '../apply/apply-ports.ts';
import { beginRelinks, endRelinks } from '../apply/relinks.ts';
import { type Decided, toMarker, withWritten, writePart } from '../apply/write-part.ts';
import { type ChunkPart, countMarkers, markerKey, toMarkerRow } from '../chunks/marker-rows.ts';
import { inSlotOf } from '../fair-gate.ts';
import type { CascadePlan } from '../plans.ts';
import type { FailureCause } from '../ports.ts';
import { changeOwnRecord, ownKey, type PluginServices } from './change-with-plugins.ts';
import { takeOffFences } from './nested-delete.ts';
import { PluginFailure } from './plugin-runner.ts';
import { toParticipant, UnitOfWork } from './unit-of-work.ts';

/** What applying a record with plug-ins works with. */
export interface PluginApplyServices extends ApplyServices {
  readonly plugins: PluginServices;
}

/** `again`: somebody was faster; the record is to be looked at anew. */
export type PluginOutcome = ChunkOutcome | { readonly kind: 'again'; readonly isConflict: boolean };

/** From the first lock to the commit: the plug-ins have ended before. */
const TRANSACTION_SECONDS = 10;

/** Applies the part; `shares` holds the record's shares, where its rule reads them. */
export async function applyWithPlugins(
  services: PluginApplyServices,
  batch: BatchContext,
  part: ChunkPart,
  shares: CurrentRecord['shares'],
): Promise<PluginOutcome> {
  const { recordStore, plugins, storage } = services;
  const { plan, active, context } = batch;
  const [found] = part.records;
  if (!found) throw new Error(`Part ${part.key} of job ${plan.jobId} has no record`);
  const on = new Date(services.now()).toISOString();
  const key = ownKey(plan, found);
  const unit = new UnitOfWork({ recordStore, key, baseId: found.id, jobId: plan.jobId, by: plan.by, on });
  const own = { identifying: { storage, recordStore }, plugins, unit, plan, active, context, on };
  try {
    const { decision, current } = await changeOwnRecord(own, () => active.deadlineSeconds, part.table, found, shares);
    if (decision.kind === 'wait') return { kind: 'transient', text: decision.text };
    if (decision.kind === 'broken') return { kind: 'broken', text: decision.text, recordIds: [found.id] };
    const decided = withWritten(part.table, { id: found.id, current, decision }, unit.changes());
    return await commit(services, batch, part, decided, unit, on);
  } catch (error) {
    const isFailed = error instanceof PluginFailure || error instanceof StorageRefused;
    // A Delete has fences of its own on such records.
    if (isFailed && plan.action !== 'delete') await takeOffFences(recordStore, plan.jobId, unit.fenced);
    if (error instanceof PluginFailure)
      return writeFailed(services, plan, part, { text: error.message, cause: error.cause }, on);
    if (error instanceof StorageRefused) return writeFailed(services, plan, part, { text: error.message }, on);
    if (error instanceof Overtaken) return { kind: 'again', isConflict: true };
    if (error instanceof Problem) return { kind: 'transient', text: error.message };
    throw error;
  }
}

async function commit(
  services: PluginApplyServices,
  { plan, inheriting }: BatchContext,
  part: ChunkPart,
  before: Decided,
  unit: UnitOfWork,
  on: string,
): Promise<PluginOutcome> {
  const { recordStore } = services;
  const inSlot = inSlotOf(services.gate, plan.jobId);
  const relinked = await beginRelinks(recordStore, part.table, [before], inSlot);
  if ('wait' in relinked) return { kind: 'transient', text: relinked.wait };
  const [problem] = relinked.problems.values();
  if (problem !== undefined) return writeFailed(services, plan, part, { text: problem }, on);
  const [decided = before] = await inheriting.inherit(part.table, [before]);
  await announceShares(recordStore, part.table, [decided]);
  await announceColumns(services, part.table, [decided]);
  const marker = toMarker([decided], on);
  const row = toMarkerRow(part.bucket, markerKey(plan.jobId, part.key), marker);
  const shareWrites = decided.decision.kind === 'write' ? (decided.decision.shareWrites ?? []) : [];
  const table = recordTableName(part.table);
  const participants = [
    ...unit.participants(),
    ...[...shareWrites, { kind: 'insert', row } as const].map((write) => toParticipant(table, write)),
  ];
  const isOne = participants.every((each) => each.table === table && each.partitionKey === part.bucket);
  if (isOne && participants.length <= ROWS_PER_TRANSACTION) {
    const written = await recordStore.tables.rows(part.table).write(participants.map(toWrite));
    if (!written.ok) return { kind: 'again', isConflict: true };
  } else {
    await runTransaction(
      { storage: services.storage, transactions: recordStore.tables.locks.transactions },
      {
        id: `${plan.jobId}:${part.key}:${randomUUID()}`,
        deadlineSeconds: TRANSACTION_SECONDS,
        participants,
        decideAgain: ({ rowKey }) => {
          throw new Overtaken(rowKey);
        },
      },
    );
  }
  await endRelinks(recordStore, relinked.oldHints, inSlot);
  return { kind: 'applied', ...countMarkers([marker]) };
}

/** Notes that the record failed, and why; nothing else is written. */
async function writeFailed(
  { recordStore }: PluginApplyServices,
  plan: CascadePlan,
  part: ChunkPart,
  why: { readonly text: string; readonly cause?: FailureCause },
  on: string,
): Promise<PluginOutcome> {
  const decided = part.records.map(
    ({ id }): Decided => ({ id, current: undefined, decision: { kind: 'fail', ...why } }),
  );
  const marker = toMarker(decided, on);
  const written = await writePart(recordStore, plan, part, marker, decided);
  if (written === 'written') return { kind: 'applied', ...countMarkers([marker]) };
  return written === 'conflict' ? { kind: 'again', isConflict: true } : { kind: 'transient', text: written.text };
}

/** A row isn't any more as the plug-ins saw it. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

function toWrite(participant: Participant): Write {
  const { partitionKey, rowKey } = participant;
  if (participant.kind === 'insert') return { kind: 'insert', row: { ...participant.values, partitionKey, rowKey } };
  return { kind: 'merge', row: { ...participant.set, partitionKey, rowKey } as Row, etag: participant.etag };
}
