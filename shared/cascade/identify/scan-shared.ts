/**
 * Looks through the shared records of whole tables, where an action has no root to begin at. A record that the rule
 * would change as it stands is found; as elsewhere, what becomes of it is decided anew when its turn comes.
 */
import { isTableName, type TableName } from '../../catalogue/tables.ts';
import type { RecordRow } from '../../records/record-row.ts';
import { fromShareRow, recordOfShareRow, SHARE_KEYS } from '../../records/shares/share-rows.ts';
import type { KeyRange, Row, StoredRow, Table } from '../../storage/table.ts';
import { currentProperties, ruleOf } from '../actions/rules.ts';
import { toCurrent } from '../apply/current-record.ts';
import type { CascadePlan } from '../plans.ts';
import { chunksOf, type IdentifyCursor, type ScanCursor } from './identify-cursor.ts';
import type { Budget, IdentifyPorts } from './identify-ports.ts';
import { readByIds } from './read-row-ranges.ts';
import { toFound } from './to-found.ts';

type Place = NonNullable<ScanCursor['place']>;

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
    const { rows, place } = await readPage(services.recordStore.tables.rows(table), cursor.place);
    budget.spend(Math.max(1, rows.length));
    const count = await keep(services, plan, table, cursor.pages, rows);
    const found = count === 0 ? cursor.found : { ...cursor.found, [table]: (cursor.found[table] ?? 0) + count };
    const { place: _done, ...rest } = { ...cursor, found, pages: cursor.pages + 1 };
    cursor = place ? { ...rest, place } : { ...rest, tables: others };
  }
}

/** Rows of shares behind a place, and the place behind them; undefined at the table's end. */
async function readPage(
  table: Table,
  place: Place | undefined,
): Promise<{ readonly rows: StoredRow[]; readonly place: Place | undefined }> {
  if (place) {
    const rest = await readRange(table, { partitionKey: place.bucket, after: place.row });
    if (rest.rows.length > 0) return { rows: rest.rows, place: rest.last };
  }
  const { rows, last, more } = await readRange(table, place ? { partitionAfter: place.bucket } : {});
  return { rows, place: more ? last : undefined };
}

async function readRange(table: Table, range: KeyRange) {
  const { rows, more } = await table.page<Row>({ from: SHARE_KEYS.from, to: SHARE_KEYS.to, ...range });
  const last = rows.at(-1);
  return { rows, more, last: last && { bucket: last.partitionKey, row: last.rowKey } };
}

/** Keeps the records of a page that the rule would change; gives how many. */
async function keep(
  { recordStore, found, observe }: IdentifyPorts,
  plan: CascadePlan,
  table: TableName,
  page: number,
  read: readonly StoredRow[],
): Promise<number> {
  const rule = ruleOf(plan);
  const rows = recordStore.tables.rows(table);
  const { locks } = recordStore.tables;
  const shares = new Map(
    (await locks.releaseFinished(rows, [...read])).map((row) => [recordOfShareRow(row), fromShareRow(row)]),
  );
  const ids = [...shares].flatMap(([id, { set }]) => (set.size > 0 ? [id] : []));
  const stored = await readByIds<RecordRow>(rows, ids, currentProperties(plan, table));
  const living = (await locks.releaseFinished(rows, stored)).filter(({ deletedOn }) => !deletedOn);
  const looked = new Map(living.map((row) => [row.rowKey, toCurrent(row, shares.get(row.rowKey))]));
  const context = await rule.readContext?.(recordStore.tables, plan, { table, ids, looked });
  const kept = living.flatMap((row) => {
    const plain = toFound(plan, table, row, { effect: 'change', links: [] });
    const { kind } = rule.decide(plan, plain, looked.get(row.rowKey), { table, on: '', context });
    if (kind !== 'write' && kind !== 'wait') return [];
    observe?.(table, row, undefined);
    return [plain];
  });
  await found.put({ table, level: 0, relationship: 'shares', page }, kept);
  return kept.length;
}
