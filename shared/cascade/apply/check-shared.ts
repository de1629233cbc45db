import type { TableName } from '../../catalogue/tables.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { rightsOf } from '../../records/shares/rights.ts';
import { effectiveMask, NO_SHARES } from '../../records/shares/share-set.ts';
import { findManyShares } from '../../records/shares/shares.ts';
import type { FoundRecord } from '../identify/found-records.ts';
import type { CascadePlan } from '../plans.ts';
import type { CheckPrivileges } from '../ports.ts';

/** Records of a table that are to be changed. */
interface Group {
  readonly table: TableName;
  readonly records: readonly Pick<FoundRecord, 'id' | 'ownerId' | 'effect'>[];
}

/**
 * The check before a batch, in which records that are shared with the job's user for what it does count as its own. Shares
 * are read only where the roles alone don't do. Records that are only settled need no privilege: they follow. Gives the refusal, or the tables that passed for own records only.
 */
export async function checkShared(
  recordStore: RecordStore,
  plan: Pick<CascadePlan, 'by'>,
  check: CheckPrivileges,
  all: readonly Group[],
): Promise<{ readonly refused: Awaited<ReturnType<CheckPrivileges>>; readonly ownTables: ReadonlySet<TableName> }> {
  const groups = all
    .map(({ table, records: some }) => ({ table, records: some.filter(({ effect }) => effect !== 'settle') }))
    .filter(({ records: some }) => some.length > 0);
  const tables = [...new Set(groups.map(({ table }) => table))];
  const foreignOf = (table: TableName) =>
    groups.flatMap((group) =>
      group.table === table ? group.records.filter(({ ownerId }) => ownerId !== plan.by) : [],
    );
  const ownTables = new Set(tables.filter((table) => foreignOf(table).length === 0));
  const refused = await check(tables, ownTables);
  if (refused?.code !== 'missing-privilege') return { refused, ownTables };
  const reached = new Set(ownTables);
  for (const table of tables.filter((each) => !ownTables.has(each))) {
    const needed = refused.missing.filter((each) => each.table === table).map(({ privilege }) => privilege);
    const foreign = await withoutOwn(recordStore, plan, table, foreignOf(table));
    const shares = await findManyShares(recordStore.tables, table, foreign);
    const isShared = (id: string) => {
      const rights: readonly string[] = rightsOf(effectiveMask(shares.get(id)?.set ?? NO_SHARES, plan.by));
      return needed.every((privilege) => rights.includes(privilege));
    };
    if (needed.length > 0 && foreign.every(isShared)) reached.add(table);
  }
  if (reached.size === ownTables.size) return { refused, ownTables };
  return { refused: await check(tables, reached), ownTables: reached };
}

/** The ids of those that don't belong to the user: an undo knows no owners of what it found, so these are looked up. */
async function withoutOwn(
  recordStore: RecordStore,
  { by }: Pick<CascadePlan, 'by'>,
  table: TableName,
  foreign: Group['records'],
): Promise<string[]> {
  const ids = foreign.map(({ id }) => id);
  if (foreign.every(({ ownerId }) => ownerId !== '')) return ids;
  const found = await recordStore.findMany(table, ids);
  return ids.filter((_id, at) => found[at]?.value.ownerId !== by);
}
