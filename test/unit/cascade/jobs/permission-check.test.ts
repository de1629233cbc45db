import { describe, expect, it } from 'vitest';
import { createPermissionCheck } from '../../../../shared/cascade/jobs/permission-check.ts';
import type { TableName } from '../../../../shared/catalogue/tables.ts';
import type { Access } from '../../../../shared/security/access.ts';
import type { Grant, PrivilegeAction } from '../../../../shared/security/privileges.ts';

type Found = Awaited<ReturnType<Access['principalOfUser']>>;

const grants = (table: string, depth: Grant['depth'], ...actions: PrivilegeAction[]): Grant[] =>
  actions.map((action) => ({ table, action, depth }));
const user = (userId: string, ...all: Grant[]): Found => ({ state: 'enabled', principal: { userId, grants: all } });
const everything = (depth: Grant['depth']) => grants('*', depth, 'Assign', 'Write', 'Read');

function check(ann: Found, kim: Found, asked: { tables?: TableName[]; own?: TableName[] } = {}) {
  const access = { principalOfUser: async (id: string) => (id === 'ann' ? ann : kim) };
  const plan = { action: 'assign', by: 'ann', ownerId: 'kim', table: 'account' } as const;
  const { tables = ['contact'], own = [] } = asked;
  return createPermissionCheck(access, plan, 'User')(tables, new Set(own));
}

describe('C12 before each batch', () => {
  const kim = user('kim', ...everything('User'));

  it('a user with Assign, Write and Read on all records passes', async () => {
    expect(await check(user('ann', ...everything('Organization')), kim)).toBeUndefined();
  });

  it.each(['Assign', 'Write', 'Read'] as const)(
    'the lack of %s is told with user, privilege and table',
    async (lacked) => {
      const left = (['Assign', 'Write', 'Read'] as const).filter((action) => action !== lacked);
      const ann = user(
        'ann',
        ...grants('account', 'Organization', 'Assign', 'Write', 'Read'),
        ...grants('contact', 'Organization', ...left),
      );
      expect(await check(ann, kim)).toMatchObject({
        kind: 'security',
        code: 'missing-privilege',
        user: 'ann',
        missing: [{ privilege: lacked, table: 'contact' }],
        text: expect.stringContaining(`ann lacks prv${lacked}Contact (${lacked} on table contact, depth `),
      });
    },
  );

  it('depth User reaches records that are the user’s own, and no others', async () => {
    const ann = user('ann', ...everything('User'));
    expect(await check(ann, kim, { tables: ['contact', 'order'], own: ['contact', 'order'] })).toBeUndefined();
    expect(await check(ann, kim, { tables: ['contact', 'order'], own: ['order'] })).toMatchObject({
      missing: [
        { privilege: 'Assign', table: 'contact' },
        { privilege: 'Write', table: 'contact' },
        { privilege: 'Read', table: 'contact' },
      ],
    });
  });

  it('the root’s table is asked about too, to any depth, as the root may have a new owner by now', async () => {
    const ann = user(
      'ann',
      ...grants('contact', 'Organization', 'Assign', 'Write', 'Read'),
      ...grants('account', 'User', 'Write', 'Read'),
    );
    expect(await check(ann, kim)).toMatchObject({ missing: [{ privilege: 'Assign', table: 'account' }] });
  });

  it.each([
    ['disabled', 'user-disabled'],
    ['removed', 'user-removed'],
  ] as const)('a user who is %s is told as %s, by name', async (state, code) => {
    const refused = await check({ state, name: 'Ann Doe' }, kim);
    expect(refused).toMatchObject({ code, user: 'ann', text: expect.stringContaining('ann (Ann Doe)') });
    expect(refused?.text).toMatch(/the user again and resume the job, .* hand it over\.$/);
  });

  it('the new owner needs Read', async () => {
    const ann = user('ann', ...everything('Organization'));
    expect(await check(ann, user('kim', ...grants('account', 'User', 'Read')))).toMatchObject({
      code: 'missing-privilege',
      user: 'kim',
      missing: [{ privilege: 'Read', table: 'contact' }],
      text: expect.stringContaining('new owner kim lacks prvReadContact'),
    });
    const removed = await check(ann, { state: 'removed', name: 'Kim' });
    expect(removed).toMatchObject({ code: 'user-removed', user: 'kim' });
    // Whoever took the job over would meet the same owner.
    expect(removed?.text).not.toContain('hand it over');
  });
});

describe('C12 what each action takes', () => {
  it.each([
    ['assign', ['Assign', 'Write', 'Read'], []],
    ['delete', ['Delete', 'Read'], []],
    ['undoDelete', ['Create', 'Delete', 'Read'], []],
    ['merge', ['Merge', 'Write', 'Read'], ['Share', 'AppendTo']],
    ['share', ['Share', 'Read'], []],
    ['unshare', ['Share', 'Read'], []],
    ['reparent', ['Write', 'Append'], ['AppendTo']],
  ] as const)('%s: %j on root and records, %j on the target', async (action, each, target) => {
    const ask = async (...given: Grant[]) => {
      const access = { principalOfUser: async () => user('ann', ...given) };
      const subject = { action, by: 'ann', table: 'account', targetTable: 'quote' } as const;
      const refused = await createPermissionCheck(access, subject, 'User')(['contact'], new Set());
      return refused?.missing.map(({ privilege, table }) => `${privilege} ${table}`) ?? [];
    };
    expect(await ask()).toEqual([
      ...['account', 'contact'].flatMap((table) => each.map((privilege) => `${privilege} ${table}`)),
      ...target.map((privilege) => `${privilege} quote`),
    ]);
    expect(await ask(...grants('*', 'Organization', ...each, ...target))).toEqual([]);
    // The root and the target may be other people's by now; of the records at hand that is known.
    expect(await ask(...grants('*', 'User', ...each, ...target))).toEqual(each.map((one) => `${one} contact`));
  });
});
