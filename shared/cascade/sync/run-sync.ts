/**
 * A cascade in one transaction (C2): identify, decide on every record, lock all, look whether the set is still the same,
 * commit. What is decided is the same as in batches; nothing of it counts before the commit.
 *
 *  SYNC-1  Every record of the set is locked, also one that keeps its value, and so is each parent that a record moves
 *      to. Who makes a record under one of them is refused from then on; who had looked before has left a hint.
 *  SYNC-2  After all locks are taken, the set is identified again: a record that came to it or left it rolls everything
 *      back. For an action that fences its parents while it identifies, the fences have seen to that.
 *  SYNC-3  The transaction begins before anything is looked for, so that its deadline holds for all of it, and whoever
 *      meets traces of one that nobody works on any more can end it.
 *  SYNC-4  What plug-ins write is a part of the transaction (run-plugins.ts); a row of theirs that has changed since
 *      they saw it rolls everything back.
 *  SYNC-5  Markers are inserted in the same transaction, so the change log is what was committed.
 *  SYNC-6  What records inherit is what their parents hold, or will hold by this very transaction. Parents outside the set
 *      whose shares changed since they were read roll everything back; whoever is about to put a record under one of the
 *      set is met.
 */
import { lookupsOf } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { Problem } from '../../problem.ts';
import { bucketOf } from '../../records/record-ids.ts';
import type { RecordRow } from '../../records/record-row.ts';
import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { TransactionServices } from '../../transactions/finish-transaction.ts';
import type { Participant } from '../../transactions/participants.ts';
import { runTransaction, tooLong } from '../../transactions/run-transaction.ts';
import type { AnnounceServices } from '../actions/action-rule.ts';
import { ruleOf } from '../actions/rules.ts';
import { announceColumns } from '../apply/announce-columns.ts';
import { announceShares } from '../apply/announce-shares.ts';
import { Inheriting } from '../apply/inherit-shares.ts';
import { noteTombstones } from '../apply/note-tombstones.ts';
import { beginRelinks, endRelinks, type OldHints } from '../apply/relinks.ts';
import { listLate, meetLate } from '../apply/settle-late.ts';
import type { LaneChunks } from '../chunks/lane-chunks.ts';
import { type IdentifyServices, identify } from '../identify/identify.ts';
import type { CascadePlan } from '../plans.ts';
import { activeFor } from '../plugins/change-with-plugins.ts';
import type { IdentifyOutcome, SyncCounts, SyncOptions } from '../ports.ts';
import { checkSet } from './check-set.ts';
import { compareSet } from './compare-set.ts';
import { type DecidedChunk, decideSet, readChunks } from './decide-set.ts';
import { differed } from './differences.ts';
import { runPlugins, type SetPluginServices } from './run-plugins.ts';
import { keyOf, SetOfRecords } from './set-of-records.ts';

/** What a synchronous cascade works with. */
export interface SyncServices extends IdentifyServices, TransactionServices, AnnounceServices, SetPluginServices {
  readonly lanes: LaneChunks;
}

/** Runs a plan in one transaction (see SyncCascades.run). */
export async function runSync(services: SyncServices, plan: CascadePlan, options: SyncOptions): Promise<SyncCounts> {
  const { deadlineSeconds, requestedMs = services.now() } = options;
  const leftSeconds = () => deadlineSeconds - (services.now() - requestedMs) / 1000;
  const mayBegin = leftSeconds() > 0 && (await services.transactions.begin(plan.jobId, leftSeconds(), []));
  if (!mayBegin) throw tooLong(deadlineSeconds);
  await options.onIdentified(await identifyAll(services, plan, () => leftSeconds() > 0, deadlineSeconds));
  const chunks = await readChunks(services.lanes, plan);
  await checkSet(services.recordStore, plan, chunks, options.check);
  const on = new Date(services.now()).toISOString();
  const active = await activeFor(services.plugins, plan);
  const set = await decideSet(services.recordStore, { plan, active, on }, chunks);
  const written = await runPlugins(services, { plan, active, on, deadlineSeconds, leftSeconds }, set);
  const { oldHints, parents, inheriting } = await prepare(services, plan, set);
  const records = new SetOfRecords(services, plan, set, on, written);
  if (ruleOf(plan).fences) await noteTombstones(services, plan, chunks, on);
  if (leftSeconds() <= 0) throw tooLong(deadlineSeconds);
  await runTransaction(services, {
    id: plan.jobId,
    deadlineSeconds,
    hasBegun: true,
    participants: [...records.participants(), ...parents.filter((parent) => !records.has(parent))],
    decideAgain: (participant, row) => records.decideAgain(participant, row),
    validate: async () => {
      await meetLateOf(services, plan, set);
      if (!ruleOf(plan).fences) await compareSet(services, plan, set);
      await requireUnmoved(plan, inheriting);
    },
  });
  // Hints that lead nowhere do no harm; whoever lists them looks at the records.
  await endRelinks(services.recordStore, oldHints).catch(() => undefined);
  return countsOf(set, on);
}

