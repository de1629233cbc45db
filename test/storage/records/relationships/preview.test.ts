/** Previews over real storage: what they count, and that they leave no trace. */
import { beforeEach, describe, expect, it } from 'vitest';
import { assignRecord } from '../../../../functions/cascades/assign-record.ts';
import { previewRecord } from '../../../../functions/cascades/preview-record.ts';
import { reparentRecord } from '../../../../functions/cascades/reparent-record.ts';
import { shareRecord } from '../../../../functions/cascades/share-record.ts';
import { unshareRecord } from '../../../../functions/cascades/unshare-record.ts';
import { createCascadeRecords } from '../../../../shared/cascade/cascade-records.ts';
import { openJobs } from '../../../../shared/cascade/jobs/job-store.ts';
import { openRootClaims } from '../../../../shared/cascade/jobs/root-claims.ts';
import { activePlugins } from '../../../../shared/cascade/plugins/active-plugins.ts';
import type { Plugin } from '../../../../shared/cascade/plugins/plugin.ts';
import { createSyncCascades } from '../../../../shared/cascade/sync/sync-cascades.ts';
import {
  openRelationships,
  type RelationshipStore,
} from '../../../../shared/records/relationships/relationship-store.ts';
import { createRecordAccess } from '../../../../shared/records/shares/record-access.ts';
import { createAccess } from '../../../../shared/security/access.ts';
import type { Caller } from '../../../../shared/security/caller.ts';
import { openRoles } from '../../../../shared/security/roles.ts';
import { openUsers } from '../../../../shared/security/users.ts';
import { defaultSettings, openSettings, type SettingsStore } from '../../../../shared/settings/settings.ts';
import type { StoragePolicy } from '../../../../shared/storage/size-limits.ts';
import { ADMIN, serve, type TestCall } from '../../../support/http-call.ts';
import { CascadeFixture } from '../../cascade/cascade-fixture.ts';

const asUser = (id: string): Caller => ({ role: 'User', id, channel: undefined });
let fixture: CascadeFixture;
let relationships: RelationshipStore;
let settings: SettingsStore;
let roles: ReturnType<typeof openRoles>;
let writes: string[];
let plugins: Plugin[];
let callAs: (caller?: Caller) => TestCall;
beforeEach(async () => {
  writes = [];
  const watch: StoragePolicy = {
    name: 'testWatch',
    sendRequest(request, next) {
      if (request.method !== 'GET' && !request.url.includes('/Tables')) writes.push(`${request.method} ${request.url}`);
      return next(request);
    },
  };
  fixture = new CascadeFixture({ policies: [watch] });
  const { storage, records } = fixture;
  plugins = [];
  relationships = openRelationships(storage);
  settings = openSettings(storage, defaultSettings({ timersEnabled: true, disabledPlugins: [] }));
  roles = openRoles(storage);
  const users = openUsers(storage);
  for (const id of ['anna', 'zoe', 'bob']) {
    await users.putUser({
      id,
      name: id,
      enabled: true,
      roles: id === 'bob' ? ['clerk'] : ['User'],
      by: 'admin',
      ifMatch: undefined,
    });
  }
  const access = createAccess({ users, roles });
  const ports = {
    recordStore: records,
    relationships,
    settings,
    access,
    recordAccess: createRecordAccess(records.tables, access),
    jobs: openJobs(storage),
    rootClaims: openRootClaims(storage),
    cascadeRecords: createCascadeRecords({ storage, recordStore: records }),
    sync: createSyncCascades({ storage, recordStore: records }),
    tablesWithPlugins: async () => new Set<never>(),
    now: Date.now,
  };
  const cascades = [assignRecord, shareRecord, unshareRecord, reparentRecord].map((make) => make(ports));
  const preview = previewRecord({
    ...ports,
    cascades,
    plugins: async (action) =>
      activePlugins(
        plugins.filter((plugin) => plugin.action === action),
        10,
      ),
  });
  callAs = (caller = ADMIN) => serve([preview], { caller });
});

const preview = (id: string, body: unknown, table = 'account', caller?: Caller) =>
  callAs(caller)('POST', `/api/tables/${table}/${id}/preview`, { body });

/** Anna's account with contacts, orders under both, and cases of which one is inactive. */
async function customer(): Promise<string> {
  const account = await fixture.make('account');
  const lookups = { account_contacts: account };
  const [contact = ''] = await fixture.makeMany('contact', lookups, [{}, { state: 'Inactive' }, { ownerId: 'bob' }]);
  await fixture.make('order', { account_orders: account, contact_orders: contact });
  await fixture.makeMany('case', { account_cases: account }, [{}, { state: 'Inactive' }]);
  return account;
}

