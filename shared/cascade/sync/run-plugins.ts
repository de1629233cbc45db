/**
 * The plug-ins of the records of a synchronous cascade (C10): they run one after the other before anything is locked, and
 * what they write is a part of the same transaction.
 *
 *  PLUGINSET-1  All of a run's plug-ins share one unit of work. In it, records without plug-ins count as changed from
 *      the start, those with plug-ins from their turn on.
 *  PLUGINSET-2  A row that plug-ins write is locked as they saw it; one that has changed since rolls everything back,
 *      as they would have to run again on it.
 */

import { Problem } from '../../problem.ts';
import type { RecordRow } from '../../records/record-row.ts';
import type { RecordStore } from '../../records/record-store.ts';
import type { Storage } from '../../storage/storage.ts';
import type { StoredRow } from '../../storage/table.ts';
import type { Participant } from '../../transactions/participants.ts';
import { tooLong } from '../../transactions/run-transaction.ts';
import { type Decided, withWritten } from '../apply/write-part.ts';
import type { Chunk } from '../chunks/chunk-rows.ts';
import type { CascadePlan } from '../plans.ts';
import type { ActivePlugins } from '../plugins/active-plugins.ts';
import { changeOwnRecord, hasPlugins, type PluginServices } from '../plugins/change-with-plugins.ts';
import { PluginFailure } from '../plugins/plugin-runner.ts';
import { UnitOfWork } from '../plugins/unit-of-work.ts';
import type { SideChange } from '../ports.ts';
import { type DecidedChunk, requireDecided, setOf } from './decide-set.ts';
import { differed } from './differences.ts';

/** What running the plug-ins of a set works with. */
export interface SetPluginServices {
  readonly storage: Storage;
  readonly recordStore: RecordStore;
  /** What plug-ins need; without it none runs. */
  readonly plugins?: PluginServices;
}

/** The run that the plug-ins take part in. */
export interface PluginRun {
  readonly plan: CascadePlan;
  readonly active: ActivePlugins;
  /** ISO 8601 UTC. */
  readonly on: string;
  readonly deadlineSeconds: number;
  readonly leftSeconds: () => number;
}

/**
 * Runs the plug-ins of a set, which then holds what was decided with them. Gives the rows that they write, those
 * of their records included. Throws the Problem that is to roll everything back: conflict (with `plugin` and `records`), locked,
 * transaction-too-long.
 */
export async function runPlugins(
  { storage, recordStore, plugins }: SetPluginServices,
  run: PluginRun,
  set: readonly DecidedChunk[],
): Promise<Participant[]> {
  const { plan, active, on, deadlineSeconds, leftSeconds } = run;
  const { jobId } = plan;
  const places = set.flatMap((of) => of.decided.map((record, at) => ({ of, at, record })));
  const withPlugins = places.filter(({ of, at, record }) => needsPlugins(active, of.chunk, at, record));
  if (!plugins || withPlugins.length === 0) return [];
  const known = new Map(places.map(({ of, record }) => [`${of.chunk.table}|${record.id}`, record]));
  const own = new Set(withPlugins.map(({ record }) => record));
  const unit = new UnitOfWork({
    ...{ recordStore, key: jobId, baseId: plan.recordId, jobId, by: plan.by, on },
    base(table, row) {
      const record = known.get(`${table}|${row.rowKey}`);
      // A fence or a touch of this very job leaves a record as it was.
      const isFree = !row.lockKind || (row.lockKind === 'fence' && row.lockJob === jobId);
      const isAsSeen = record?.current?.etag === row.etag || (isFree && record?.current?.version === row.version);
      if (record?.current && !isAsSeen) {
        const { version: was } = record.current;
        throw differed(jobId, [{ table, recordId: record.id, name: 'version', was, is: row.version }]);
      }
      return record && !own.has(record) ? setOf(plan, record, on) : {};
    },
  });
  const deadline = () => Math.max(0.1, Math.min(active.deadlineSeconds, leftSeconds()));
  for (const { of, at, record } of withPlugins) {
    const { chunk, decided } = of;
    const found = chunk.records[at];
    if (!found) throw new Error(`Record ${record.id} has lost its place in job ${jobId}`);
    if (leftSeconds() <= 0) throw tooLong(deadlineSeconds);
    const own = { identifying: { storage, recordStore }, plugins, unit, plan, active, context: of.context, on };
    try {
      const { decision, current } = await changeOwnRecord(own, deadline, chunk.table, found, record.current?.shares);
      decided[at] = { id: found.id, current, decision: requireDecided(plan, found, current, decision) };
    } catch (error) {
      if (!(error instanceof PluginFailure)) throw error;
      if (leftSeconds() <= 0) throw tooLong(deadlineSeconds);
      throw failed(plan, found.id, error);
    }
  }
  logWritten(places, withPlugins[0], unit.changes());
  return unit.participants();
}

interface Place {
  readonly of: DecidedChunk;
  readonly at: number;
}

/** Puts what plug-ins changed into the change log: of the set's records with their own change, of others at the first record. */
function logWritten(places: readonly Place[], first: Place | undefined, changes: readonly SideChange[]): void {
  const rest = new Map(changes.map((change) => [`${change.table}|${change.recordId}`, change]));
  for (const { of, at } of places) {
    const record = of.decided[at];
    const key = `${of.chunk.table}|${record?.id}`;
    const own = rest.get(key);
    if (!record || !own || record.decision.kind !== 'write') continue;
    rest.delete(key);
    of.decided[at] = withWritten(of.chunk.table, record, [own]);
  }
  const record = first?.of.decided[first.at];
  if (!first || !record || rest.size === 0) return;
  first.of.decided[first.at] = { ...record, besides: [...rest.values()] };
}

function needsPlugins(
  active: ActivePlugins,
  { table, records }: Chunk,
  at: number,
  { current, decision }: Decided,
): boolean {
  if (decision.kind !== 'write' || !current) return false;
  return hasPlugins(active, table, current.cells as unknown as StoredRow<RecordRow>, records[at]);
}

function failed({ jobId }: CascadePlan, recordId: string, { message, cause }: PluginFailure): Problem {
  const { code, plugin } = cause;
  return new Problem(code, { what: message }, { extra: { jobId, plugin, records: [recordId] } });
}
