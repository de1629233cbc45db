import { beforeEach, describe, expect, it } from 'vitest';
import { patchRecord } from '../../../../functions/records/patch-record.ts';
import { relationshipEndpoints } from '../../../../functions/relationships/relationship-endpoints.ts';
import { createCascadeRecords } from '../../../../shared/cascade/cascade-records.ts';
import { openJobs } from '../../../../shared/cascade/jobs/job-store.ts';
import { openRootClaims } from '../../../../shared/cascade/jobs/root-claims.ts';
import { RELATIONSHIPS } from '../../../../shared/catalogue/relationships.ts';
import { RecordStore } from '../../../../shared/records/record-store.ts';
import {
  openRelationships,
  type RelationshipStore,
} from '../../../../shared/records/relationships/relationship-store.ts';
import { createRecordAccess } from '../../../../shared/records/shares/record-access.ts';
import { createAccess } from '../../../../shared/security/access.ts';
import { openRoles } from '../../../../shared/security/roles.ts';
import { openUsers } from '../../../../shared/security/users.ts';
import { defaultSettings, openSettings } from '../../../../shared/settings/settings.ts';
import type { Storage } from '../../../../shared/storage/storage.ts';
import { createFailingStorage, type FailingStorage } from '../../../support/failing-storage.ts';
import { ADMIN, serve, type TestCall } from '../../../support/http-call.ts';
import { openTestStorage } from '../../../support/test-storage.ts';

const ON = '2026-03-01T12:00:00.000Z';
let failing: FailingStorage;
let storage: Storage;
let relationships: RelationshipStore;
let call: TestCall;
beforeEach(() => {
  failing = createFailingStorage();
  storage = openTestStorage({ policies: [failing.policy] });
  relationships = openRelationships(storage, () => Date.parse(ON));
  call = serve(endpoints());
});

function endpoints() {
  const now = () => Date.parse(ON);
  const records = new RecordStore(storage);
  const access = createAccess({ users: openUsers(storage), roles: openRoles(storage) });
  const settings = openSettings(storage, defaultSettings({ timersEnabled: true, disabledPlugins: [] }), now);
  const cascade = createCascadeRecords({ storage, recordStore: records });
  const jobs = openJobs(storage);
  return relationshipEndpoints({
    ...{ relationships, access, settings, cascadeRecords: cascade, jobs, rootClaims: openRootClaims(storage), now },
  });
}

const PATH = '/api/relationships/account_contacts';
const put = (body: unknown, etag = '"1"') => call('PUT', PATH, { body, headers: { 'If-Match': etag } });

describe('C1 GET /relationships', () => {
  it('lists every relationship with what it joins and its behaviours as shipped', async () => {
    const { body } = await call('GET', '/api/relationships');
    const { items } = body as { items: Record<string, unknown>[] };
    expect(items.map(({ name }) => name)).toEqual(RELATIONSHIPS.map(({ name }) => name));
    expect(items.find(({ name }) => name === 'account_quotes')).toEqual({
      name: 'account_quotes',
      parent: 'account',
      child: 'quote',
      type: 'Custom',
      behaviors: {
        Assign: 'Active',
        Delete: 'Restrict',
        Merge: 'All',
        Share: 'None',
        Unshare: 'None',
        Reparent: 'None',
        RollupView: 'None',
      },
      version: 1,
      modifiedBy: null,
      modifiedOn: null,
    });
  });

  it('gives pages', async () => {
    const first = (await call('GET', '/api/relationships?pageSize=8')).body as {
      items: { name: string }[];
      continuationToken: string;
    };
    const second = (await call('GET', `/api/relationships?pageSize=8&continuationToken=${first.continuationToken}`))
      .body as typeof first;
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(RELATIONSHIPS.map(({ name }) => name));
    expect(second.continuationToken).toBeUndefined();
  });

  it('gives one with its ETag, and 404 for what is none', async () => {
    expect(await call('GET', PATH)).toMatchObject({ status: 200, headers: { ETag: '"1"' }, body: { version: 1 } });
    expect(await call('GET', '/api/relationships/account_nothing')).toMatchObject({ status: 404 });
    expect(await call('GET', '/api/relationships/toString')).toMatchObject({ status: 404 });
  });
});