describe('C17 POST /tables/{table}/{id}/preview', () => {
  it('counts records by table and relationship, each once, and those that are inactive', async () => {
    const account = await customer();
    const answer = await preview(account, { action: 'assign', ownerId: 'zoe' });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({
      mode: 'sync',
      complete: true,
      total: 6,
      byTable: { account: 1, contact: 3, order: 1, case: 1 },
      byRelationship: { account_contacts: 3, account_orders: 1, contact_orders: 1, account_cases: 1 },
      blockers: [],
      missingPrivileges: [],
      inactive: 1,
    });
  });

  it('changes nothing: no record, no job, no lock, not a single write', async () => {
    const account = await customer();
    const other = await fixture.make('account');
    const [contact = ''] = await fixture.makeMany('contact', { account_contacts: account }, [{}]);
    writes.length = 0;
    for (const [table, id, body] of [
      ['account', account, { action: 'assign', ownerId: 'zoe' }],
      ['account', account, { action: 'share', principal: 'zoe', rights: ['Read'] }],
      ['account', account, { action: 'unshare', principal: 'zoe' }],
      ['contact', contact, { action: 'reparent', relationship: 'account_contacts', parentId: other }],
    ] as const) {
      expect(await preview(id, body, table), body.action).toMatchObject({ status: 200 });
    }
    expect(writes).toEqual([]);
  });

  it('follows the stored behaviours', async () => {
    const account = await customer();
    const relationship = (await relationships.find('account_contacts'))?.relationship;
    if (!relationship) throw new Error('There is no account_contacts');
    const decide = (current: object) => ({ ...current, Assign: 'None' }) as never;
    await relationships.change({ relationship, decide, by: 'admin', ifMatch: 1 });
    const { body } = await preview(account, { action: 'assign', ownerId: 'zoe' });
    expect(body).toMatchObject({ total: 3, byTable: { account: 1, order: 1, case: 1 } });
  });

  it('says the mode that would be taken: by threshold, by plug-ins, as asked', async () => {
    const account = await customer();
    const modeOf = async (more: object = {}) =>
      ((await preview(account, { action: 'assign', ownerId: 'zoe', ...more })).body as { mode: string }).mode;
    await settings.changeSettings({
      patch: { thresholds: { assign: 6 } },
      by: 'admin',
      ifMatch: (await settings.readSettings()).version,
    });
    expect(await modeOf()).toBe('async');
    expect(await modeOf({ mode: 'sync' })).toBe('sync');
    plugins = [{ name: 'p', description: '', table: 'order', action: 'assign', step: 'before', run: () => {} }];
    expect(await modeOf()).toBe('sync');
    expect(await modeOf({ mode: 'async' })).toBe('async');
  });

  it('names what the caller lacks instead of refusing', async () => {
    const account = await customer();
    const grant = (action: 'Read' | 'Write' | 'Assign', table: string) =>
      ({ table, action, depth: 'Organization' }) as const;
    const privileges = [grant('Read', '*'), grant('Write', '*'), grant('Assign', 'account'), grant('Assign', 'order')];
    await roles.putRole({ name: 'clerk', privileges, by: 'admin', ifMatch: undefined });
    const { status, body } = await preview(account, { action: 'assign', ownerId: 'zoe' }, 'account', asUser('bob'));
    expect(status).toBe(200);
    expect((body as { missingPrivileges: unknown[] }).missingPrivileges).toEqual([
      { privilege: 'Assign', table: 'contact' },
      { privilege: 'Assign', table: 'case' },
    ]);
    const shared = await preview(
      account,
      { action: 'share', principal: 'zoe', rights: ['Read', 'Delete'] },
      'account',
      asUser('bob'),
    );
    expect(shared).toMatchObject({ status: 200 });
    const { missingPrivileges } = shared.body as { missingPrivileges: unknown[] };
    expect(missingPrivileges).toContainEqual({ privilege: 'Share', table: 'account' });
    expect(missingPrivileges).toContainEqual({ privilege: 'Delete', table: 'account' });
  });

  it('says whose privilege it is that the new owner lacks', async () => {
    const account = await customer();
    const privileges = [{ table: 'account', action: 'Read', depth: 'Organization' }] as const;
    await roles.putRole({ name: 'clerk', privileges, by: 'admin', ifMatch: undefined });
    const { body } = await preview(account, { action: 'assign', ownerId: 'bob' });
    const { missingPrivileges } = body as { missingPrivileges: unknown[] };
    expect(missingPrivileges).toContainEqual({ privilege: 'Read', table: 'contact', user: 'bob' });
  });

  it('answers as the action would where the request itself is wrong', async () => {
    const account = await customer();
    expect(await preview(account, { action: 'fly' })).toMatchObject({ status: 400 });
    expect(await preview(account, { action: 'assign' })).toMatchObject({ status: 400 });
    expect(await preview(account, { action: 'assign', ownerId: 'zoe', why: 'so' })).toMatchObject({ status: 400 });
    expect(await preview(account, { action: 'assign', ownerId: 'nobody' })).toMatchObject({ status: 422 });
    const nowhere = '11111111-1111-4111-8111-111111111111';
    expect(await preview(nowhere, { action: 'assign', ownerId: 'zoe' })).toMatchObject({ status: 404 });
    const stranger = await preview(account, { action: 'assign', ownerId: 'zoe' }, 'account', asUser('zoe'));
    expect(stranger).toMatchObject({ status: 404 });
  });
});
