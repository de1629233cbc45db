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

type SharePart = Pick<Extract<Decision, { kind: 'write' }>, 'shareWrites' | 'newReaders' | 'changes'>;

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
  return { changes, newReaders, shareWrites: [shareWrite(recordId, before, set)] };
}

/**
 * The part of a decision that takes logged changes of shares back; undefined when there is nothing to do, `changed` when
 * somebody has given or taken these rights since.
 */
export function restoreShares(
  recordId: string,
  before: StoredShares,
  logged: readonly ValueChange[],
): SharePart | 'changed' | undefined {
  let set = before.set;
  for (const { name, old, new: now } of logged) {
    const [, principal, from] = SHARE_NAME.exec(name) ?? [];
    if (principal === undefined) continue;
    const source: ShareSource = from === undefined ? DIRECT : { kind: 'inherited', from };
    if (textOf(maskFrom(set, principal, source)) !== now) return 'changed';
    set = withMask(set, principal, source, maskOfText(old));
  }
  return writeShares(recordId, before, set);
}

/** Whether a logged change is one of shares. */
export function isShareChange(name: string): boolean {
  return SHARE_NAME.test(name);
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
