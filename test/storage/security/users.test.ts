import { beforeEach, describe, expect, it } from 'vitest';
import { openUsers, type UserChange, type Users } from '../../../shared/security/users.ts';
import { createFailingStorage } from '../../support/failing-storage.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';

let nowMs: number;
let prefix: string;
let users: Users;
beforeEach(() => {
  nowMs = Date.parse('2026-03-01T12:00:00.000Z');
  prefix = uniquePrefix();
  users = openUsers(openTestStorage({ prefix }), () => nowMs);
});

const ann: UserChange = {
  id: 'ann',
  name: 'Ann',
  enabled: true,
  roles: ['User'],
  by: 'admin',
  ifMatch: undefined,
};
const remove = (id: string, ifMatch?: number) => users.removeUser({ id, by: 'admin', ifMatch });

describe('E4 a user', () => {
  it('is unknown until it is put, then present', async () => {
    expect(await users.findUser('ann')).toEqual({ state: 'never' });
    const { user, created } = await users.putUser(ann);
    expect(created).toBe(true);
    expect(user).toEqual({
      id: 'ann',
      name: 'Ann',
      enabled: true,
      roles: ['User'],
      version: 1,
      createdOn: '2026-03-01T12:00:00.000Z',
      modifiedOn: '2026-03-01T12:00:00.000Z',
      modifiedBy: 'admin',
    });
    expect(await users.findUser('ann')).toEqual({ state: 'present', user });
  });

  it('keeps when it was made and records who changed it', async () => {
    await users.putUser(ann);
    nowMs += 1000;
    const { user, created } = await users.putUser({ ...ann, name: 'Ann B', by: 'eve' });
    expect(created).toBe(false);
    expect(user).toMatchObject({ version: 2, name: 'Ann B', modifiedBy: 'eve' });
    expect(user.createdOn < user.modifiedOn).toBe(true);
  });

  it('is disabled on every host at once, as no host remembers users', async () => {
    const otherHost = openUsers(openTestStorage({ prefix }));
    await users.putUser(ann);
    expect(await otherHost.findUser('ann')).toMatchObject({ state: 'present' });
    await users.putUser({ ...ann, enabled: false });
    expect(await otherHost.findUser('ann')).toMatchObject({ state: 'disabled' });
  });

  it('C12 that was removed keeps its name, is gone from the list, and comes back when put again', async () => {
    await users.putUser(ann);
    await remove('ann');
    expect(await users.findUser('ann')).toMatchObject({ state: 'removed', user: { name: 'Ann' } });
    expect((await users.listUsers()).map(({ id }) => id)).toEqual(['admin']);
    await expect(remove('ann')).rejects.toMatchObject({ status: 404 });

    nowMs += 1000;
    const { user, created } = await users.putUser(ann);
    expect(created).toBe(true);
    expect(user).toMatchObject({ version: 3, createdOn: '2026-03-01T12:00:01.000Z' });
    expect(await users.findUser('ann')).toMatchObject({ state: 'present' });
  });

  it('is changed or removed only at the version that If-Match names', async () => {
    await users.putUser(ann);
    await expect(users.putUser({ ...ann, ifMatch: 2 })).rejects.toMatchObject({ status: 412 });
    await expect(remove('ann', 2)).rejects.toMatchObject({ status: 412 });
    await expect(users.putUser({ ...ann, id: 'bob', ifMatch: 1 })).rejects.toMatchObject({ status: 412 });
    await users.putUser({ ...ann, ifMatch: 1 });
    await remove('ann', 2);
    expect(await users.findUser('ann')).toMatchObject({ state: 'removed' });
  });

  it('changed by many at once loses no change: the version counts them all', async () => {
    await users.putUser(ann);
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => users.putUser({ ...ann, name })));
    expect(await users.findUser('ann')).toMatchObject({ user: { version: 5 } });
  });

  it('of two changes to one version only one is taken', async () => {
    await users.putUser(ann);
    const both = await Promise.allSettled(['a', 'b'].map((name) => users.putUser({ ...ann, name, ifMatch: 1 })));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { status: 412 } });
  });

  it('E5 whose change got no answer from storage is changed once', async () => {
    const failing = createFailingStorage();
    const shaky = openUsers(openTestStorage({ prefix, policies: [failing.policy] }));
    await users.putUser(ann);
    failing.loseAnswers(1);
    expect(await shaky.putUser({ ...ann, name: 'Ann B', ifMatch: 1 })).toMatchObject({ user: { version: 2 } });
    expect(await users.findUser('ann')).toMatchObject({ user: { version: 2, name: 'Ann B' } });
  });

  it('stands in the list newest first, ids deciding among those of one moment, admin last', async () => {
    for (const id of ['b', 'c', 'a']) await users.putUser({ ...ann, id });
    nowMs += 1;
    await users.putUser({ ...ann, id: 'z' });
    expect((await users.listUsers()).map(({ id }) => id)).toEqual(['z', 'a', 'b', 'c', 'admin']);
  });
});

describe('E4 the built-in user admin', () => {
  const admin: UserChange = { ...ann, id: 'admin', name: 'Administrator', roles: ['Administrator'] };

  it('is there and enabled without anybody making it', async () => {
    expect(await users.findUser('admin')).toMatchObject({
      state: 'present',
      user: { enabled: true, roles: ['Administrator'], version: 1 },
    });
  });

  it('may be renamed, and keeps its role when none is named', async () => {
    const { user, created } = await users.putUser({ ...admin, name: 'Root', roles: undefined, ifMatch: 1 });
    expect(created).toBe(false);
    expect(user).toMatchObject({ name: 'Root', roles: ['Administrator'], version: 2 });
    expect((await users.listUsers()).map(({ id, name }) => [id, name])).toEqual([['admin', 'Root']]);
  });

  it("can't be disabled, removed or lose its role", async () => {
    await expect(users.putUser({ ...admin, enabled: false })).rejects.toMatchObject({ status: 409 });
    await expect(users.putUser({ ...admin, roles: ['User'] })).rejects.toMatchObject({ status: 409 });
    await expect(remove('admin')).rejects.toMatchObject({ status: 409 });
    await users.putUser({ ...admin, name: 'Root' });
    await expect(remove('admin')).rejects.toMatchObject({ status: 409 });
    expect(await users.findUser('admin')).toMatchObject({ state: 'present' });
  });
});