async function identifyAll(
  services: SyncServices,
  plan: CascadePlan,
  hasTime: () => boolean,
  deadlineSeconds: number,
): Promise<Readonly<Record<string, number>>> {
  // What another transaction is deleting will soon be gone or free; a job of batches may take days.
  const sharesFence = async (jobId: string) => (await services.transactions.status(jobId)) === undefined;
  for (let cursor: string | undefined; ; ) {
    const outcome = await identify({ ...services, sharesFence }, plan, cursor);
    if (outcome.waitsFor) throw mustWait(outcome.waitsFor);
    if (outcome.blockers && outcome.blockers.length > 0) {
      const which = outcome.blockers.map(({ relationship, count }) => `${count} by ${relationship}`).join(', ');
      throw new Problem('conflict', `Related records forbid it: ${which}. Nothing was changed.`, {
        extra: { jobId: plan.jobId, blockers: outcome.blockers },
      });
    }
    if (outcome.cursor === undefined) return outcome.byTable;
    if (!hasTime()) throw tooLong(deadlineSeconds);
    cursor = outcome.cursor;
  }
}

function mustWait({ kind, text, jobId }: NonNullable<IdentifyOutcome['waitsFor']>): Problem {
  const detail = `${text} Nothing was changed.`;
  if (kind === 'fence') return new Problem('conflict', detail, { extra: { jobId } });
  return new Problem('locked', detail, { extra: { jobId }, retryAfterSeconds: 2 });
}

/** Writes what must stand before: hints of records that move, entries for new readers. Gives the parents that records move to, which are to be locked. */
async function prepare(
  services: SyncServices,
  plan: CascadePlan,
  set: readonly DecidedChunk[],
): Promise<{
  readonly oldHints: readonly OldHints[];
  readonly parents: readonly Participant[];
  readonly inheriting: Inheriting;
}> {
  const { recordStore } = services;
  const oldHints: OldHints[] = [];
  const wanted = new Map<string, { readonly table: TableName; readonly id: string }>();
  for (const { chunk, decided } of set) {
    const relinked = await beginRelinks(recordStore, chunk.table, decided);
    if ('wait' in relinked)
      throw new Problem('locked', `${relinked.wait} Nothing was changed.`, { retryAfterSeconds: 2 });
    const [problem] = relinked.problems;
    if (problem) throw new Problem('conflict', `${problem[1]} Nothing was changed.`, { extra: { jobId: plan.jobId } });
    oldHints.push(...relinked.oldHints);
    const moves = decided.flatMap(({ decision }) => (decision.kind === 'write' ? (decision.relinks ?? []) : []));
    for (const { relationship, to } of moves) {
      const table = lookupsOf(chunk.table).find(({ name }) => name === relationship)?.parent;
      if (table && to !== undefined) wanted.set(`${table}|${to}`, { table, id: to });
    }
  }
  const parents = await mapParallel([...wanted.values()], MAX_PARALLEL, async ({ table, id }): Promise<Participant> => {
    const row = await recordStore.tables.locks.release<RecordRow>(recordStore.tables.rows(table), bucketOf(id), id);
    // An ETag that no row has: deciding again says what is wrong with it.
    const etag = row && !row.deletedOn && !row.lockKind ? row.etag : '';
    return { ...keyOf(table, id), kind: 'change', etag, set: {} };
  });
  return { oldHints, parents, inheriting: await inheritAll(services, plan, set) };
}

/** Gives all records of the set what they inherit, each after its parents, and tells beforehand of what changes. */
async function inheritAll(
  services: SyncServices,
  plan: CascadePlan,
  set: readonly DecidedChunk[],
): Promise<Inheriting> {
  const { recordStore } = services;
  const inheriting = new Inheriting(recordStore.tables, plan, false);
  for (const { chunk, decided } of set) {
    const settled = await inheriting.inherit(chunk.table, decided);
    decided.splice(0, decided.length, ...settled);
    inheriting.mean(chunk.table, settled);
    await announceShares(recordStore, chunk.table, decided);
    await announceColumns(services, chunk.table, decided);
  }
  return inheriting;
}

/** Meets whoever is about to put a record under one that is locked by now: it looks at the parent again, and is refused (SYNC-6). */
async function meetLateOf(
  services: SyncServices,
  { createdOn }: CascadePlan,
  set: readonly DecidedChunk[],
): Promise<void> {
  const changed = set.map(({ chunk: { table }, decided }) => {
    const ids = decided.flatMap(({ id, decision }) => (decision.kind === 'write' && decision.shareWrites ? [id] : []));
    return { table, ids, losing: [] };
  });
  const inSet = new Set(set.flatMap(({ chunk: { table, records } }) => records.map(({ id }) => `${table}|${id}`)));
  const hints = await listLate(services, createdOn, changed);
  await meetLate(
    services,
    hints.filter(({ child, childId }) => !inSet.has(`${child}|${childId}`)),
  );
}

/** A parent beside the set that changed meanwhile may bear out other rights. */
async function requireUnmoved({ jobId }: CascadePlan, { parents }: Inheriting): Promise<void> {
  const [moved] = await parents.changed();
  if (moved === undefined) return;
  const [table = '', recordId = ''] = moved.split('|');
  throw differed(jobId, [{ table: table as TableName, recordId, name: 'shares', was: null, is: null }]);
}

function countsOf(set: readonly DecidedChunk[], heartbeatOn: string): SyncCounts {
  const byTable: Record<string, { done: number; failed: number; skipped: number }> = {};
  const total = { done: 0, failed: 0, skipped: 0 };
  for (const { chunk, decided } of set) {
    byTable[chunk.table] ??= { done: 0, failed: 0, skipped: 0 };
    for (const { decision } of decided) {
      const count = decision.kind === 'skip' ? 'skipped' : 'done';
      total[count]++;
      const own = byTable[chunk.table];
      if (own) own[count]++;
    }
  }
  return { ...total, byTable, heartbeatOn };
}
