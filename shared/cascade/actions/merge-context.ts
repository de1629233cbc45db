/** What the rule of merges must know beyond the records at hand: its two roots, and what a deleted record has left behind. */
import { relationshipsUnder } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { bucketOf } from '../../records/record-ids.ts';
import type { RecordRow } from '../../records/record-row.ts';
import type { RecordTables } from '../../records/record-tables.ts';
import { findShares } from '../../records/shares/shares.ts';
import { FEW_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { toCurrent } from '../apply/current-record.ts';
import type { CurrentRecord, PlanOf, RecordsAtHand, RuleContext } from './action-rule.ts';

const HINTS_PER_READ = 100;

/** Reads both roots, with their shares where the target is at hand, and looks what lives under records at hand that are gone. */
export async function readMergeContext(
  tables: RecordTables,
  plan: PlanOf<'merge'>,
  { table, ids, looked }: RecordsAtHand,
): Promise<RuleContext> {
  const { recordId, subordinateId, performParentingChecks, behaviors } = plan;
  const withShares = table === plan.table && ids.includes(recordId);
  const roots = await Promise.all([recordId, subordinateId].map((id) => findRoot(tables, plan.table, id, withShares)));
  const missing = ids.filter((id) => looked.get(id)?.isDeleted ?? true);
  const links = relationshipsUnder(table).filter(({ name }) => behaviors[name] === 'All');
  const isRelated = table !== plan.table || !ids.some((id) => id === recordId || id === subordinateId);
  const withOrphans = await mapParallel(
    performParentingChecks && isRelated ? missing : [],
    FEW_PARALLEL,
    async (id) => {
      for (const { name, child } of links) {
        if (await hasLiving(tables, { name, child }, id)) return [[id, name] as const];
      }
      return [];
    },
  );
  return {
    records: new Map(roots.flatMap((root) => (root ? [[root.id, root] as const] : []))),
    withOrphans: new Map(withOrphans.flat()),
  };
}

async function findRoot(
  tables: RecordTables,
  table: TableName,
  id: string,
  withShares: boolean,
): Promise<CurrentRecord | undefined> {
  const [row, shares] = await Promise.all([
    tables.locks.release<RecordRow>(tables.rows(table), bucketOf(id), id),
    withShares ? findShares(tables, table, id) : undefined,
  ]);
  return row && toCurrent(row, shares);
}

/** Whether a record lives that was under a deleted one: it still names that, or names none since the link was taken out. */
async function hasLiving(
  tables: RecordTables,
  { name, child }: { readonly name: string; readonly child: TableName },
  parentId: string,
): Promise<boolean> {
  const anyOf = async (ids: readonly string[]) => {
    const records = await tables.findMany(child, ids);
    return records.some((record) => {
      const now = record?.value.lookups[name];
      return record && !record.tombstone && (now === undefined || now === parentId);
    });
  };
  let ids: string[] = [];
  for await (const { childId } of tables.hints(name).of(parentId)) {
    ids.push(childId);
    if (ids.length < HINTS_PER_READ) continue;
    if (await anyOf(ids)) return true;
    ids = [];
  }
  return ids.length > 0 && anyOf(ids);
}
