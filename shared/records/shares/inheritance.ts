/**
 * What a record may hold of inherited rights, and what it is owed: the pure part. Every action that gives, cuts or moves a
 * line asks here.
 *
 *  ACCESS-1  A record may hold a right from a source only while one of its living parents holds that source's right too, over a
 *      relationship that passes rights on (its Share or Reparent isn't None).
 *  ACCESS-2  It is owed what its parents hold, over relationships whose Reparent reaches it, when it is made, linked, moved or
 *      brought back.
 *  ACCESS-3  Direct rights are nobody's business here, and no record inherits from itself.
 */
import { handedDown, maskFrom, NO_SHARES, type ShareSet, unionOf, withMask } from './share-set.ts';

/** A record's tie to one of its parents. */
export interface ParentRights {
  readonly relationship: string;
  readonly parentId: string;
  /** What the parent itself holds; nothing when it doesn't live. */
  readonly rights: ShareSet;
  /** Whether the relationship passes rights on at all. */
  readonly passes: boolean;
  /** The relationship's Reparent is All, so that what the parent holds is owed at any time. */
  readonly owesAlways: boolean;
  /** Its Reparent reaches the record as it is now. */
  readonly owesNow: boolean;
}

/** The part of a record's shares that its parents bear out; the very same set where they bear out all of it. */
export function bound(recordId: string, set: ShareSet, parents: readonly ParentRights[]): ShareSet {
  const allowed = unionOfParents(
    recordId,
    parents.filter(({ passes }) => passes),
  );
  let kept = set;
  for (const [principal, { inherited }] of set) {
    for (const [from, mask] of inherited) {
      const source = { kind: 'inherited', from } as const;
      kept = withMask(kept, principal, source, mask & maskFrom(allowed, principal, source));
    }
  }
  return kept;
}

/** What parents owe a record that has just been put under them. */
export function owed(recordId: string, parents: readonly ParentRights[]): ShareSet {
  return unionOfParents(
    recordId,
    parents.filter(({ owesNow }) => owesNow),
  );
}

/** What parents owe a record at any time. */
export function owedAlways(recordId: string, parents: readonly ParentRights[]): ShareSet {
  return unionOfParents(
    recordId,
    parents.filter(({ owesAlways }) => owesAlways),
  );
}

function unionOfParents(recordId: string, parents: readonly ParentRights[]): ShareSet {
  let union = NO_SHARES;
  for (const { parentId, rights } of parents) {
    if (rights.size > 0 && parentId !== recordId) union = unionOf(union, handedDown(rights, parentId));
  }
  for (const principal of union.keys()) {
    union = withMask(union, principal, { kind: 'inherited', from: recordId }, 0);
  }
  return union;
}
