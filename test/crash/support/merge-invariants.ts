/** CRASH-14 of invariants.ts, and what it takes to count the changes of a merge. */
import { PHONE } from './small-stories.ts';
import { lookupsOf, markersOf, type ReadRecord, type TableReader } from './table-reader.ts';
import type { ToldMerge } from './told.ts';

/** Every record that a merge is to have written. One that came late may have been in time to be one of the set. */
export function writtenBy(tables: TableReader, merge: ToldMerge): string[] {
  const { targetId, subordinateId, movedIds } = merge;
  return [targetId, subordinateId, ...movedIds, ...lateOf(merge).filter((id) => logsOf(tables, merge).has(id))];
}

/** What came too late for a merge's set, and is under its target all the same: that has changed it once, uncounted. */
export function takenAlong(tables: TableReader, merge: ToldMerge): string[] {
  const late = lateOf(merge).filter((id) => !logsOf(tables, merge).has(id));
  return late.filter((id) =>
    tables.records().some(({ row }) => row.rowKey === id && row.l_account_contacts === merge.targetId),
  );
}

/** What isn't as a merge is to have left it. */
export function* mergeOf(tables: TableReader, merge: ToldMerge): Generator<string> {
  const { targetId, subordinateId, movedIds } = merge;
  const logs = logsOf(tables, merge);
  const mayBeLeft = lateOf(merge).filter((id) => !logs.has(id));
  for (const { what, row } of tables.records()) {
    const id = row.rowKey;
    const parentIds = lookupsOf(row).map(([, parentId]) => parentId);
    if (parentIds.includes(subordinateId) && !mayBeLeft.includes(id))
      yield `CRASH-14: ${what} is under the merged ${subordinateId}`;
    if (movedIds.includes(id) && !parentIds.includes(targetId)) yield `CRASH-14: ${what} isn't under ${targetId}`;
    if (id === subordinateId && (row.state !== 'Inactive' || row.c_masterId !== targetId))
      yield `CRASH-14: ${what} is ${String(row.state)}, its master ${String(row.c_masterId)}`;
    if (id === targetId) yield* targetOf({ what, row });
  }
  for (const id of movedIds) {
    const log = logs.get(id) ?? '';
    if (!log.includes(`"${subordinateId}","${targetId}"`)) yield `CRASH-14: the change log says of ${id}: ${log}`;
  }
}

function* targetOf({ what, row: { state, c_masterId, c_phone } }: ReadRecord): Generator<string> {
  if (state !== 'Active' || c_masterId) yield `CRASH-14: ${what} is ${String(state)}, its master ${String(c_masterId)}`;
  if (c_phone !== PHONE) yield `CRASH-14: ${what} has the phone ${String(c_phone)}`;
}

/** What the change log says of each record that a merge has written. */
function logsOf(tables: TableReader, { jobId }: ToldMerge): ReadonlyMap<string, string> {
  return new Map(
    markersOf(tables, jobId).flatMap(({ ids, logs }) => ids.map((id, at) => [id, logs[at] ?? ''] as const)),
  );
}

function lateOf({ lateId }: ToldMerge): string[] {
  return lateId === undefined ? [] : [lateId];
}
