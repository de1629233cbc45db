/**
 * Delete turns records into tombstones, children before parents, and takes links out of those that only lose their parent.
 *
 *  DELETE-1  A record that somebody else has removed breaks the job: the set is not what was asked for any more (C7).
 *  DELETE-2  A record is deleted only under the fence that was set before its children were looked for, so that none is left.
 *  DELETE-3  What a record that is unlinked inherited over the link goes with it, and from all that lies below.
 */
import { lookupsOf, relationshipsUnder } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { lookupProperty } from '../../records/record-row.ts';
import { inheritsAny } from '../../records/shares/share-set.ts';
import type { FoundRecord } from '../identify/found-records.ts';
import {
  type ActionRule,
  type CurrentRecord,
  DELETED_MEANWHILE,
  type Decision,
  type PlanOf,
  waitForTransaction,
} from './action-rule.ts';

/** The rule of Delete. */
export const deleteRule: ActionRule<PlanOf<'delete'>> = {
  order: 'deepestFirst',
  fences: true,
  decidesAsFound: true,
  readsShares: () => false,
  writesShares: () => false,
  follow: () => ({ holds: inheritsAny, behaviors: {}, from: 'unlink' }),
  reads: (_plan, table) => [
    'deletedByJob',
    'createdOn',
    'state',
    ...lookupsOf(table).map(({ name }) => lookupProperty(name)),
  ],
  effectOf(_plan, behavior) {
    switch (behavior) {
      case 'All':
      case 'Active':
      case 'UserOwned':
        return 'change';
      case 'RemoveLink':
        return 'unlink';
      case 'Restrict':
        return 'restrict';
      case 'None':
        return 'none';
    }
  },
  decide(plan, found, current, at) {
    return found.effect === 'unlink' ? unlink(found, current, at.table) : remove(plan, found, current, at);
  },
};

/** Whether nothing can be under records of a table, so that they need no fence. */
export function isLeaf(table: TableName): boolean {
  return relationshipsUnder(table).length === 0;
}

function unlink(found: FoundRecord, current: CurrentRecord | undefined, table: TableName): Decision {
  if (!current || current.isDeleted) return { kind: 'skip', text: DELETED_MEANWHILE };
  const wait = waitForTransaction(table, current);
  if (wait) return wait;
  const links = linksThatHold(found, current);
  if (links.length === 0) return { kind: 'keep' };
  const set = Object.fromEntries(links.map(({ relationship }) => [lookupProperty(relationship), '']));
  const changes = links.map(({ relationship, parentId }) => {
    return { name: `lookups.${relationship}`, old: parentId, new: null };
  });
  return { kind: 'write', set, bumpsVersion: true, changes, access: { owing: [], follows: false } };
}

function remove(
  { jobId, by }: PlanOf<'delete'>,
  found: FoundRecord,
  current: CurrentRecord | undefined,
  { table, on }: { readonly table: TableName; readonly on: string },
): Decision {
  // A plug-in of the job itself was faster.
  if (current?.isDeleted && current.cells.deletedByJob === jobId) return { kind: 'keep' };
  if (!current || current.isDeleted) {
    return { kind: 'broken', text: `The ${table} ${found.id} was to be deleted, but somebody else has removed it.` };
  }
  const wait = waitForTransaction(table, current);
  if (wait) return wait;
  if (!current.isAsFound) {
    if (found.links.length > 0 && linksThatHold(found, current).length === 0) {
      return { kind: 'skip', text: 'It was moved away before its turn came.' };
    }
    if (!isLeaf(table) && current.fencedBy !== jobId) {
      return { kind: 'broken', text: `The ${table} ${found.id} may have got new records under it.` };
    }
  }
  const set = { deletedOn: on, deletedBy: by, deletedByJob: jobId, lockKind: '', lockJob: '' };
  return { kind: 'write', set, bumpsVersion: true, changes: [{ name: 'deletedOn', old: null, new: on }] };
}

/** The links under which a record was found that it still has. */
function linksThatHold(
  { links }: FoundRecord,
  { isAsFound, cells }: CurrentRecord,
): { relationship: string; parentId: string }[] {
  return links
    .map((link) => {
      const at = link.indexOf('|');
      return { relationship: link.slice(0, at), parentId: link.slice(at + 1) };
    })
    .filter(({ relationship, parentId }) => isAsFound || cells[lookupProperty(relationship)] === parentId);
}
