/**
 * What is related to a record, down the hierarchy: activities, cases and orders, over the relationships whose RollupView
 * includes them. First all hints below the record are followed, then the records of one page are looked at.
 *
 *  ROLLUP-1  A record counts once, under the shortest way that holds: each step's lookup leads to the step before, and
 *      its behaviour reaches the child.
 *  ROLLUP-2  Only records that lead further down are read on the way; the others when their page comes.
 */

import { type Behavior, findRelationship, type Relationship, relationshipsUnder } from '../catalogue/relationships.ts';
import type { TableName } from '../catalogue/tables.ts';
import { isReached } from '../records/reach.ts';
import type { StoredRecord } from '../records/record.ts';
import type { RecordTables } from '../records/record-tables.ts';
import { MAX_PARALLEL, mapParallel } from '../storage/parallel.ts';

/** Tables whose records a rollup lists. Records of others are on the way only. */
const ROLLED_UP: ReadonlySet<TableName> = new Set<TableName>(['activity', 'case', 'order']);

/** A way to a record: over these relationships, the last of them from this parent. */
interface Way {
  readonly via: readonly string[];
  readonly parentId: string;
}

/** A record that hints lead to; whether one of its ways holds, the record itself says. */
export interface Candidate {
  readonly table: TableName;
  readonly id: string;
  readonly createdOn: string;
  /** Shortest first. */
  readonly ways: readonly Way[];
}

/** A related record and the relationships that lead to it. */
export interface RolledUp {
  readonly record: StoredRecord;
  readonly via: readonly string[];
}

/** Whose rollup, and by which behaviours. */
export interface RollupQuery {
  readonly root: StoredRecord;
  /** Behaviour of RollupView by relationship. */
  readonly behaviors: Readonly<Record<string, Behavior>>;
}

interface Parent {
  readonly table: TableName;
  readonly id: string;
  readonly via: readonly string[];
}

/** All that hints lead to below a record, newest first. */
export async function findCandidates(tables: RecordTables, query: RollupQuery): Promise<Candidate[]> {
  const { id, table } = query.root.value;
  const found = new Map<string, Candidate & { ways: Way[] }>();
  const visited = new Set([keyOf(query.root.value)]);
  let level: Parent[] = [{ table, id, via: [] }];
  while (level.length > 0) {
    const fresh = new Map<string, Candidate & { ways: Way[] }>();
    await mapParallel(stepsFrom(level, query), MAX_PARALLEL, async ({ parent, relationship }) => {
      const way: Way = { via: [...parent.via, relationship.name], parentId: parent.id };
      for await (const { childId, createdOn } of tables.hints(relationship.name).of(parent.id)) {
        const child = { table: relationship.child, id: childId, createdOn };
        const key = keyOf(child);
        const known = fresh.get(key);
        if (known) known.ways.push(way);
        else fresh.set(key, { ...child, ways: [way] });
      }
    });
    for (const [key, { ways, ...candidate }] of fresh) {
      if (!ROLLED_UP.has(candidate.table)) continue;
      ways.sort(byVia);
      const known = found.get(key);
      if (known) known.ways.push(...ways);
      else found.set(key, { ...candidate, ways: [...ways] });
    }
    level = await nextLevel(tables, query, [...fresh.values()], visited);
  }
  found.delete(keyOf(query.root.value));
  return [...found.values()].sort(newestFirst);
}

/** Those of the candidates, all of one table, that are there and under the root, in their order. */
export async function lookAt(
  tables: RecordTables,
  query: RollupQuery,
  candidates: readonly Candidate[],
): Promise<RolledUp[]> {
  const [first] = candidates;
  if (!first) return [];
  const records = await tables.findMany(
    first.table,
    candidates.map(({ id }) => id),
  );
  return candidates.flatMap(({ ways }, at): RolledUp[] => {
    const record = records[at];
    const way = record && !record.tombstone ? ways.find((each) => holds(query, record, each)) : undefined;
    return record && way ? [{ record, via: way.via }] : [];
  });
}

/** The order of a rollup: newest first. */
export function newestFirst(a: Pick<Candidate, 'createdOn' | 'id'>, b: Pick<Candidate, 'createdOn' | 'id'>): number {
  if (a.createdOn !== b.createdOn) return a.createdOn < b.createdOn ? 1 : -1;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function stepsFrom(
  level: readonly Parent[],
  { behaviors }: RollupQuery,
): { parent: Parent; relationship: Relationship }[] {
  return level.flatMap((parent) =>
    relationshipsUnder(parent.table)
      .filter(({ name }) => behaviors[name] !== undefined)
      .map((relationship) => ({ parent, relationship })),
  );
}

/** The records to go on from: those that lead further down and weren't gone on from yet. */
async function nextLevel(
  tables: RecordTables,
  query: RollupQuery,
  fresh: readonly Candidate[],
  visited: Set<string>,
): Promise<Parent[]> {
  const leading = fresh.filter(
    (candidate) => stepsFrom([{ ...candidate, via: [] }], query).length > 0 && !visited.has(keyOf(candidate)),
  );
  const byTable = [...new Set(leading.map(({ table }) => table))].map((table) =>
    leading.filter((candidate) => candidate.table === table),
  );
  const looked = await Promise.all(byTable.map((candidates) => lookAt(tables, query, candidates)));
  return looked.flat().map(({ record: { value }, via }) => {
    visited.add(keyOf(value));
    return { table: value.table, id: value.id, via };
  });
}

function holds({ root, behaviors }: RollupQuery, { value }: StoredRecord, { via, parentId }: Way): boolean {
  const relationship = findRelationship(via.at(-1) ?? '');
  if (relationship?.child !== value.table || value.lookups[relationship.name] !== parentId) return false;
  return isReached(behaviors[relationship.name] ?? 'None', value, root.value.ownerId);
}

function keyOf({ table, id }: { readonly table: TableName; readonly id: string }): string {
  return `${table}|${id}`;
}

function byVia(a: Way, b: Way): number {
  const [left, right] = [a.via.join(), b.via.join()];
  return left < right ? -1 : Number(left > right);
}
