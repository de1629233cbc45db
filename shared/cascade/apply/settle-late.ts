/**
 * What came under the records of a job while it ran: the last step of a job that has changed somebody's access, as often as it
 * is begun. Law of children (parent-links.ts) and rights together: who makes, moves or restores a child puts its hint, then
 * reads what the parent holds; the job has written the parents, then lists their children here.
 *
 *  LATE-1  A hint that is as young as the job leads to a record that is put right; to none: an empty row of shares takes its place,
 *      so that its creator meets it and reads the parents anew; to one that is deleted or elsewhere: its row is touched, so
 *      that whoever is about to restore or move it decides anew.
 *  LATE-2  Where a parent lost rights all children are looked at, however old: another job may have given them on meanwhile.
 *  LATE-3  What belongs to the set is left to it, as what became of that is in the change log.
 */
import { relationshipsUnder } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { HINT_SHARD, hintRange, hintTableName, parseHintKey } from '../../records/child-hints.ts';
import { bucketOf } from '../../records/record-ids.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { type Seed, type Settled, settleTree } from '../../records/shares/settle-tree.ts';
import { NO_ROW, shareWrite } from '../../records/shares/share-rows.ts';
import { NO_SHARES } from '../../records/shares/share-set.ts';
import { findManyShares } from '../../records/shares/shares.ts';
import { groupBy, mapParallel } from '../../storage/parallel.ts';
import type { Storage } from '../../storage/storage.ts';
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import type { Row } from '../../storage/table.ts';
import { isShareChange, takesRights } from '../actions/write-shares.ts';
import type { Chunk } from '../chunks/chunk-rows.ts';
import type { LaneChunks, ProgressRow } from '../chunks/lane-chunks.ts';
import { findMarkers } from '../chunks/marker-rows.ts';
import { readRowRanges } from '../identify/read-row-ranges.ts';
import { READ_BEGIN, type ReadPosition, type RowRange } from '../identify/row-ranges.ts';
import type { CascadePlan } from '../plans.ts';

interface LateServices {
  readonly storage: Storage;
  readonly recordStore: RecordStore;
  readonly lanes: LaneChunks;
}

/** Parents whose shares a job has changed, of one table. */
export interface ChangedParents {
  readonly table: TableName;
  readonly ids: readonly string[];
  /** Those of them that lost something. */
  readonly losing: readonly string[];
}

const CHUNKS_PER_READ = 100;
const PARALLEL = 8;
/** A creator may have put its hint so long before it reads the parents; clocks that differ are covered too. */
const SLACK_MS = 60_000;

/** Puts right what came under the records of a lane whose shares were changed. Gives the records that were. */
export async function settleLate(
  services: LateServices,
  plan: CascadePlan,
  lane: number,
  { shares = 0 }: Pick<ProgressRow, 'shares'>,
): Promise<Settled[]> {
  if (shares === 0) return [];
  const late = new Map<string, LateHint>();
  for await (const chunks of chunksOf(services, plan, lane)) {
    const parents = await mapParallel(chunks, PARALLEL, (chunk) => changedIn(services, plan, chunk));
    for (const hint of await listLate(services, plan.createdOn, parents.flat())) late.set(keyOf(hint), hint);
  }
  if (late.size === 0) return [];
  const inSet = new Set<string>();
  for (let other = 0; other < plan.lanes; other++) {
    for await (const chunks of chunksOf(services, plan, other)) {
      for (const { table, records } of chunks) for (const { id } of records) inSet.add(`${table}|${id}`);
    }
  }
  const hints = [...late.values()].filter(({ child, childId }) => !inSet.has(`${child}|${childId}`));
  return settleTree(services.recordStore.tables, await meetLate(services, hints));
}

async function* chunksOf(
  { lanes }: LateServices,
  { jobId }: Pick<CascadePlan, 'jobId'>,
  lane: number,
): AsyncGenerator<Chunk[]> {
  for (let after = ''; ; ) {
    const { rows, more } = await lanes.chunksAfter(jobId, lane, after, CHUNKS_PER_READ);
    yield rows;
    after = rows.at(-1)?.key ?? after;
    if (!more) return;
  }
}

async function changedIn({ recordStore }: LateServices, plan: CascadePlan, chunk: Chunk): Promise<ChangedParents[]> {
  const { table } = chunk;
  if (relationshipsUnder(table).length === 0) return [];
  // A share takes nothing away, and where it gave nothing there is nothing to be given.
  if (plan.action === 'share') return [{ table, ids: chunk.records.map(({ id }) => id), losing: [] }];
  const { markers } = await findMarkers(recordStore, plan.jobId, chunk);
  const changed = markers.flatMap(({ records: applied }) =>
    applied.filter(({ changes }) => changes.some(({ name }) => isShareChange(name))),
  );
  const isLoss = ({ changes }: (typeof changed)[number]) => changes.some(takesRights);
  return [{ table, ids: changed.map(({ id }) => id), losing: changed.filter(isLoss).map(({ id }) => id) }];
}

