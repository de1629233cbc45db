import { rightsOf } from '../../shares/rights.ts';
import { type StoredShares, shareWrite } from '../../shares/share-rows.ts';
import { maskFrom, type ShareSet, sourcesOf } from '../../shares/share-set.ts';
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

function textOf(mask: number): string | null {
  return mask === 0 ? null : rightsOf(mask).join(', ');
}
