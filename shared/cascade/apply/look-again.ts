import { type RecordRow, recordProperties } from '../../records/record-row.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { findManyShares } from '../../records/shares/shares.ts';
import type { CurrentRecord } from '../actions/action-rule.ts';
import { currentProperties, decideOn, ruleOf } from '../actions/rules.ts';
import type { ChunkPart } from '../chunks/marker-rows.ts';
import { readByIds } from '../identify/read-row-ranges.ts';
import type { BatchContext, ChunkOutcome } from './apply-ports.ts';
import { checkShared } from './check-shared.ts';
import { toCurrent } from './current-record.ts';

/** Reads the records of a part as they are. An outcome instead, when this user may not change one of them. */
export async function lookAgain(
  recordStore: RecordStore,
  { plan, check, ownTables, active }: BatchContext,
  { table, records: found }: ChunkPart,
): Promise<ReadonlyMap<string, CurrentRecord> | Exclude<ChunkOutcome, { kind: 'applied' }>> {
  const rule = ruleOf(plan);
  const ids = found.map(({ id }) => id);
  const rows = recordStore.tables.rows(table);
  const needed = currentProperties(plan, table);
  // Whether a record has plug-ins depends on its values.
  const select = active.tables.has(table) ? [...new Set([...needed, ...recordProperties(table)])] : needed;
  const [read, shares] = await Promise.all([
    readByIds<RecordRow>(rows, ids, select),
    rule.readsShares(plan) ? findManyShares(recordStore.tables, table, ids) : undefined,
  ]);
  const stored = await recordStore.tables.locks.releaseFinished(rows, read);
  const looked = new Map(stored.map((row) => [row.rowKey, toCurrent(row, shares?.get(row.rowKey))]));
  // The check at the batch's edge took the records for the user's own; one that has another owner by now needs more.
  const isForeign = ({ isDeleted, ownerId }: CurrentRecord) => !isDeleted && ownerId !== plan.by;
  if (ownTables.has(table) && [...looked.values()].some(isForeign)) {
    const changed = found.flatMap((record) => {
      const current = looked.get(record.id);
      const isChanged =
        current && isForeign(current) && decideOn(plan, record, current, { table, on: '' }).kind === 'write';
      return isChanged ? [{ ...current, effect: record.effect }] : [];
    });
    if (changed.length > 0) {
      const { refused } = await checkShared(recordStore, plan, check, [{ table, records: changed }]);
      if (refused) return refused;
    }
  }
  return looked;
}
