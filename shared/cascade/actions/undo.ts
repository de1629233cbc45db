/**
 * Undo writes back what another job's change log holds as the old values.
 *
 *  UNDO-1  A record is written only in the very version that the other job gave it: what was changed since is left alone. A
 *      change of shares alone made no version: it is taken back while those shares are as the job left them.
 *      What plug-ins have made or deleted in addition to the job's records is named and left.
 *  UNDO-2  What is undone is itself logged, so that an undo can be undone.
 *  UNDO-3  Inherited rights come back only as far as the parents of today bear them out; parents that a record is put under
 *      again owe it what they hold.
 */
import { lookupsOf } from '../../catalogue/relationships.ts';
import { columnsOf, type TableName } from '../../catalogue/tables.ts';
import { columnProperty, lookupProperty, NO_VALUE, recordProperties } from '../../records/record-row.ts';
import { NO_ROW } from '../../records/shares/share-rows.ts';
import type { ShareSet } from '../../records/shares/share-set.ts';
import { NO_TOMBSTONE } from '../../records/tombstones.ts';
import type { CellValue } from '../../storage/table.ts';
import type { ValueChange } from '../ports.ts';
import {
  type ActionRule,
  type CurrentRecord,
  DELETED_MEANWHILE,
  type Decision,
  type PlanOf,
  type Relink,
  waitForTransaction,
} from './action-rule.ts';
import { isShareChange, restoreShares } from './write-shares.ts';

const LOOKUP = 'lookups.';

/** Undo of an action that changed neither shares nor what is deleted. */
export const undoRule: ActionRule<PlanOf<'undo'>> = {
  order: 'rootFirst',
  fences: false,
  decidesAsFound: false,
  readsShares: () => false,
  writesShares: () => false,
  // Columns too: a merge and plug-ins change them, and lists find a record by its words.
  reads: (_plan, table) => recordProperties(table),
  effectOf: () => 'none',
  decide(plan, { version, logged = [] }, current, { table }) {
    if (!current) return { kind: 'skip', text: 'It is gone for good.' };
    const wait = waitForTransaction(table, current);
    if (wait) return wait;
    const left = leftByUndo(plan, table, current.id, logged);
    if (left !== undefined) return { kind: 'skip', text: left };
    const isOfShares = logged.every(({ name }) => isShareChange(name));
    if (isOfShares && current.isDeleted) return { kind: 'skip', text: DELETED_MEANWHILE };
    if (!isOfShares && current.version !== version) {
      return {
        kind: 'skip',
        text: `It was changed since: it has version ${current.version}, the job gave it ${version}.`,
      };
    }
    if (current.fencedBy !== undefined && current.fencedBy !== plan.jobId) {
      return { kind: 'skip', text: `Job ${current.fencedBy} is deleting it.` };
    }
    return writeBack(current, table, logged);
  },
};

/** Undo of an action that changes shares: rights that others have given or taken since are left alone, and with them the record (UNDO-1). */
export const undoSharesRule: typeof undoRule = { ...undoRule, order: 'topDown', readsShares: () => true };

/** What was deleted last comes back first, one rank after the other, so that parents are there before their children. */
export const undoDeleteRule: typeof undoRule = { ...undoSharesRule, order: 'deepestFirst' };

/** What plug-ins made or deleted is left to a person: an undo sets no fences, and nobody asked for it by name. */
function leftByUndo(
  { undoneAction }: PlanOf<'undo'>,
  table: TableName,
  id: string,
  logged: readonly ValueChange[],
): string | undefined {
  const names = logged.map(({ name }) => name);
  if (names.includes('createdOn')) return 'A plug-in made it. DELETE it if it is not wanted any more.';
  if (undoneAction === 'delete' || !names.includes('deletedOn')) return undefined;
  return `A plug-in deleted it. POST /api/tables/${table}/${id}/restore brings it back.`;
}

function writeBack(
  { id, cells, shares: before = NO_ROW }: CurrentRecord,
  table: TableName,
  logged: readonly ValueChange[],
): Decision {
  const set: Record<string, CellValue> = {};
  const relinks: Relink[] = [];
  for (const { name, old, new: now } of logged) {
    const plain = formerValue(table, name, old);
    if (plain) Object.assign(set, plain);
    else if (name === 'deletedOn') {
      // A record goes only under fences, which an undo doesn't set.
      if (old !== null) return { kind: 'skip', text: 'It was brought back. To delete it again, DELETE it.' };
      Object.assign(set, NO_TOMBSTONE);
      relinks.push(...parentsOf(table, cells));
    } else if (name.startsWith(LOOKUP)) {
      const relationship = name.slice(LOOKUP.length);
      set[lookupProperty(relationship)] = old === null ? '' : String(old);
      relinks.push({ relationship, from: textOf(now), to: textOf(old) });
    } else if (!isShareChange(name)) return { kind: 'fail', text: `The change of ${name} of ${id} can't be undone.` };
  }
  return withShares(before.set, logged, { set, relinks });
}

/** The decision that writes values back, with the shares that were logged. */
function withShares(
  before: ShareSet,
  logged: readonly ValueChange[],
  { set, relinks }: Pick<Extract<Decision, { kind: 'write' }>, 'set'> & { readonly relinks: readonly Relink[] },
): Decision {
  const others = logged.filter(({ name }) => !isShareChange(name));
  const isOfShares = others.length === 0;
  const restored = restoreShares(before, logged);
  if (isOfShares && restored.isChanged) return { kind: 'skip', text: 'Its shares were changed since.' };
  if (isOfShares && restored.set === before) return { kind: 'keep' };
  const changes = others.map(({ name, old, new: now }) => ({ name, old: now, new: old }));
  const owing = relinks.flatMap(({ relationship, to }) => (to === undefined ? [] : [relationship]));
  const access = { propose: (shares: ShareSet) => restoreShares(shares, logged).set, owing, follows: false };
  const followsLine = relinks.length > 0 || others.length < logged.length;
  return { kind: 'write', set, bumpsVersion: !isOfShares, relinks, changes, ...(followsLine && { access }) };
}

/** What comes back names its parents again: they must live. */
function parentsOf(table: TableName, cells: CurrentRecord['cells']): Relink[] {
  return lookupsOf(table).flatMap(({ name: relationship }) => {
    const to = cells[lookupProperty(relationship)];
    return typeof to === 'string' && to !== '' ? [{ relationship, from: undefined, to }] : [];
  });
}

/** The property that holds a value of the record itself; undefined for what is more than that. */
function formerValue(table: TableName, name: string, old: ValueChange['old']): Record<string, CellValue> | undefined {
  if (name === 'ownerId' || name === 'state') return { [name]: String(old) };
  return Object.hasOwn(columnsOf(table), name) ? { [columnProperty(name)]: old ?? NO_VALUE } : undefined;
}

function textOf(value: ValueChange['old']): string | undefined {
  return value === null ? undefined : String(value);
}
