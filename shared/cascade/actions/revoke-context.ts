/** Reads all that lies above records at hand, and says which sources of their inherited rights have no way to them any more. */
import { lookupsOf } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import type { RecordState } from '../../records/record.ts';
import { lookupProperty } from '../../records/record-row.ts';
import type { RecordTables } from '../../records/record-tables.ts';
import { mapParallel } from '../../storage/parallel.ts';
import type { CurrentRecord, PlanOf, RecordsAtHand, RuleContext } from './action-rule.ts';
import { type LinkedRecord, lostSources } from './lost-sources.ts';

const PARALLEL = 4;

/** The `lostSources` of what a rule must know beyond the records at hand. */
export async function readRevokeContext(
  tables: RecordTables,
  { recordId: relationship, behaviors }: PlanOf<'revokeInheritedAccess'>,
  { table, looked }: RecordsAtHand,
): Promise<RuleContext> {
  const inheriting = [...looked.values()].filter((current) => sourcesOf(current).size > 0);
  const linked = new Map(inheriting.map((current) => [current.id, toLinked(table, current)]));
  const above = await readAbove(tables, [...linked.values()]);
  const find = (parentTable: string, id: string) => above.get(`${parentTable}|${id}`);
  const lost = inheriting.flatMap((current) => {
    const linkedRecord = linked.get(current.id);
    return linkedRecord
      ? [[current.id, lostSources(linkedRecord, sourcesOf(current), { relationship, behaviors, find })] as const]
      : [];
  });
  return { records: new Map(), withOrphans: new Map(), lostSources: new Map(lost) };
}

/** All records above, each read once, by table and id. */
async function readAbove(tables: RecordTables, from: readonly LinkedRecord[]): Promise<Map<string, LinkedRecord>> {
  const above = new Map<string, LinkedRecord>();
  for (let level = from; level.length > 0; ) {
    const wanted = new Map<TableName, Set<string>>();
    for (const record of level) {
      for (const { name, parent } of lookupsOf(record.table)) {
        const id = record.lookups[name];
        if (id === undefined || above.has(`${parent}|${id}`)) continue;
        wanted.set(parent, (wanted.get(parent) ?? new Set()).add(id));
      }
    }
    const read = await mapParallel([...wanted], PARALLEL, ([table, ids]) => tables.findMany(table, [...ids]));
    level = read.flat().flatMap((found) => (found ? [found.value] : []));
    for (const record of level) above.set(`${record.table}|${record.id}`, record);
  }
  return above;
}

function sourcesOf({ shares }: CurrentRecord): Set<string> {
  return new Set([...(shares?.set.values() ?? [])].flatMap(({ inherited }) => [...inherited.keys()]));
}

function toLinked(table: TableName, { id, ownerId, cells }: CurrentRecord): LinkedRecord {
  const lookups = lookupsOf(table).flatMap(({ name }) => {
    const parentId = cells[lookupProperty(name)];
    return typeof parentId === 'string' && parentId !== '' ? [[name, parentId] as const] : [];
  });
  return { table, id, ownerId, state: cells.state as RecordState, lookups: Object.fromEntries(lookups) };
}