describe('C1 PUT /relationships/{name}', () => {
  it('changes behaviours, names the preset that they are equal to, and tells who did it and when', async () => {
    const parental = { Assign: 'All', Reparent: 'All', Share: 'All', Unshare: 'All', Delete: 'All', Merge: 'None' };
    const answer = await put({ behaviors: { ...parental, RollupView: 'None' } });
    expect(answer).toMatchObject({
      status: 200,
      headers: { ETag: '"2"' },
      body: { type: 'Parental', version: 2, modifiedBy: 'admin', modifiedOn: ON, behaviors: parental },
    });
    expect(await call('GET', PATH)).toMatchObject({ body: answer.body as object });
  });

  it('takes back what reading gave, changed in its behaviours', async () => {
    const { body } = await call('GET', PATH);
    const read = body as { behaviors: Record<string, string> };
    const answer = await put({ ...read, behaviors: { ...read.behaviors, Assign: 'UserOwned' } });
    expect(answer).toMatchObject({ status: 200, body: { behaviors: { ...read.behaviors, Assign: 'UserOwned' } } });
  });

  it('takes back what reading gave unchanged, and makes no version of it', async () => {
    await put({ preset: 'Referential' });
    const { body } = await call('GET', PATH);
    expect(await put(body, '"2"')).toMatchObject({ status: 200, headers: { ETag: '"2"' }, body: body as object });
    expect((await relationships.changes('account_contacts', 50)).items).toHaveLength(1);
  });

  it('needs If-Match, and the version that holds', async () => {
    expect(await call('PUT', PATH, { body: { preset: 'Parental' } })).toMatchObject({ status: 428 });
    await put({ preset: 'Parental' });
    expect(await put({ preset: 'Referential' })).toMatchObject({ status: 412, body: { version: 2 } });
    expect(await call('GET', PATH)).toMatchObject({ body: { type: 'Parental' } });
  });

  it('refuses what is illegal with the rule, what is unknown as wrong form, and what can’t be changed', async () => {
    expect(await put({ behaviors: { Merge: 'Active' } })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('Merge takes All or None'), errors: [{ at: 'behaviors.Merge' }] },
    });
    expect(await put({ behaviors: { Merge: 'Sometimes' } })).toMatchObject({ status: 400 });
    expect(await put({ preset: 'Maternal' })).toMatchObject({ status: 400 });
    expect(await put({ behaviors: {}, mood: 'good' })).toMatchObject({ status: 400 });
    expect(await put({ preset: 'Parental', child: 'order' })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('child') },
    });
    expect(await call('GET', PATH)).toMatchObject({ headers: { ETag: '"1"' } });
  });

  it('is for administrators alone', async () => {
    const other = serve(endpoints(), {
      caller: { role: 'User', id: 'ann', channel: undefined },
    });
    expect(await other('GET', '/api/relationships')).toMatchObject({ status: 403 });
    expect(await other('PUT', PATH, { body: {}, headers: { 'If-Match': '"1"' } })).toMatchObject({ status: 403 });
  });

  it('lets one of two writers at the same time through', async () => {
    const answers = await Promise.all([put({ preset: 'Parental' }), put({ preset: 'Referential' })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await relationships.changes('account_contacts', 50)).items).toHaveLength(1);
  });
});

