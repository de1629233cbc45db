/**
 * A cascade in one transaction (C2): identify, decide on every record, lock all, look whether the set is still the same,
 * commit. What is decided is the same as in batches; nothing of it counts before the commit.
 *
 *  Y1  Every record of the set is locked, also one that keeps its value, and so is each parent that a record moves to. Who
 *      makes a record under one of them is refused from then on; who had looked before has left a hint.
 *  Y2  After all locks are held, the set is walked again: a record that came to it or left it rolls everything back. For an
 *      action that fences its parents while it identifies, the fences have seen to that.
 *  Y3  The transaction begins before anything is looked for, so that its deadline holds for all of it, and whoever meets
 *      traces of one that nobody works on any more can end it.
 *  Y4  What plug-ins write is a part of the transaction (plugged-set.ts); a row of theirs that has changed since they saw
 *      it rolls everything back.
 *  Y5  Markers are inserted in the same transaction, so the change log is what was committed.
 */
import { lookupsOf } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { mapParallel } from '../../parallel.ts';
import { Problem } from '../../problem.ts';
import { bucketOf } from '../../records/record-ids.ts';
import { type RecordRow, recordTableName } from '../../records/record-row.ts';
import type { StoredRow } from '../../storage/table.ts';
import type { TransactionServices } from '../../transactions/finish-transaction.ts';
import { lockOf, type Values } from '../../transactions/locked-row.ts';
import type { Participant } from '../../transactions/participants.ts';
import { runTransaction, tooLong } from '../../transactions/run-transaction.ts';
import { ruleOf } from '../actions/rules.ts';
import { type AnnounceServices, announceColumns } from '../announce-columns.ts';
import { announceShares } from '../announce-shares.ts';
import { toCurrent } from '../current-record.ts';
import { type IdentifyServices, identify } from '../identify.ts';
import type { LaneChunks } from '../lane-chunks.ts';
import { markerKey, toMarkerRow } from '../marker-rows.ts';
import { noteTombstones } from '../note-tombstones.ts';
import { activeFor } from '../plugged-record.ts';
import type { CascadePlan, IdentifyOutcome } from '../ports.ts';
import { beginRelinks, endRelinks, type OldHint } from '../relinks.ts';
import { toMarker } from '../write-part.ts';
import { checkSet } from './check-set.ts';
import { compareSet } from './compare-set.ts';
import { type DecidedChunk, decideRecord, decideSet, readChunks, setOf } from './decide-set.ts';
import { differed, differencesOf } from './differences.ts';
import { type PluggedSetServices, runPlugins } from './plugged-set.ts';
import type { SyncCounts, SyncOptions } from './sync-ports.ts';

export interface SyncServices extends IdentifyServices, TransactionServices, AnnounceServices, PluggedSetServices {
  readonly lanes: LaneChunks;
}

const PARALLEL = 8;

/** Runs a plan in one transaction (see SyncCascades.run). */
export async function runSync(services: SyncServices, plan: CascadePlan, options: SyncOptions): Promise<SyncCounts> {
  const startedMs = services.now();
  const { deadlineSeconds } = options;
  const leftSeconds = () => deadlineSeconds - (services.now() - startedMs) / 1000;
  if (!(await services.transactions.begin(plan.jobId, deadlineSeconds, []))) throw tooLong(deadlineSeconds);
  await options.onIdentified(await identifyAll(services, plan, () => leftSeconds() > 0, deadlineSeconds));
  const chunks = await readChunks(services.lanes, plan);
  await checkSet(services.records, plan, chunks, options.check);
  const on = new Date(services.now()).toISOString();
  const active = await activeFor(services.plugins, plan);
  const set = await decideSet(services.records, { plan, active, on }, chunks);
  const written = await runPlugins(services, { plan, active, on, deadlineSeconds, leftSeconds }, set);
  const { oldHints, parents } = await prepare(services, plan, set);
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
      if (!ruleOf(plan).fences) await compareSet(services, plan, set);
    },
  });
  // Hints that lead nowhere do no harm; whoever lists them looks at the records.
  await endRelinks(services.records, oldHints).catch(() => undefined);
  return countsOf(set, on);
}

