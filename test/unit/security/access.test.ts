import { describe, expect, it } from 'vitest';
import { createAccess } from '../../../shared/security/access.ts';
import type { Caller } from '../../../shared/security/caller.ts';
import type { Grant, PrivilegeAction } from '../../../shared/security/privileges.ts';
import { builtInRole } from '../../../shared/security/roles.ts';
import { fakeUsers } from './fake-users.ts';

const clerk: Grant[] = [
  { table: 'account', action: 'Read', depth: 'Organization' },
  { table: 'account', action: 'Write', depth: 'User' },
  { table: 'contact', action: 'Read', depth: 'User' },
  { table: 'contact', action: 'Write', depth: 'User' },
];

function access() {
  const users = fakeUsers(
    { ann: 'present', bob: 'disabled', cid: 'removed', eve: 'present', pat: 'present' },
    { ann: ['clerk'], eve: ['Administrator'], pat: ['User', 'no-such-role'] },
  );
  const roles = {
    findRole: async (name: string) =>
      builtInRole(name) ?? (name === 'clerk' ? { name, privileges: clerk, builtIn: false, version: 1 } : undefined),
  };
  return { users, ...createAccess({ users, roles }) };
}

const caller = (id: string, role: Caller['role'] = 'User'): Caller => ({ id, role, channel: undefined });
const theirs = { id: 'r1', ownerId: 'somebody' };
const own = (ownerId: string) => ({ id: 'r1', ownerId });

async function refusal(id: string, ask: [PrivilegeAction, string, ...{ ownerId: string }[]], role?: Caller['role']) {
  const { principalOf, requirePrivilege } = access();
  const principal = await principalOf(caller(id, role));
  try {
    const [action, table, record] = ask;
    requirePrivilege(principal, action, table, record);
    return undefined;
  } catch (problem) {
    return problem;
  }
}

describe('E4 nobody does what role and privileges do not allow', () => {
  it('a token role Administrator may do everything, whatever roles its user has', async () => {
    expect(await refusal('ann', ['Merge', 'order', theirs], 'Administrator')).toBeUndefined();
  });

  it('a user with the stored role Administrator may do everything', async () => {
    expect(await refusal('eve', ['Delete', 'order', theirs])).toBeUndefined();
  });

  it('a user with the built-in role User may do everything with its own records and does not see others', async () => {
    expect(await refusal('pat', ['Delete', 'order', own('pat')])).toBeUndefined();
    expect(await refusal('pat', ['Delete', 'order'])).toBeUndefined();
    expect(await refusal('pat', ['Delete', 'order', theirs])).toMatchObject({ status: 404 });
  });

  it('a user has the privileges of its stored roles and no others', async () => {
    expect(await refusal('ann', ['Read', 'account', theirs])).toBeUndefined();
    expect(await refusal('ann', ['Write', 'account', own('ann')])).toBeUndefined();
    expect(await refusal('ann', ['Delete', 'account', own('ann')])).toMatchObject({ status: 403 });
    expect(await refusal('ann', ['Create', 'contact', own('ann')])).toMatchObject({ status: 403 });
  });

  it('a refusal names the privilege and the table', async () => {
    expect(await refusal('ann', ['Assign', 'account'])).toMatchObject({
      status: 403,
      message: expect.stringContaining('prvAssignAccount'),
      extra: { privilege: 'Assign', table: 'account' },
    });
  });

  it("somebody else's record is out of reach at depth User: 403 where it may be read, else as if it weren't there", async () => {
    expect(await refusal('ann', ['Write', 'account', theirs])).toMatchObject({
      status: 403,
      extra: { privilege: 'Write', table: 'account' },
    });
    expect(await refusal('ann', ['Read', 'contact', theirs])).toMatchObject({ status: 404 });
    expect(await refusal('ann', ['Write', 'contact', theirs])).toMatchObject({ status: 404 });
  });

  it('a table that may not be read at all refuses with the privilege, whether or not the record is there', async () => {
    const missing = { status: 403, extra: { privilege: 'Read', table: 'order' } };
    expect(await refusal('ann', ['Read', 'order'])).toMatchObject(missing);
    expect(await refusal('ann', ['Write', 'order', theirs])).toMatchObject(missing);
    expect(await refusal('ann', ['Read', 'order', own('ann')])).toMatchObject(missing);
  });

  it('a shared record is within reach of the rights that were shared, and of no others', async () => {
    const shared = (...sharedRights: PrivilegeAction[]) => ({ ...theirs, sharedRights });
    expect(await refusal('ann', ['Read', 'contact', shared('Read')])).toBeUndefined();
    expect(await refusal('ann', ['Write', 'contact', shared('Read', 'Write')])).toBeUndefined();
    expect(await refusal('ann', ['Write', 'contact', shared('Read')])).toMatchObject({ status: 403 });
    expect(await refusal('ann', ['Delete', 'contact', shared('Read', 'Delete')])).toMatchObject({ status: 403 });
  });

  it('creating for somebody else needs depth Organization', async () => {
    expect(await refusal('pat', ['Create', 'order', own('pat')])).toBeUndefined();
    expect(await refusal('pat', ['Create', 'order', theirs])).toMatchObject({ status: 403 });
  });

  it('a channel holds no privileges at headquarters', async () => {
    expect(await refusal('channel:store-1', ['Read', 'account'], 'Channel')).toMatchObject({ status: 403 });
  });

  it('a user who was disabled since its token was checked is not known any more', async () => {
    const { principalOf, users } = access();
    users.states.ann = 'disabled';
    await expect(principalOf(caller('ann'))).rejects.toMatchObject({ status: 401 });
  });
});

describe('C12 the user that a job runs as', () => {
  it('comes with its privileges while it is enabled', async () => {
    const found = await access().principalOfUser('ann');
    expect(found).toEqual({ state: 'enabled', principal: { userId: 'ann', grants: clerk } });
  });

  it('keeps every privilege of an Administrator token while it is enabled, and only then', async () => {
    const { principalOfUser, users } = access();
    const all = { userId: 'ann', grants: builtInRole('Administrator')?.privileges };
    expect(await principalOfUser('ann', 'Administrator')).toEqual({ state: 'enabled', principal: all });
    users.states.ann = 'disabled';
    expect(await principalOfUser('ann', 'Administrator')).toEqual({ state: 'disabled', name: 'Name of ann' });
  });

  it('is told as disabled, removed or never made, as a value to pause on', async () => {
    const { principalOfUser } = access();
    expect(await principalOfUser('bob')).toEqual({ state: 'disabled', name: 'Name of bob' });
    expect(await principalOfUser('cid')).toEqual({ state: 'removed', name: 'Name of cid' });
    expect(await principalOfUser('dan')).toEqual({ state: 'never' });
  });
});
