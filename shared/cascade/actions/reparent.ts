/**
 * Reparent moves the root under another parent and calculates anew what it and its subtree inherit.
 *
 *  M1  Rights from the old parent's line go, those from the new parent's line come; direct rights, and those from other
 *      records, stay. Both lines are as they were when the job was made.
 *  M2  A record that is under the old parent by another lookup as well loses nothing; one that has another source of rights
 *      as a parent of its own keeps what came from there.
 */
import { lookupsOf } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { isReached } from '../../records/reach.ts';
import { lookupProperty } from '../../records/record-row.ts';
import { NO_ROW, unpackShares } from '../../records/shares/share-rows.ts';
import { NO_SHARES, revoke, type ShareSet, unionOf } from '../../records/shares/share-set.ts';
import type { CellValue } from '../../storage/table.ts';
import {
  type ActionRule,
  type CurrentRecord,
  DELETED_MEANWHILE,
  type Decision,
  type PlanOf,
  waitForTransaction,
} from './action-rule.ts';
import { writeShares } from './write-shares.ts';

type ReparentPlan = PlanOf<'reparent'>;

/** The rule of Reparent. */
export const reparentRule: ActionRule<ReparentPlan> = {
  order: 'rootFirst',
  fences: false,
  decidesAsFound: false,
  readsShares: () => true,
  reads: (_plan, table) => ['createdOn', ...lookupsOf(table).map(({ name }) => lookupProperty(name))],
  effectOf: ({ formerOwnerId }, behavior, child) => (isReached(behavior, child, formerOwnerId) ? 'change' : 'none'),
  decide(plan, _found, current, { table }): Decision {
    if (!current || current.isDeleted) return { kind: 'skip', text: DELETED_MEANWHILE };
    const wait = waitForTransaction(table, current);
    if (wait) return wait;
    const before = current.shares ?? NO_ROW;
    const isRoot = current.id === plan.recordId && table === plan.table;
    const parents = parentsOf(table, current, isRoot ? plan.relationship : undefined);
    const shares = writeShares(current.id, before, inherit(plan, before.set, parents));
    const move = isRoot ? moveRoot(plan, current) : undefined;
    if (!move && !shares) return { kind: 'keep' };
    const changes = [...(move?.changes ?? []), ...(shares?.changes ?? [])];
    return { kind: 'write', set: {}, bumpsVersion: false, ...move, ...shares, changes };
  },
};

function moveRoot(
  { relationship, parentId }: ReparentPlan,
  { cells }: CurrentRecord,
): Pick<Extract<Decision, { kind: 'write' }>, 'set' | 'bumpsVersion' | 'relinks' | 'changes'> | undefined {
  const property = lookupProperty(relationship);
  const from = textOf(cells[property]);
  const to = parentId ?? undefined;
  if (from === to) return undefined;
  return {
    set: { [property]: to ?? '' },
    bumpsVersion: true,
    relinks: [{ relationship, from, to }],
    changes: [{ name: `lookups.${relationship}`, old: from ?? null, new: parentId }],
  };
}

function inherit(
  { formerParentId, loses, gains }: ReparentPlan,
  set: ShareSet,
  parents: ReadonlySet<string>,
): ShareSet {
  const lost = formerParentId !== null && parents.has(formerParentId) ? NO_SHARES : unpackShares(loses);
  let rest = set;
  for (const [principal, { inherited }] of lost) {
    for (const from of inherited.keys()) {
      if (!parents.has(from)) rest = revoke(rest, principal, { kind: 'inherited', from });
    }
  }
  return unionOf(rest, unpackShares(gains));
}

/** The parents of a record, but for the one that a relationship names. */
function parentsOf(table: TableName, { cells }: CurrentRecord, except: string | undefined): Set<string> {
  const names = lookupsOf(table).flatMap(({ name }) => (name === except ? [] : [name]));
  return new Set(names.flatMap((name) => textOf(cells[lookupProperty(name)]) ?? []));
}

function textOf(cell: CellValue | undefined): string | undefined {
  return typeof cell === 'string' && cell !== '' ? cell : undefined;
}