async function identifyAll(
  services: SyncServices,
  plan: CascadePlan,
  hasTime: () => boolean,
  deadlineSeconds: number,
): Promise<Readonly<Record<string, number>>> {
  for (let cursor: string | undefined; ; ) {
    const outcome = await identify(services, plan, cursor);
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
): Promise<{ readonly oldHints: readonly OldHint[]; readonly parents: readonly Participant[] }> {
  const { records } = services;
  const oldHints: OldHint[] = [];
  const wanted = new Map<string, { readonly table: TableName; readonly id: string }>();
  for (const { chunk, decided } of set) {
    const relinked = await beginRelinks(records, chunk.table, decided);
    if ('wait' in relinked)
      throw new Problem('locked', `${relinked.wait} Nothing was changed.`, { retryAfterSeconds: 2 });
    const [problem] = relinked.problems;
    if (problem) throw new Problem('conflict', `${problem[1]} Nothing was changed.`, { extra: { jobId: plan.jobId } });
    await announceShares(records, chunk.table, decided);
    await announceColumns(services, chunk.table, decided);
    oldHints.push(...relinked.oldHints);
    const moves = decided.flatMap(({ decision }) => (decision.kind === 'write' ? (decision.relinks ?? []) : []));
    for (const { relationship, to } of moves) {
      const table = lookupsOf(chunk.table).find(({ name }) => name === relationship)?.parent;
      if (table && to !== undefined) wanted.set(`${table}|${to}`, { table, id: to });
    }
  }
  const parents = await mapParallel([...wanted.values()], PARALLEL, async ({ table, id }): Promise<Participant> => {
    const row = await records.tables.locks.release<RecordRow>(records.tables.rows(table), bucketOf(id), id);
    // An ETag that no row has: deciding again says what is wrong with it.
    const etag = row && !row.deletedOn && !row.lockKind ? row.etag : '';
    return { ...keyOf(table, id), kind: 'change', etag, set: {} };
  });
  return { oldHints, parents };
}

/** The records of a set as a transaction takes them, and what is decided on one that has changed since. */
class SetOfRecords {
  readonly #services: SyncServices;
  readonly #plan: CascadePlan;
  readonly #set: readonly DecidedChunk[];
  readonly #on: string;
  /** What plug-ins write, by its place. */
  readonly #written: ReadonlyMap<string, Participant>;
  readonly #places = new Map<string, { readonly of: DecidedChunk; readonly at: number }>();

  constructor(
    services: SyncServices,
    plan: CascadePlan,
    set: readonly DecidedChunk[],
    on: string,
    written: readonly Participant[],
  ) {
    this.#written = new Map(written.map((participant) => [placeOf(participant), participant]));
    this.#services = services;
    this.#plan = plan;
    this.#set = set;
    this.#on = on;
    for (const of of set) {
      for (const [at, { id }] of of.decided.entries()) this.#places.set(placeOf(keyOf(of.chunk.table, id)), { of, at });
    }
  }

  has(participant: Participant): boolean {
    return this.#places.has(placeOf(participant)) || this.#written.has(placeOf(participant));
  }

  participants(): Participant[] {
    const records = this.#set.flatMap(({ chunk, decided }) => {
      const { table, bucket, key } = chunk;
      const on = this.#on;
      const { jobId } = this.#plan;
      const marker = {
        table: recordTableName(table),
        partitionKey: bucket,
        rowKey: markerKey(jobId, key),
        kind: 'insert',
        // Keys of markers come after those of records, so what the marker says is known when its turn comes.
        get values() {
          return toMarkerRow(bucket, markerKey(jobId, key), toMarker(decided, on)) as Values;
        },
      } as const;
      return [marker, ...decided.flatMap((record) => this.#participantsOf(table, record))];
    });
    return [...records, ...this.#written.values()];
  }

  async decideAgain(participant: Participant, row: StoredRow | undefined): Promise<Values> {
    if (this.#written.has(placeOf(participant))) throw overtaken(this.#plan, participant, row);
    const place = this.#places.get(placeOf(participant));
    if (!place) return this.#other(participant, row);
    const { chunk, decided } = place.of;
    const [found, before] = [chunk.records[place.at], decided[place.at]];
    if (!found || !before)
      throw new Error(`Record ${participant.rowKey} has lost its place in job ${this.#plan.jobId}`);
    const at = { table: chunk.table, recordId: found.id };
    const differences = differencesOf(at, before.current?.cells ?? {}, row);
    // What others of the set take from it was read before.
    if (row && this.#isBeside(found.id) && row.version !== before.current?.version) {
      differences.push({ ...at, name: 'version', was: before.current?.version ?? null, is: row.version as number });
    }
    if (!row || differences.length > 0) throw differed(this.#plan.jobId, differences);
    const current = toCurrent(row as StoredRow<RecordRow>, before.current?.shares);
    const { records } = this.#services;
    const { beside } = place.of;
    const decision = await decideRecord(records, this.#plan, found, current, {
      table: chunk.table,
      on: this.#on,
      beside,
    });
    const again = { id: found.id, current, decision };
    decided[place.at] = again;
    return setOf(this.#plan, again, this.#on);
  }

  #isBeside(id: string): boolean {
    return this.#set.some(({ beside }) => beside?.records.has(id));
  }

  #participantsOf(table: TableName, record: DecidedChunk['decided'][number]): Participant[] {
    const { id, current, decision } = record;
    if (!current) return [];
    const change = {
      ...keyOf(table, id),
      kind: 'change',
      etag: current.etag,
      set: setOf(this.#plan, record, this.#on),
    } as const;
    const shareWrites = decision.kind === 'write' ? (decision.shareWrites ?? []) : [];
    return [
      ...(this.#written.has(placeOf(change)) ? [] : [change]),
      ...shareWrites.map((write): Participant => {
        const { partitionKey, rowKey, ...values } = write.row;
        const key = { table: recordTableName(table), partitionKey, rowKey };
        if (write.kind === 'merge') return { ...key, kind: 'change', etag: write.etag, set: values as Values };
        return { ...key, kind: 'insert', values: values as Values };
      }),
    ];
  }

  /** A parent that a record moves to may change as it likes, as long as it lives; shares and markers may not. */
  async #other({ table, rowKey }: Participant, row: StoredRow | undefined): Promise<Values> {
    const { jobId } = this.#plan;
    const name = table.replace('records', '') as TableName;
    if (rowKey.startsWith('~')) {
      const recordId = rowKey.slice(rowKey.lastIndexOf('|') + 1);
      throw differed(jobId, [{ table: name, recordId, name: 'shares', was: null, is: null }]);
    }
    const { tables } = this.#services.records;
    const isFenced = row?.lockKind === 'fence' && (await tables.fenceHolds(String(row.lockJob)));
    if (row && !row.deletedOn && !isFenced && !lockOf(row)) return {};
    throw differed(jobId, [{ table: name, recordId: rowKey, name: 'deletedOn', was: null, is: 'gone' }]);
  }
}

/** Plug-ins saw a row as it isn't any more. */
function overtaken({ jobId }: CascadePlan, { table, rowKey }: Participant, row: StoredRow | undefined): Problem {
  const name = table.replace('records', '') as TableName;
  const is = typeof row?.version === 'number' ? row.version : null;
  return differed(jobId, [{ table: name, recordId: rowKey, name: 'version', was: null, is }]);
}

function keyOf(table: TableName, id: string) {
  return { table: recordTableName(table), partitionKey: bucketOf(id), rowKey: id };
}

function placeOf({ table, rowKey }: { readonly table: string; readonly rowKey: string }): string {
  return `${table}|${rowKey}`;
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
