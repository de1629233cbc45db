/** What is to become of every record of a plan that was identified, as they stand now. */
import { isTableName, type TableName } from '../../catalogue/tables.ts';
import { Problem } from '../../problem.ts';
import { type RecordRow, recordProperties } from '../../records/record-row.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { findManyShares } from '../../records/shares/shares.ts';
import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { StoredRow } from '../../storage/table.ts';
import type { Values } from '../../transactions/locked-row.ts';
import type { CurrentRecord, DecideAt, Decision, RuleContext } from '../actions/action-rule.ts';
import { currentProperties, decideOn, ruleOf } from '../actions/rules.ts';
import { toCurrent } from '../apply/current-record.ts';
import type { Decided } from '../apply/write-part.ts';
import type { Chunk } from '../chunks/chunk-rows.ts';
import type { LaneChunks } from '../chunks/lane-chunks.ts';
import type { FoundRecord } from '../identify/found-records.ts';
import { readByIds } from '../identify/read-row-ranges.ts';
import type { CascadePlan } from '../plans.ts';
import type { ActivePlugins } from '../plugins/active-plugins.ts';
import { comparedProperties, type Difference, differed, differencesOf } from './differences.ts';

/** A chunk whose records were decided on; `decided` follows a record that is decided on again. */
export interface DecidedChunk {
  readonly chunk: Chunk;
  readonly decided: Decided[];
  /** What the rule knows beyond these records. */
  readonly context: RuleContext | undefined;
}

/** What records are decided on by. */
export interface DecideOptions {
  readonly plan: CascadePlan;
  /** Whether a record has plug-ins depends on its values: where its table has some, all of them are read. */
  readonly active: Pick<ActivePlugins, 'tables'>;
  /** ISO 8601 UTC. */
  readonly on: string;
}

const CHUNKS_PER_READ = 100;

/** All chunks of a plan. */
export async function readChunks(lanes: LaneChunks, { jobId, lanes: count }: CascadePlan): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (let lane = 0; lane < count; lane++) {
    for (let after = ''; ; ) {
      const { rows, more } = await lanes.chunksAfter(jobId, lane, after, CHUNKS_PER_READ);
      chunks.push(...rows);
      after = rows.at(-1)?.key ?? after;
      if (!more) break;
    }
  }
  return chunks;
}

/** Decides on the records of all chunks. Throws the Problem of one that can't be changed, or isn't as it was identified. */
export function decideSet(
  recordStore: RecordStore,
  { plan, active, on }: DecideOptions,
  chunks: readonly Chunk[],
): Promise<DecidedChunk[]> {
  return mapParallel(chunks, MAX_PARALLEL, (chunk) => decideChunk(recordStore, { plan, active, on }, chunk));
}

async function decideChunk(
  recordStore: RecordStore,
  { plan, active, on }: DecideOptions,
  chunk: Chunk,
): Promise<DecidedChunk> {
  const { table } = chunk;
  if (!isTableName(table)) throw new Error(`Job ${plan.jobId} holds records of ${String(table)}, which is no table`);
  const ids = chunk.records.map(({ id }) => id);
  const rows = recordStore.tables.rows(table);
  const all = active.tables.has(table) ? recordProperties(table) : [];
  const select = [...new Set([...currentProperties(plan, table), ...comparedProperties(table), ...all])];
  const [read, shares] = await Promise.all([
    readByIds<RecordRow>(rows, ids, select),
    ruleOf(plan).readsShares(plan) ? findManyShares(recordStore.tables, table, ids) : undefined,
  ]);
  const found = new Map((await recordStore.tables.locks.releaseFinished(rows, read)).map((row) => [row.rowKey, row]));
  const looked = new Map([...found].map(([id, row]) => [id, toCurrent(row, shares?.get(id))]));
  const context = await ruleOf(plan).readContext?.(recordStore.tables, plan, { table, ids, looked });
  const decided: Decided[] = [];
  for (const record of chunk.records) {
    const row = found.get(record.id);
    const differences = sinceFound(table, record, row);
    if (differences.length > 0) throw differed(plan.jobId, differences);
    const current = looked.get(record.id);
    const decision = await decideRecord(recordStore, plan, record, current, { table, on, context });
    decided.push({ id: record.id, current, decision });
  }
  return { chunk, decided, context };
}

/** Identifying keeps owner and version of a record; a change of its lookups or state is found when the set is compared. */
function sinceFound(table: TableName, found: FoundRecord, row: StoredRow<RecordRow> | undefined): Difference[] {
  if (!row || row.deletedOn) return differencesOf({ table, recordId: found.id }, {}, undefined);
  if (row.ownerId === found.ownerId) return [];
  return [{ table, recordId: found.id, name: 'ownerId', was: found.ownerId, is: row.ownerId }];
}

/** What is to become of one record. Throws the Problem of one that can't be changed now. */
export async function decideRecord(
  recordStore: RecordStore,
  plan: CascadePlan,
  found: FoundRecord,
  current: CurrentRecord | undefined,
  at: DecideAt,
): Promise<Decided['decision']> {
  const seen = current && (await underFence(recordStore, plan, at.table, found, current));
  return requireDecided(plan, found, seen, decideOn(plan, found, seen, at));
}

/** What was decided on a record. Throws the Problem of one that can't be changed now. */
export function requireDecided(
  { jobId }: Pick<CascadePlan, 'jobId'>,
  { id }: Pick<FoundRecord, 'id'>,
  current: CurrentRecord | undefined,
  decision: Decision,
): Decided['decision'] {
  switch (decision.kind) {
    case 'wait':
      throw new Problem('locked', `${decision.text} Nothing was changed: try again when it has ended.`, {
        extra: { jobId: current?.lockedBy },
        retryAfterSeconds: 2,
      });
    case 'broken':
    case 'fail':
      throw new Problem('conflict', `${decision.text} Everything is as it was before.`, {
        extra: { jobId, records: [id] },
      });
    default:
      return decision;
  }
}

/** What is merged into a record's row; nothing for one that keeps its value, which is locked all the same. */
export function setOf({ by }: CascadePlan, { current, decision }: Decided, on: string): Values {
  if (decision.kind !== 'write') return {};
  const version = (current?.version ?? 0) + 1;
  return { ...decision.set, ...(decision.bumpsVersion && { modifiedBy: by, modifiedOn: on, version }) } as Values;
}

/**
 * A record that a job is deleting can't be changed any more, also not with others. A Delete may be faster than that job,
 * under its fence: as long as the row is as it was found, nobody has put anything under it. The fence of an ended job goes
 * with our lock.
 */
async function underFence(
  { tables }: RecordStore,
  plan: CascadePlan,
  table: TableName,
  found: FoundRecord,
  current: CurrentRecord,
): Promise<CurrentRecord> {
  const { id, etag, fencedBy } = current;
  if (fencedBy === undefined || fencedBy === plan.jobId || !(await tables.fenceHolds(fencedBy))) return current;
  if (ruleOf(plan).fences && etag === found.etag) return { ...current, fencedBy: plan.jobId };
  throw new Problem('conflict', `The ${table} ${id} is being deleted by job ${fencedBy}. Nothing was changed.`, {
    extra: { jobId: fencedBy },
  });
}
