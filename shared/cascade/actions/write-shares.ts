import { maskOf, RIGHTS, rightsOf } from '../../records/shares/rights.ts';
import { type StoredShares, shareWrite } from '../../records/shares/share-rows.ts';
import {
  DIRECT,
  maskFrom,
  type ShareSet,
  type ShareSource,
  sourcesOf,
  withMask,
} from '../../records/shares/share-set.ts';
import type { ValueChange } from '../ports.ts';
import type { Decision } from './action-rule.ts';

type SharePart = Pick<Extract<Decision, { kind: 'write' }>, 'shares' | 'shareWrites' | 'newReaders' | 'changes'>;

/**
 * The part of a decision that gives a record these shares; undefined when they are what it has. Changes are named
 * `shares.<user>`, those of inherited rights `shares.<user>|<record that they came from>`.
 */
export function writeShares(recordId: string, before: StoredShares, set: ShareSet): SharePart | undefined {
  const changes: ValueChange[] = [];
  for (const principal of new Set([...before.set.keys(), ...set.keys()])) {
    for (const source of sourcesOf(principal, before.set, set)) {
      const [old, now] = [maskFrom(before.set, principal, source), maskFrom(set, principal, source)];
      if (old === now) continue;
      const name = `shares.${principal}${source.kind === 'direct' ? '' : `|${source.from}`}`;
      changes.push({ name, old: textOf(old), new: textOf(now) });
    }
  }
  if (changes.length === 0) return undefined;
  const newReaders = [...set.keys()].filter((principal) => !before.set.has(principal));
  return { changes, newReaders, shares: set, shareWrites: [shareWrite(recordId, before, set)] };
}

/**
 * The shares of a record once logged changes of them are taken back; rights that somebody has given or taken since stay as
 * they are, and `isChanged` tells of them.
 */
export function restoreShares(
  before: ShareSet,
  logged: readonly ValueChange[],
): { readonly set: ShareSet; readonly isChanged: boolean } {
  let set = before;
  let isChanged = false;
  for (const { name, old, new: now } of logged) {
    const [, principal, from] = SHARE_NAME.exec(name) ?? [];
    if (principal === undefined) continue;
    const source: ShareSource = from === undefined ? DIRECT : { kind: 'inherited', from };
    const current = textOf(maskFrom(set, principal, source));
    if (current === now) set = withMask(set, principal, source, maskOfText(old));
    else if (current !== old) isChanged = true;
  }
  return { set, isChanged };
}

/** Whether a logged change is one of shares. */
export function isShareChange(name: string): boolean {
  return SHARE_NAME.test(name);
}

/** Whether a logged change takes rights away. */
export function takesRights({ name, old, new: now }: ValueChange): boolean {
  return isShareChange(name) && (maskOfText(old) & ~maskOfText(now)) !== 0;
}

/** User ids hold no `|`. */
const SHARE_NAME = /^shares\.([^|]+)(?:\|(.+))?$/;

const SEPARATOR = ', ';

function textOf(mask: number): string | null {
  return mask === 0 ? null : rightsOf(mask).join(SEPARATOR);
}

function maskOfText(text: ValueChange['old']): number {
  const rights = String(text ?? '').split(SEPARATOR);
  return maskOf(RIGHTS.filter((right) => rights.includes(right)));
}