/** A hint that is to be looked at. */
export interface LateHint {
  readonly relationship: string;
  readonly child: TableName;
  readonly parentId: string;
  readonly childId: string;
  /** As young as the job (LATE-1); the others are looked at for what their parents lost (LATE-2). */
  readonly isYoung: boolean;
}

const keyOf = ({ relationship, parentId, childId, isYoung }: LateHint) =>
  `${relationship}|${parentId}|${childId}|${isYoung}`;

/** The hints under parents that a job has written: the young ones, and all where something was lost. */
export async function listLate(
  { storage }: Pick<LateServices, 'storage'>,
  since: string,
  changed: readonly ChangedParents[],
): Promise<LateHint[]> {
  const writtenFrom = new Date(Date.parse(since) - SLACK_MS).toISOString();
  const families = groupBy(changed, ({ table }) => table).flatMap((group) => {
    const ids = group.flatMap((each) => each.ids);
    const losing = group.flatMap((each) => each.losing);
    return group.slice(0, 1).flatMap(({ table }) => relationshipsUnder(table).map((under) => ({ under, ids, losing })));
  });
  const hints = await mapParallel(families, PARALLEL, async ({ under: { name: relationship, child }, ids, losing }) => {
    const [young, all] = [
      await listHints(storage, relationship, ids, writtenFrom),
      await listHints(storage, relationship, losing, undefined),
    ];
    return [
      ...young.map((pair) => ({ ...pair, relationship, child, isYoung: true })),
      ...all.map((pair) => ({ ...pair, relationship, child, isYoung: false })),
    ];
  });
  return hints.flat();
}

/** The records that hints lead to and that are to be put right; meets whoever is about to put one there. */
export async function meetLate(
  { recordStore }: Pick<LateServices, 'recordStore'>,
  hints: readonly LateHint[],
): Promise<Seed[]> {
  const young = hints.filter(({ isYoung }) => isYoung);
  const met = await mapParallel(
    groupBy(young, ({ relationship }) => relationship),
    1,
    (group) => meet(recordStore, group),
  );
  const old = await mapParallel(
    groupBy(
      hints.filter(({ isYoung }) => !isYoung),
      ({ child }) => child,
    ),
    1,
    async (group) => {
      const table = group[0]?.child;
      if (!table) return [];
      const ids = [...new Set(group.map(({ childId }) => childId))];
      const holding = await findManyShares(recordStore.tables, table, ids);
      return ids.filter((id) => holding.has(id)).map((id): Seed => ({ table, id, newLinks: [] }));
    },
  );
  return [...met.flat(), ...old.flat()];
}

async function listHints(
  storage: Storage,
  relationship: string,
  parents: readonly string[],
  writtenFrom: string | undefined,
): Promise<{ readonly parentId: string; readonly childId: string }[]> {
  const hints = storage.table(hintTableName(relationship));
  const table: Pick<typeof hints, 'page'> = {
    page: (range, limit) => hints.page({ ...range, ...(writtenFrom !== undefined && { writtenFrom }) }, limit),
  };
  const ranges = parents
    .map((id): RowRange => ({ bucket: bucketOf(id), ...hintRange(id) }))
    .sort((a, b) => (`${a.bucket}|${a.from}` < `${b.bucket}|${b.from}` ? -1 : 1));
  const found: { parentId: string; childId: string }[] = [];
  for (let position: ReadPosition = READ_BEGIN; position.at < ranges.length; ) {
    const { rows, next } = await readRowRanges<Row>({ table, suffix: HINT_SHARD, select: [] }, ranges, position);
    found.push(...rows.map(({ rowKey }) => parseHintKey(rowKey)));
    position = next;
  }
  return found;
}

/** Hints of one relationship (LATE-1). */
async function meet({ tables }: RecordStore, hints: readonly LateHint[]): Promise<Seed[]> {
  const [first] = hints;
  if (!first) return [];
  const { child: table, relationship } = first;
  const found = await tables.findMany(
    table,
    hints.map(({ childId }) => childId),
  );
  const seeds = await mapParallel([...hints.entries()], PARALLEL, async ([at, { parentId, childId: id }]) => {
    const record = found[at];
    if (record?.lock?.kind === 'transaction') {
      throw new StorageUnavailable('look at what came meanwhile', new Error(`${table} ${id} is in a transaction`));
    }
    if (record && !record.tombstone && record.value.lookups[relationship] === parentId) {
      return [{ table, id, newLinks: [relationship] }];
    }
    const touch = record
      ? ({ kind: 'merge', row: { partitionKey: bucketOf(id), rowKey: id }, etag: record.etag } as const)
      : shareWrite(id, NO_ROW, NO_SHARES);
    const written = await tables.rows(table).write([touch]);
    // Somebody was faster: the record is there by now, or has been written anew.
    if (!written.ok && record) throw new StorageUnavailable('look at what came meanwhile', new Error(`${table} ${id}`));
    return [];
  });
  return seeds.flat();
}
