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
  readonly records: readonly Pick<FoundRecord, 'id' | 'ownerId'>[];
}

/**
 * The check before a batch, in which records that are shared with the job's user for what it does count as its own. Shares
 * are read only where the roles alone don't do. Gives the refusal, or the tables that passed for own records only.
 */
export async function checkShared(
  recordStore: RecordStore,
  plan: Pick<CascadePlan, 'by'>,
  check: CheckPrivileges,
  groups: readonly Group[],
): Promise<{ readonly refused: Awaited<ReturnType<CheckPrivileges>>; readonly ownTables: ReadonlySet<TableName> }> {
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
    const foreign = foreignOf(table).map(({ id }) => id);
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