describe('C1 the log of behaviours', () => {
  it('keeps who changed what, old and new, newest first, in pages', async () => {
    await put({ behaviors: { Assign: 'None' } });
    await put({ behaviors: { Assign: 'Active', Share: 'None' } }, '"2"');
    const first = (await call('GET', `${PATH}/changes?pageSize=1`)).body as {
      items: unknown[];
      continuationToken: string;
    };
    expect(first.items).toEqual([
      {
        version: 3,
        changedBy: 'admin',
        changedOn: ON,
        changes: [
          { name: 'Assign', old: 'None', new: 'Active' },
          { name: 'Share', old: 'All', new: 'None' },
        ],
      },
    ]);
    const second = await call('GET', `${PATH}/changes?pageSize=1&continuationToken=${first.continuationToken}`);
    expect(second.body).toEqual({
      items: [
        { version: 2, changedBy: 'admin', changedOn: ON, changes: [{ name: 'Assign', old: 'All', new: 'None' }] },
      ],
    });
  });

  it('is empty for a relationship that is as shipped, also when its name begins like another’s', async () => {
    await put({ behaviors: { Assign: 'None' } });
    expect((await call('GET', '/api/relationships/account_cases/changes')).body).toEqual({ items: [] });
  });
});

describe('C1 stored behaviours hold for what is planned from then on', () => {
  it('gives the behaviours of an action without those that are None, overrides over defaults', async () => {
    await put({ behaviors: { Assign: 'None', Delete: 'Restrict' } });
    const assign = await relationships.behaviorsOf('Assign');
    expect(assign).toMatchObject({ account_orders: 'All', account_cases: 'Active', account_activities: 'UserOwned' });
    expect(Object.keys(assign)).not.toContain('account_contacts');
    expect(Object.keys(assign)).not.toContain('contact_cases');
    expect(await relationships.behaviorsOf('Delete')).toMatchObject({
      account_contacts: 'Restrict',
      account_quotes: 'Restrict',
    });
  });

  it('passes over a stored behaviour that its action doesn’t allow, whoever wrote it', async () => {
    const row = {
      partitionKey: 'relationships',
      rowKey: 'current|account_contacts',
      version: 4,
      modifiedBy: 'x',
      modifiedOn: ON,
    };
    const behaviors = JSON.stringify({ Assign: 'Restrict', Share: 'None', Fly: 'All' });
    await storage.table('relationships').write([{ kind: 'insert', row: { ...row, behaviors } }]);
    const found = await relationships.find('account_contacts');
    expect(found).toMatchObject({ version: 4, behaviors: { Assign: 'All', Share: 'None' } });
    expect(Object.keys(found?.behaviors ?? {})).not.toContain('Fly');
  });
});

describe('C16 PATCH of a lookup follows the stored Reparent', () => {
  const ACCOUNT = '11111111-1111-4111-8111-111111111111';
  const CONTACT = '22222222-2222-4222-8222-222222222222';

  it('C25 is refused while Reparent or Share isn’t None, and done once both are', async () => {
    const records = new RecordStore(storage);
    const common = { ownerId: 'admin', state: 'Active', createdOn: ON, createdBy: 'admin', lookups: {} } as const;
    await records.create({ origin: 'a', value: { ...common, table: 'account', id: ACCOUNT, columns: { name: 'A' } } });
    await records.create({
      origin: 'c',
      value: { ...common, table: 'contact', id: CONTACT, columns: { fullName: 'C' } },
    });
    const users = openUsers(storage);
    const access = createAccess({ users, roles: openRoles(storage) });
    const ports = {
      recordStore: records,
      relationships,
      access,
      recordAccess: createRecordAccess(records.tables, access),
      users,
      newId: () => '',
      now: Date.now,
      synchronizeCustomer: async () => {},
    };
    const patch = () =>
      serve([patchRecord(ports)], { caller: ADMIN })('PATCH', `/api/tables/contact/${CONTACT}`, {
        body: { lookups: { account_contacts: ACCOUNT } },
        headers: { 'If-Match': '"1"' },
      });
    expect(await patch()).toMatchObject({ status: 400, body: { detail: expect.stringContaining('/reparent') } });
    await put({ behaviors: { Reparent: 'None' } });
    expect(await patch()).toMatchObject({ status: 400 });
    await put({ behaviors: { Share: 'None' } }, '"2"');
    expect(await patch()).toMatchObject({ status: 200, body: { lookups: { account_contacts: ACCOUNT } } });
  });
});
