import { beforeEach, describe, expect, it } from 'vitest';
import { createAccess } from '../../../shared/security/access.ts';
import { type Grant, PRIVILEGE_ACTIONS } from '../../../shared/security/privileges.ts';
import { openRoles, type Roles } from '../../../shared/security/roles.ts';
import { openUsers } from '../../../shared/security/users.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';

let prefix: string;
let roles: Roles;
beforeEach(() => {
  prefix = uniquePrefix();
  roles = openRoles(openTestStorage({ prefix }));
});

const readAll: Grant[] = [{ table: 'account', action: 'Read', depth: 'Organization' }];
const put = (name: string, privileges: Grant[], ifMatch?: number) =>
  roles.putRole({ name, privileges, by: 'eve', ifMatch });

describe('E4 a role', () => {
  it('is unknown until it is put', async () => {
    expect(await roles.findRole('clerk')).toBeUndefined();
    const { role, created } = await put('clerk', readAll);
    expect(created).toBe(true);
    expect(role).toMatchObject({ name: 'clerk', privileges: readAll, builtIn: false, version: 1, modifiedBy: 'eve' });
    expect(await roles.findRole('clerk')).toEqual(role);
  });

  it('that exists is replaced only by who names its version', async () => {
    await put('clerk', readAll);
    await expect(put('clerk', [])).rejects.toMatchObject({ status: 428 });
    await expect(put('clerk', [], 2)).rejects.toMatchObject({ status: 412 });
    const { role, created } = await put('clerk', [], 1);
    expect({ role, created }).toMatchObject({ created: false, role: { privileges: [], version: 2 } });
  });

  it('may grow to many privileges and shrink again', async () => {
    const many = Array.from({ length: 900 }, (_, at): Grant => {
      const action = PRIVILEGE_ACTIONS[at % PRIVILEGE_ACTIONS.length] ?? 'Read';
      return { table: `a-table-with-a-longer-name-${at}`, action, depth: 'Organization' };
    });
    await put('clerk', many);
    expect((await roles.findRole('clerk'))?.privileges).toEqual(many);
    await put('clerk', readAll, 1);
    expect((await roles.findRole('clerk'))?.privileges).toEqual(readAll);
  });

  it.each(['Administrator', 'User'])(
    '%s is built in: there without being made, and not to be changed',
    async (name) => {
      expect(await roles.findRole(name)).toMatchObject({ name, builtIn: true, version: 1 });
      await expect(put(name, [], 1)).rejects.toMatchObject({ status: 409 });
      await expect(put(name, [])).rejects.toMatchObject({ status: 409 });
    },
  );

  it('C12 that is taken away is gone at the next look, on every host', async () => {
    const storage = openTestStorage({ prefix });
    const users = openUsers(storage);
    await put('clerk', readAll);
    const ann = { id: 'ann', name: 'Ann', enabled: true, roles: ['clerk'], by: 'eve', ifMatch: undefined };
    await users.putUser(ann);
    const { principalOfUser } = createAccess({ users: openUsers(openTestStorage({ prefix })), roles });
    const grantsNow = async () => {
      const found = await principalOfUser('ann');
      return found.state === 'enabled' ? found.principal.grants : found.state;
    };
    expect(await grantsNow()).toEqual(readAll);
    await openRoles(storage).putRole({ name: 'clerk', privileges: [], by: 'eve', ifMatch: 1 });
    expect(await grantsNow()).toEqual([]);
    await users.putUser({ ...ann, enabled: false });
    expect(await grantsNow()).toBe('disabled');
  });
});
