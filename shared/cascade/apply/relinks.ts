/** Moving records from parent to parent around the transaction of a chunk, in the order of RECORD-2 and RECORD-5 (record-store.ts). */
import type { TableName } from '../../catalogue/tables.ts';
import type { Hint } from '../../records/child-hints.ts';
import { parentProblem, putHints } from '../../records/parent-links.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { atOnce, type InSlot } from '../fair-gate.ts';
import type { Decided } from './write-part.ts';

/** Hints of a parent that lead nowhere once the transaction is done. */
export interface OldHints {
  readonly relationship: string;
  readonly parentId: string;
  readonly hints: readonly Hint[];
}

interface Move {
  readonly id: string;
  readonly createdOn: string;
  readonly relationship: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** The hints of one parent share a partition. Where that is large, a transaction in the emulator takes long: nobody is to wait for more than this. */
const HINTS_PER_SLOT = 25;

/**
 * Puts the hints of new parents, looks at these parents, and finds the hints of the old ones. Gives why a record can't be
 * under its new parent, by record; `wait` when a parent can't be judged now.
 */
export async function beginRelinks(
  recordStore: RecordStore,
  table: TableName,
  decided: readonly Decided[],
  inSlot: InSlot = atOnce,
): Promise<{ readonly wait: string } | { readonly problems: Map<string, string>; readonly oldHints: OldHints[] }> {
  const moves = decided.flatMap(({ id, current, decision }): Move[] =>
    decision.kind === 'write'
      ? (decision.relinks ?? []).map((relink) => ({ id, createdOn: String(current?.cells.createdOn ?? ''), ...relink }))
      : [],
  );
  const problems = new Map<string, string>();
  if (moves.length === 0) return { problems, oldHints: [] };
  const arriving = moves.flatMap(({ to, ...move }) => (to === undefined ? [] : [{ ...move, to }]));
  const newHints = arriving.map(({ relationship, to: parentId, id: childId, createdOn }) => ({
    relationship,
    parentId,
    childId,
    createdOn,
  }));
  await groupsInSlots(newHints, inSlot, (some) => putHints(recordStore.tables, some));
  const parents = [...new Set(arriving.map(({ relationship, to }) => `${relationship}|${to}`))];
  const refusals = await mapParallel(parents, MAX_PARALLEL, async (pair) => {
    const [relationship = '', parentId = ''] = pair.split('|');
    return [pair, await parentProblem(recordStore.tables, table, relationship, parentId)] as const;
  });
  for (const [pair, problem] of refusals) {
    if (problem?.slug === 'locked') return { wait: problem.message };
    if (!problem) continue;
    for (const { id, relationship, to } of arriving)
      if (`${relationship}|${to}` === pair) problems.set(id, problem.message);
  }
  const leaving = moves.flatMap(({ from, ...move }) => (from === undefined ? [] : [{ ...move, from }]));
  const families = groupBy(leaving, ({ relationship, from }) => `${relationship}|${from}`);
  const oldHints = await mapParallel(families, MAX_PARALLEL, async (family): Promise<OldHints[]> => {
    const [first] = family;
    if (!first) return [];
    const { relationship, from: parentId } = first;
    const ids = family.map(({ id }) => id);
    return [{ relationship, parentId, hints: await recordStore.hints(relationship).findMany(parentId, ids) }];
  });
  return { problems, oldHints: oldHints.flat() };
}

/** Removes hints that nobody has renewed since they were found. One that a crash leaves only leads nowhere. */
export async function endRelinks(
  recordStore: RecordStore,
  oldHints: readonly OldHints[],
  inSlot: InSlot = atOnce,
): Promise<void> {
  await mapParallel(oldHints, MAX_PARALLEL, ({ relationship, parentId, hints }) =>
    groupsInSlots(hints, inSlot, (some) => recordStore.hints(relationship).removeMany(parentId, some)),
  );
}

async function groupsInSlots<T>(
  items: readonly T[],
  inSlot: InSlot,
  work: (some: readonly T[]) => Promise<void>,
): Promise<void> {
  const groups = groupBy(items, () => '', HINTS_PER_SLOT);
  await mapParallel(groups, MAX_PARALLEL, (group) => inSlot(() => work(group)));
}
