/** What each action takes of the user who makes it: one table, read before a cascade begins, before each batch, and by previews. */
import type { PrivilegeAction } from '../../security/privileges.ts';

/** The actions that a person can ask for. */
export const CASCADE_ACTIONS = ['assign', 'delete', 'merge', 'share', 'unshare', 'reparent'] as const;
export type CascadeAction = (typeof CASCADE_ACTIONS)[number];

/** Privileges that an action takes. */
export interface ActionNeeds {
  /** On the root, and on the table of each record that is changed. */
  readonly each: readonly PrivilegeAction[];
  /** On the record that others are put under: the target of a merge, the new parent. */
  readonly target: readonly PrivilegeAction[];
  /** Of the user who becomes owner, on each of these tables. */
  readonly newOwner: readonly PrivilegeAction[];
}

/** What each action needs; `undoDelete` brings records back, which takes what restoring one does. */
export const ACTION_NEEDS: Readonly<Record<CascadeAction | 'undoDelete', ActionNeeds>> = {
  assign: { each: ['Assign', 'Write', 'Read'], target: [], newOwner: ['Read'] },
  delete: { each: ['Delete', 'Read'], target: [], newOwner: [] },
  undoDelete: { each: ['Create', 'Delete', 'Read'], target: [], newOwner: [] },
  merge: { each: ['Merge', 'Write', 'Read'], target: ['Share', 'AppendTo'], newOwner: [] },
  share: { each: ['Share', 'Read'], target: [], newOwner: [] },
  unshare: { each: ['Share', 'Read'], target: [], newOwner: [] },
  reparent: { each: ['Write', 'Append'], target: ['AppendTo'], newOwner: [] },
};
