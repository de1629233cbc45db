/**
 * Puts the inherited rights of single records right, and of what lies under them: what came beside the set of a job, or
 * while it ran. Nothing of it is counted or logged; who calls names what was put right.
 *
 *  TREE-1  A record is written together with its shares, If-Match both as they were read, so that it never passes by a
 *      transaction that holds the record, nor overtakes a move.
 *  TREE-2  After a write its parents are looked at again: whoever changed them meanwhile listed their children before or after it,
 *      and one of the two sees the other.
 *  TREE-3  What lies below is looked at only where the record's own rights changed. Done again, it finds nothing to do.
 */
import { lookupsOf, relationshipsUnder } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import type { RecordValue, StoredRecord } from '../record.ts';
import { bucketOf } from '../record-ids.ts';
import type { RecordTables } from '../record-tables.ts';
import { bound, owed, type ParentRights } from './inheritance.ts';
import { ParentReader } from './parent-reader.ts';
import { NO_ROW, type StoredShares, shareWrite } from './share-rows.ts';
import { type ShareSet, unionOf } from './share-set.ts';
import { putShared } from './shared-records.ts';
import { findManyShares } from './shares.ts';

/** A record to be put right. */
export interface Seed {
  readonly table: TableName;
  readonly id: string;
  /** The relationships by whose parents it has just come to lie under them, so that these owe it what they hold. */
  readonly newLinks: readonly string[];
}

/** A record that was put right. */
export type Settled = Pick<Seed, 'table' | 'id'>;

const MAX_ROUNDS = 12;
const CHILDREN_AT_ONCE = 500;

/** Puts records right, and what lies under those that changed. Throws StorageUnavailable while a transaction holds one of them. */
export async function settleTree(tables: RecordTables, seeds: readonly Seed[]): Promise<Settled[]> {
  const settled: Settled[] = [];
  for (let level = seeds; level.length > 0; ) {
    const changed = await settleLevel(tables, level);
    settled.push(...changed);
    const below: Seed[] = [];
    for (const parent of changed) for await (const child of childrenOf(tables, parent)) below.push(child);
    level = below;
  }
  return settled;
}

/** Gives those whose shares were changed. */
async function settleLevel(tables: RecordTables, seeds: readonly Seed[]): Promise<Settled[]> {
  const merged = new Map<string, Seed>();
  for (const seed of seeds) {
    const key = `${seed.table}|${seed.id}`;
    const newLinks = new Set([...(merged.get(key)?.newLinks ?? []), ...seed.newLinks]);
    merged.set(key, { ...seed, newLinks: [...newLinks] });
  }
  const changed = new Map<string, Settled>();
  let open = [...merged.values()];
  for (let round = 0; open.length > 0; round++) {
    if (round >= MAX_ROUNDS) throw new StorageUnavailable('put access right', new Error('overtaken again and again'));
    const groups = groupBy(open, ({ table }) => table, CHILDREN_AT_ONCE);
    const left = await mapParallel(groups, 1, async (group) => {
      const { written, again } = await settleGroup(tables, group);
      for (const { table, id } of written) changed.set(`${table}|${id}`, { table, id });
      return again;
    });
    open = left.flat();
  }
  return [...changed.values()];
}

interface Planned {
  readonly seed: Seed;
  readonly record: StoredRecord;
  readonly parents: readonly ParentRights[];
  readonly before: StoredShares;
  readonly set: ShareSet;
}

async function settleGroup(
  tables: RecordTables,
  seeds: readonly Seed[],
): Promise<{ readonly written: readonly Seed[]; readonly again: readonly Seed[] }> {
  const table = seeds[0]?.table;
  if (!table) return { written: [], again: [] };
  const ids = seeds.map(({ id }) => id);
  const [records, shares] = [await tables.findMany(table, ids), await findManyShares(tables, table, ids)];
  const living = records.flatMap((record) => (record && !record.tombstone ? [record] : []));
  const held = living.find(({ lock }) => lock?.kind === 'transaction');
  if (held)
    throw new StorageUnavailable('put access right', new Error(`${table} ${held.value.id} is in a transaction`));
  const reader = new ParentReader(tables);
  const parents = await reader.parentsOf(living.map(({ value }) => value));
  const byId = new Map(living.map((record) => [record.value.id, record]));
  const planned = seeds.flatMap((seed): Planned[] => {
    const record = byId.get(seed.id);
    const above = parents.get(seed.id) ?? [];
    const before = shares.get(seed.id) ?? NO_ROW;
    const owing = above.filter(({ relationship }) => seed.newLinks.includes(relationship));
    const set = bound(seed.id, unionOf(before.set, owed(seed.id, owing)), above);
    return record ? [{ seed, record, parents: above, before, set }] : [];
  });
  const differing = planned.filter(({ before, set }) => set !== before.set);
  const outcomes = await mapParallel(differing, MAX_PARALLEL, async (plan) => ({
    seed: plan.seed,
    isWritten: await writeShares(tables, plan),
  }));
  const moved = outcomes.length > 0 ? await reader.changed() : new Set<string>();
  const isMoved = ({ value }: StoredRecord) => linksOf(value).some((link) => moved.has(link));
  return {
    written: outcomes.flatMap(({ seed, isWritten }) => (isWritten ? [seed] : [])),
    again: [
      ...outcomes.flatMap(({ seed, isWritten }) => (isWritten ? [] : [seed])),
      ...planned.flatMap(({ seed, record }) => (moved.size > 0 && isMoved(record) ? [seed] : [])),
    ],
  };
}

function linksOf({ table, lookups }: RecordValue): string[] {
  return lookupsOf(table).flatMap(({ name, parent }) => (lookups[name] ? [`${parent}|${lookups[name]}`] : []));
}

async function writeShares(tables: RecordTables, { record, before, set }: Planned): Promise<boolean> {
  const { table, id, createdOn } = record.value;
  const added = [...set.keys()].filter((userId) => !before.set.has(userId));
  await putShared(
    tables,
    table,
    added.map((userId) => ({ userId, recordId: id, createdOn })),
  );
  const touch = { kind: 'merge', row: { partitionKey: bucketOf(id), rowKey: id }, etag: record.etag } as const;
  return (await tables.rows(table).write([touch, shareWrite(id, before, set)])).ok;
}

async function* childrenOf(tables: RecordTables, { table, id }: Settled): AsyncGenerator<Seed> {
  for (const { name, child } of relationshipsUnder(table)) {
    const ids: string[] = [];
    for await (const { childId } of tables.hints(name).of(id)) ids.push(childId);
    for (const record of await tables.findMany(child, ids)) {
      if (!record || record.tombstone || record.value.lookups[name] !== id) continue;
      yield { table: child, id: record.value.id, newLinks: [name] };
    }
  }
}
