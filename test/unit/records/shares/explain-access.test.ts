import { describe, expect, it } from 'vitest';
import { explainAccess } from '../../../../shared/records/shares/explain-access.ts';
import { maskOf, RIGHTS } from '../../../../shared/records/shares/rights.ts';
import { DIRECT, grant, NO_SHARES } from '../../../../shared/records/shares/share-set.ts';
import type { Grant } from '../../../../shared/security/privileges.ts';
import { builtInRole } from '../../../../shared/security/roles.ts';

const PARENT = '11111111-1111-4111-8111-111111111111';
const record = { table: 'account', ownerId: 'olga' };
const principal = (grants: readonly Grant[], userId = 'ann') => ({ userId, grants });
const reads: Grant = { table: 'account', action: 'Read', depth: 'User' };

describe('C16 why a user has access', () => {
  it('the owner has what its roles give to any depth', () => {
    expect(explainAccess(principal([reads], 'olga'), record, NO_SHARES)).toEqual({
      rights: ['Read'],
      because: [{ kind: 'owner', rights: ['Read'] }],
    });
  });

  it('a role that reaches all records is a reason of its own', () => {
    const all = principal(builtInRole('Administrator')?.privileges ?? []);
    expect(explainAccess(all, record, NO_SHARES)).toEqual({
      rights: RIGHTS,
      because: [{ kind: 'role', rights: RIGHTS }],
    });
  });

  it('direct and inherited rights are told apart, and the effective ones are their union', () => {
    const direct = grant(NO_SHARES, 'ann', DIRECT, maskOf(['Read', 'Share']));
    const shares = grant(direct, 'ann', { kind: 'inherited', from: PARENT }, maskOf(['Read', 'Write']));
    const user = principal(builtInRole('User')?.privileges ?? []);
    expect(explainAccess(user, record, shares)).toEqual({
      rights: ['Read', 'Write', 'Share'],
      because: [
        { kind: 'share', rights: ['Read', 'Share'] },
        { kind: 'inherited', from: PARENT, rights: ['Read', 'Write'] },
      ],
    });
  });

  it('a share gives no right that the roles lack on the table', () => {
    const shares = grant(NO_SHARES, 'ann', DIRECT, maskOf(RIGHTS));
    expect(explainAccess(principal([reads]), record, shares).rights).toEqual(['Read']);
    expect(explainAccess(principal([]), record, shares)).toEqual({ rights: [], because: [] });
  });

  it('nobody has anything without a reason', () => {
    expect(explainAccess(principal(builtInRole('User')?.privileges ?? []), record, NO_SHARES)).toEqual({
      rights: [],
      because: [],
    });
  });
});
