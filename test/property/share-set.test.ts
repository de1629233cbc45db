import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restoreShares, writeShares } from '../../shared/cascade/actions/write-shares.ts';
import { bound, owed } from '../../shared/records/shares/inheritance.ts';
import { maskOf, RIGHTS, rightsOf } from '../../shared/records/shares/rights.ts';
import { NO_ROW, packShares, unpackShares } from '../../shared/records/shares/share-rows.ts';
import {
  DIRECT,
  effectiveMask,
  grant,
  handedDown,
  maskFrom,
  NO_SHARES,
  revoke,
  type ShareSet,
  type ShareSource,
  unionOf,
} from '../../shared/records/shares/share-set.ts';

const PARENT = '33333333-3333-4333-8333-333333333333';
const principal = fc.constantFrom('ann', 'bob', 'c.d-e_1');
const from = fc.constantFrom('11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222');
const source: fc.Arbitrary<ShareSource> = fc.oneof(
  fc.constant(DIRECT),
  from.map((id) => ({ kind: 'inherited', from: id }) as const),
);
const mask = fc.integer({ min: 0, max: maskOf(RIGHTS) });
const line = fc.record({ principal, source, mask });
const set: fc.Arbitrary<ShareSet> = fc
  .array(line, { maxLength: 8 })
  .map((lines) => lines.reduce((all, each) => grant(all, each.principal, each.source, each.mask), NO_SHARES));

const nameOf = ({ principal: who, source: by }: { principal: string; source: ShareSource }) =>
  `shares.${who}${by.kind === 'direct' ? '' : `|${by.from}`}`;

/** The rights of one line in the change log's words. */
const rightsIn = (shares: ShareSet, { principal: who, source: by }: { principal: string; source: ShareSource }) =>
  rightsOf(maskFrom(shares, who, by)).join(', ') || null;

/** Everything that a set says, in an order of its own. */
const told = (shares: ShareSet) =>
  packShares(shares)
    .split('\n')
    .map((each) => each.split(' ').sort());

describe('C16 direct and inherited rights are kept apart', () => {
  it('a right that was granted is effective, and revoking its source takes exactly that away', () => {
    fc.assert(
      fc.property(set, line, (before, { principal: who, source: by, mask: given }) => {
        const after = grant(before, who, by, given);
        expect(maskFrom(after, who, by)).toBe(maskFrom(before, who, by) | given);
        expect(effectiveMask(after, who) & given).toBe(given);
        expect(told(revoke(after, who, by))).toEqual(told(revoke(before, who, by)));
      }),
    );
  });

  it('what others have, and what comes from other sources, stays whatever is granted or revoked', () => {
    fc.assert(
      fc.property(set, line, principal, source, (before, each, other, otherSource) => {
        fc.pre(other !== each.principal || JSON.stringify(otherSource) !== JSON.stringify(each.source));
        for (const after of [
          grant(before, each.principal, each.source, each.mask),
          revoke(before, each.principal, each.source),
        ]) {
          expect(maskFrom(after, other, otherSource)).toBe(maskFrom(before, other, otherSource));
        }
      }),
    );
  });

  it('what a record hands down is all inherited, with the record as the source of what it was given directly', () => {
    fc.assert(
      fc.property(set, principal, source, (shares, who, by) => {
        const down = handedDown(shares, PARENT);
        expect(effectiveMask(down, who)).toBe(effectiveMask(shares, who));
        expect(maskFrom(down, who, DIRECT)).toBe(0);
        expect(maskFrom(down, who, { kind: 'inherited', from: PARENT })).toBe(maskFrom(shares, who, DIRECT));
        if (by.kind === 'inherited') expect(maskFrom(down, who, by)).toBe(maskFrom(shares, who, by));
      }),
    );
  });

  it('C25 parents bear out a right from a source only as far as one of them holds it and passes it on', () => {
    fc.assert(
      fc.property(set, set, fc.boolean(), fc.boolean(), principal, source, (before, held, passes, owes, who, by) => {
        const parent = { relationship: 'r', parentId: PARENT, rights: held, passes: passes || owes };
        const parents = [{ ...parent, owesNow: owes, owesAlways: owes }];
        const down = handedDown(held, PARENT);
        const kept = bound('child', before, parents);
        const borne = by.kind === 'direct' ? -1 : parent.passes ? maskFrom(down, who, by) : 0;
        expect(maskFrom(kept, who, by)).toBe(maskFrom(before, who, by) & borne);
        expect(bound('child', kept, parents)).toBe(kept);
        const due = owed('child', parents);
        expect(maskFrom(due, who, by)).toBe(owes ? maskFrom(down, who, by) : 0);
        expect(bound('child', due, parents)).toBe(due);
        expect(maskFrom(owed(PARENT, parents), who, { kind: 'inherited', from: PARENT })).toBe(0);
      }),
    );
  });

  it('a union gives what either gives, in any order, and once is enough', () => {
    fc.assert(
      fc.property(set, set, principal, source, (a, b, who, by) => {
        const union = unionOf(a, b);
        expect(maskFrom(union, who, by)).toBe(maskFrom(a, who, by) | maskFrom(b, who, by));
        expect(told(unionOf(b, a))).toEqual(told(union));
        expect(unionOf(union, b)).toBe(union);
      }),
    );
  });

  it('C20 what a change gave or took is given back from its log, unless somebody was there since', () => {
    fc.assert(
      fc.property(set, set, line, (before, after, late) => {
        const stored = (shares: ShareSet) => ({ ...NO_ROW, set: shares });
        const changes = writeShares(PARENT, stored(before), after)?.changes ?? [];
        const back = restoreShares(after, changes);
        expect([told(back.set), back.isChanged]).toEqual([told(before), false]);
        expect(restoreShares(before, changes)).toEqual({ set: before, isChanged: false });
        const touched = grant(after, late.principal, late.source, late.mask);
        const change = changes.find(({ name }) => name === nameOf(late));
        const isLost = touched !== after && change && rightsIn(touched, late) !== change.old;
        expect(restoreShares(touched, changes).isChanged).toBe(Boolean(isLost));
      }),
    );
  });

  it('a set is stored without loss, and nobody is in it without a right', () => {
    fc.assert(
      fc.property(set, (shares) => {
        expect(told(unpackShares(packShares(shares)))).toEqual(told(shares));
        for (const who of shares.keys()) expect(effectiveMask(shares, who)).not.toBe(0);
      }),
    );
  });

  it('a mask says exactly the rights that it was made of', () => {
    fc.assert(
      fc.property(fc.subarray([...RIGHTS]), (rights) => {
        expect(rightsOf(maskOf(rights))).toEqual(rights);
      }),
    );
  });
});
