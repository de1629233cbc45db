/**
 * Looks through the shared records of whole tables, where an action has no root to begin at. A record that the rule
 * would change as it stands is found; as elsewhere, what becomes of it is decided anew when its turn comes.
 */
import { isTableName, type TableName } from '../../catalogue/tables.ts';
import type { RecordRow } from '../../records/record-row.ts';
import { fromShareRow, recordOfShareRow } from '../../records/shares/share-rows.ts';
import { readSharedPage } from '../../records/shares/shared-pages.ts';
import type { StoredRow } from '../../storage/table.ts';
import { currentProperties, decideOn, ruleOf } from '../actions/rules.ts';
import { toCurrent } from '../apply/current-record.ts';
import { Inheriting } from '../apply/inherit-shares.ts';
import type { Decided } from '../apply/write-part.ts';
import type { CascadePlan } from '../plans.ts';
import { chunksOf, type IdentifyCursor, type ScanCursor } from './identify-cursor.ts';
import type { Budget, IdentifyPorts } from './identify-ports.ts';
import { readByIds } from './read-row-ranges.ts';
import { toFound } from './to-found.ts';

/** Scans from a cursor until the budget is spent or nothing is left. */
export async function scanShared(
  services: IdentifyPorts,
  plan: CascadePlan,
  from: ScanCursor,
  budget: Budget,
): Promise<IdentifyCursor> {
  let cursor = from;
  for (;;) {
    const [table, ...others] = cursor.tables;
    if (table === undefined) return chunksOf(cursor.found);
    if (!isTableName(table)) throw new Error(`Job ${plan.jobId} looks through ${table}, which is no table any more`);
    if (budget.isSpent()) return cursor;
    const { rows, place } = await readSharedPage(services.recordStore.tables.rows(table), cursor.place);
    budget.spend(Math.max(1, rows.length));
    const count = await keep(services, plan, table, cursor.pages, rows);
    const found = count === 0 ? cursor.found : { ...cursor.found, [table]: (cursor.found[table] ?? 0) + count };
    const { place: _done, ...rest } = { ...cursor, found, pages: cursor.pages + 1 };
    cursor = place ? { ...rest, place } : { ...rest, tables: others };
  }
}

/** Keeps the records of a page that the rule would change; gives how many. */
async function keep(
  services: IdentifyPorts,
  plan: CascadePlan,
  table: TableName,
  page: number,
  read: readonly StoredRow[],
): Promise<number> {
  const { recordStore, observe } = services;
  const rows = recordStore.tables.rows(table);
  const { locks } = recordStore.tables;
  const shares = new Map(
    (await locks.releaseFinished(rows, [...read])).map((row) => [recordOfShareRow(row), fromShareRow(row)]),
  );
  const ids = [...shares].flatMap(([id, { set }]) => (set.size > 0 ? [id] : []));
  const stored = await readByIds<RecordRow>(rows, ids, currentProperties(plan, table));
  const living = (await locks.releaseFinished(rows, stored)).filter(({ deletedOn }) => !deletedOn);
  const looked = new Map(living.map((row) => [row.rowKey, toCurrent(row, shares.get(row.rowKey))]));
  const found = living.map((row) => toFound(plan, table, row, { effect: 'change', links: [] }));
  const decisions = found.map((each) => decideOn(plan, each, looked.get(each.id), { table, on: '' }));
  const decided = found.flatMap(({ id }, at): Decided[] => {
    const decision = decisions[at];
    const isOpen = !decision || decision.kind === 'wait' || decision.kind === 'broken';
    return isOpen ? [] : [{ id, current: looked.get(id), decision }];
  });
  const settled = await new Inheriting(recordStore.tables, plan, true).inherit(table, decided);
  const isRight = new Set(settled.flatMap(({ id, decision }) => (decision.kind === 'write' ? [] : [id])));
  const kept = found.filter(({ id }) => !isRight.has(id));
  for (const row of living) if (!isRight.has(row.rowKey)) observe?.(table, row, undefined);
  // Tables come in the order in which they can lie under one another.
  const level = ruleOf(plan).scans?.(plan).indexOf(table) ?? 0;
  await services.found.put({ table, level, relationship: 'shares', page }, kept);
  return kept.length;
}
