import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEPTHS,
  depthOf,
  EVERY_TABLE,
  effectivePrivileges,
  type Grant,
  missingPrivileges,
  PRIVILEGE_ACTIONS,
} from '../../shared/security/privileges.ts';

const TABLES = ['account', 'contact', 'order'];
const grant: fc.Arbitrary<Grant> = fc.record({
  table: fc.constantFrom(EVERY_TABLE, ...TABLES),
  action: fc.constantFrom(...PRIVILEGE_ACTIONS),
  depth: fc.constantFrom(...DEPTHS),
});
const grants = fc.array(grant, { maxLength: 12 });
const need = fc.record(
  { table: fc.constantFrom(...TABLES), action: fc.constantFrom(...PRIVILEGE_ACTIONS), own: fc.boolean() },
  { requiredKeys: ['table', 'action'] },
);

const depths = (held: readonly Grant[]) =>
  TABLES.flatMap((table) => PRIVILEGE_ACTIONS.map((action) => depthOf({ userId: 'u', grants: held }, table, action)));
const rank = (depth: string | undefined) => (depth === undefined ? 0 : depth === 'User' ? 1 : 2);

describe('E4 privileges', () => {
  it('are the same in whatever order the roles grant them', () => {
    const shuffled = grants.chain((held) =>
      fc.tuple(fc.constant(held), fc.shuffledSubarray(held, { minLength: held.length })),
    );
    fc.assert(
      fc.property(shuffled, ([held, other]) => {
        expect(depths(other)).toEqual(depths(held));
      }),
    );
  });

  it('only grow with a further role', () => {
    fc.assert(
      fc.property(grants, grants, (held, more) => {
        const before = depths(held).map(rank);
        const after = depths([...held, ...more]).map(rank);
        expect(after.every((depth, at) => depth >= (before[at] ?? 0))).toBe(true);
      }),
    );
  });

  it('are told in full by their short list', () => {
    fc.assert(
      fc.property(grants, (held) => {
        const list = effectivePrivileges({ userId: 'u', grants: held });
        expect(depths(list)).toEqual(depths(held));
        expect(new Set(list.map(({ table, action }) => `${table} ${action}`)).size).toBe(list.length);
      }),
    );
  });

  it('that are granted as told missing are no longer missing', () => {
    fc.assert(
      fc.property(grants, fc.array(need), (held, needs) => {
        const missing = missingPrivileges({ userId: 'u', grants: held }, needs);
        const granted = missing.map(
          ({ privilege, table }): Grant => ({ table, action: privilege, depth: 'Organization' }),
        );
        expect(missingPrivileges({ userId: 'u', grants: [...held, ...granted] }, needs)).toEqual([]);
      }),
    );
  });
});
