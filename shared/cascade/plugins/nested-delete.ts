/**
 * A Delete that a plug-in starts: what a job does to find what it deletes, for records that one transaction then deletes.
 *
 *  NESTED-1  Parents are fenced and their hints resolved before anything counts, in the name of the job that the
 *      plug-in is part of. So nothing is put under a record that is about to go, and nothing is orphaned once it is
 *      gone.
 *  NESTED-2  These fences are no part of the transaction. They go with the records; where the plug-in's record fails
 *      they are taken off again, and what a crash leaves of them is void when the job ends.
 *  NESTED-3  Where tombstones are about to lie is noted before.
 */
import type { TableName } from '../../catalogue/tables.ts';
import { Problem } from '../../problem.ts';
import { isUnder } from '../../records/is-under.ts';
import { bucketOf } from '../../records/record-ids.ts';
import type { RecordRow } from '../../records/record-row.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { TombstoneIndex } from '../../records/tombstones.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { Storage } from '../../storage/storage.ts';
import { collectFound } from '../identify/collect-found.ts';
import { MustWait } from '../identify/resolve-hints.ts';
import type { DeletePlan } from '../plans.ts';
import type { UnitOfWork } from './unit-of-work.ts';

interface NestedServices {
  readonly storage: Storage;
  readonly recordStore: RecordStore;
}

/** A tombstone's entry names so many records. */
const IDS_PER_ENTRY = 500;

/**
 * What the Delete of a record comes to, deepest first. Throws the Problem that the plug-in is told of. A job that itself
 * deletes (`isInDelete`) keeps all fences.
 */
export async function findToDelete(
  { storage, recordStore }: NestedServices,
  unit: UnitOfWork,
  plan: DeletePlan,
  { limit, isInDelete }: { readonly limit: number; readonly isInDelete: boolean },
): Promise<Awaited<ReturnType<typeof collectFound>>> {
  await refuseOwn(recordStore, unit, plan);
  const tombstones = new TombstoneIndex(storage);
  const noteFence = (table: TableName, id: string) => void unit.fenced.push({ table, id });
  const fencing = { recordStore, tombstones, now: () => Date.parse(plan.createdOn), noteFence };
  const before = unit.fenced.length;
  const found = await collectFound({ storage, recordStore, fencing }, plan, limit).catch(async (error: unknown) => {
    // What the plug-in is refused, it may go on without.
    const isRefused = error instanceof Problem || error instanceof MustWait;
    if (isRefused && !isInDelete) await takeOffFences(recordStore, plan.jobId, unit.fenced.splice(before));
    if (!(error instanceof MustWait)) throw error;
    const { kind, text, jobId } = error.waitsFor;
    throw new Problem(kind === 'fence' ? 'conflict' : 'locked', text, { extra: { jobId } });
  });
  await unit.catchUp();
  const byTable = groupBy(found, ({ table }) => table, IDS_PER_ENTRY);
  const entries = byTable.map((group, part) => ({
    table: group[0]?.table ?? plan.table,
    key: `plugin-${plan.recordId}-${part}`,
    ids: group.map(({ record }) => record.id),
  }));
  await tombstones.note(plan.createdOn, plan.jobId, entries);
  return found;
}

/** Takes off the fences that Deletes of a plug-in have set, after its record failed. One that others are at is left to them. */
export async function takeOffFences(
  { tables }: RecordStore,
  jobId: string,
  fenced: readonly { readonly table: TableName; readonly id: string }[],
): Promise<void> {
  await mapParallel(fenced, MAX_PARALLEL, async ({ table, id }) => {
    const row = await tables.locks.release<RecordRow>(tables.rows(table), bucketOf(id), id);
    if (row?.lockKind !== 'fence' || row.lockJob !== jobId || row.deletedOn) return;
    const merge = { partitionKey: row.partitionKey, rowKey: id, lockKind: '', lockJob: '' };
    await tables.rows(table).write([{ kind: 'merge', row: merge, etag: row.etag }]);
  });
}

/** What the plug-in has itself put under the record isn't there yet: it would be neither deleted nor refused. */
async function refuseOwn({ tables }: RecordStore, unit: UnitOfWork, { table, recordId }: DeletePlan): Promise<void> {
  const root = { table, id: recordId };
  for (const made of unit.made()) {
    if (!(await isUnder(tables, made, root))) continue;
    throw new Problem(
      'conflict',
      `The ${made.table} ${made.id} was made in the same transaction and is under the ${table} ${recordId}. Don't make it, or delete the other in an action of its own.`,
    );
  }
}
