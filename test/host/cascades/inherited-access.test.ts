/** Hunts access that outlives what it came from: each story cuts or moves a line, and asks as the user who had access by it alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callHost, type HostAnswer } from '../../support/host-call.ts';
import { eventually, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

type Answer = HostAnswer<Readonly<Record<string, unknown>> & { readonly items: readonly Record<string, unknown>[] }>;

let host: SpawnedHost;
const tokens = new Map<string, string>();
/** The mode of the cascades at hand. */
let mode: 'sync' | 'async';

beforeAll(async () => {
  host = await spawnLocalHost();
  tokens.set('admin', await host.token('--role', 'Administrator'));
  for (const user of ['olga', 'bob', 'carl']) {
    tokens.set(user, await host.token('--role', 'User', '--user', user));
    await call('admin', 'PUT', `/users/${user}`, { name: user, enabled: true, roles: ['User'] });
  }
  // Olga moves and merges what is hers.
  const merges = { table: '*', action: 'Merge', depth: 'User' };
  await call('admin', 'PUT', '/roles/merger', { privileges: [merges] });
  await call('admin', 'PUT', '/users/olga', { name: 'olga', enabled: true, roles: ['User', 'merger'] });
});

afterAll(() => host?.dispose());

function call(as: string, method: string, path: string, body?: unknown, headers = {}): Promise<Answer> {
  return callHost(host, tokens.get(as), method, path, body, headers);
}

const COLUMNS: Readonly<Record<string, object>> = {
  account: { name: 'Contoso' },
  contact: { fullName: 'Zoë' },
  order: { orderNumber: 'O-1' },
  orderline: { item: 'A' },
  case: { title: 'Broken' },
  activity: { subject: 'Call' },
};

async function make(table: string, lookups: Record<string, string> = {}): Promise<string> {
  const { status, body } = await call('olga', 'POST', `/tables/${table}`, { ...COLUMNS[table], lookups });
  expect(status).toBe(201);
  return String(body.id);
}

/** Waits for the end of the job that an answer names; gives its id. */
async function ended({ status, body }: Answer): Promise<string> {
  expect([200, 202], JSON.stringify(body)).toContain(status);
  const jobId = String(body.jobId);
  const job = await eventually(async () => {
    const { body } = await call('admin', 'GET', `/system-jobs/${jobId}`);
    return ['Completed', 'Failed', 'Paused'].includes(String(body.status)) ? body : undefined;
  });
  expect(job, JSON.stringify(job)).toMatchObject({ status: 'Completed' });
  return jobId;
}

/** Does a cascade to its end; gives its job. */
const run = async (path: string, body: object = {}) => ended(await call('olga', 'POST', path, { ...body, mode }));
const share = (table: string, id: string, principal = 'bob') =>
  run(`/tables/${table}/${id}/share`, { principal, rights: ['Read', 'Write'] });
const unshare = (table: string, id: string, principal = 'bob') => run(`/tables/${table}/${id}/unshare`, { principal });
const remove = async (table: string, id: string) =>
  ended(await call('olga', 'DELETE', `/tables/${table}/${id}?mode=${mode}`));
const reparent = (table: string, id: string, relationship: string, parentId: string | null) =>
  run(`/tables/${table}/${id}/reparent`, { relationship, parentId });
const undo = async (jobId: string) => ended(await call('olga', 'POST', `/system-jobs/${jobId}/undo`));
/** What a user is answered that asks for a record. */
const asked = async (as: string, table: string, id: string) => (await call(as, 'GET', `/tables/${table}/${id}`)).status;

describe.each(['sync', 'async'] as const)('C25 inherited access goes with its line (%s)', (each) => {
  beforeAll(() => {
    mode = each;
  });

  it('when a delete unlinks the record, all levels down', async () => {
    const account = await make('account');
    const contact = await make('contact', { account_contacts: account });
    const order = await make('order', { contact_orders: contact });
    const line = await make('orderline', { order_orderlines: order });
    const problem = await make('case', { account_cases: account });
    const activity = await make('activity', { case_activities: problem });
    await share('account', account);
    for (const [table, id] of Object.entries({ order, orderline: line, activity })) {
      expect(await asked('bob', table, id)).toBe(200);
    }
    await remove('contact', contact);
    expect(await asked('bob', 'order', order)).toBe(404);
    expect(await asked('bob', 'orderline', line)).toBe(404);
    const patch = await call('bob', 'PATCH', `/tables/order/${order}`, { amount: 1 }, { 'if-match': '"2"' });
    expect(patch.status).toBe(404);
    await remove('account', account);
    expect(await asked('bob', 'case', problem)).toBe(404);
    expect(await asked('bob', 'activity', activity)).toBe(404);
    expect(await asked('olga', 'activity', activity)).toBe(200);
  });

  it('when a merge moves it, which brings what the target hands down', async () => {
    const [target, subordinate] = [await make('account'), await make('account')];
    const contact = await make('contact', { account_contacts: subordinate });
    const order = await make('order', { contact_orders: contact });
    await share('account', subordinate);
    await share('account', target, 'carl');
    await run(`/tables/account/${target}/merge`, { subordinateId: subordinate });
    expect(await asked('carl', 'contact', contact)).toBe(200);
    expect(await asked('carl', 'order', order)).toBe(200);
    // The target has taken over what the subordinate was shared with.
    expect(await asked('bob', 'order', order)).toBe(200);
    await unshare('account', subordinate);
    await unshare('account', target);
    expect(await asked('bob', 'contact', contact)).toBe(404);
    expect(await asked('bob', 'order', order)).toBe(404);
    expect(await asked('carl', 'order', order)).toBe(200);
  });

  it('but not where another parent still holds it', async () => {
    const [from, to] = [await make('account'), await make('account')];
    const contact = await make('contact', { account_contacts: from });
    const order = await make('order', { contact_orders: contact, account_orders: from });
    const line = await make('orderline', { order_orderlines: order });
    await share('account', from);
    await reparent('contact', contact, 'account_contacts', to);
    expect(await asked('bob', 'contact', contact)).toBe(404);
    expect(await asked('bob', 'order', order)).toBe(200);
    expect(await asked('bob', 'orderline', line)).toBe(200);
  });

  it('when the share is taken back, whatever became of owner and state', async () => {
    const account = await make('account');
    const problem = await make('case', { account_cases: account });
    const activity = await make('activity', { account_activities: account });
    const below = await make('activity', { case_activities: problem });
    await share('account', account);
    const version = (await call('olga', 'GET', `/tables/case/${problem}`)).headers.get('etag') ?? '';
    await call('olga', 'PATCH', `/tables/case/${problem}`, { state: 'Inactive' }, { 'if-match': version });
    await ended(await call('admin', 'POST', `/tables/activity/${activity}/assign`, { ownerId: 'carl', mode }));
    expect(await asked('bob', 'activity', activity)).toBe(200);
    await unshare('account', account);
    expect(await asked('bob', 'case', problem)).toBe(404);
    expect(await asked('bob', 'activity', activity)).toBe(404);
    expect(await asked('bob', 'activity', below)).toBe(404);
  });

  it.each(['restore', 'undo'] as const)(
    'and comes by the line as it is today when a record is brought back by %s',
    async (way) => {
      const account = await make('account');
      const contact = await make('contact', { account_contacts: account });
      await share('account', account);
      const deleted = await remove('contact', contact);
      await unshare('account', account);
      await share('account', account, 'carl');
      if (way === 'undo') await undo(deleted);
      else expect((await call('olga', 'POST', `/tables/contact/${contact}/restore`)).status).toBe(200);
      expect(await asked('bob', 'contact', contact)).toBe(404);
      expect(await asked('carl', 'contact', contact)).toBe(200);
    },
  );

  it('when an undo finds the record under another parent', async () => {
    const [account, other] = [await make('account'), await make('account')];
    const contact = await make('contact', { account_contacts: account });
    await share('account', account);
    const taken = await unshare('account', account);
    await reparent('contact', contact, 'account_contacts', other);
    await undo(taken);
    expect(await asked('bob', 'account', account)).toBe(200);
    expect(await asked('bob', 'contact', contact)).toBe(404);
  });

  it('when an undo takes a share back from a record that was made since', async () => {
    const account = await make('account');
    const given = await share('account', account);
    const contact = await make('contact', { account_contacts: account });
    expect(await asked('bob', 'contact', contact)).toBe(200);
    await undo(given);
    expect(await asked('bob', 'contact', contact)).toBe(404);
  });
});

describe('C25 a lookup over which rights come', () => {
  const path = '/relationships/account_contacts';
  async function behave(behaviors: object): Promise<void> {
    const etag = (await call('admin', 'GET', path)).headers.get('etag') ?? '';
    expect((await call('admin', 'PUT', path, { behaviors }, { 'if-match': etag })).status).toBe(200);
  }

  it('is no matter of PATCH, also where Reparent is None', async () => {
    const [from, to] = [await make('account'), await make('account')];
    const contact = await make('contact', { account_contacts: from });
    await behave({ Reparent: 'None' });
    const lookups = { account_contacts: to };
    const patch = await call('olga', 'PATCH', `/tables/contact/${contact}`, { lookups }, { 'if-match': '"1"' });
    expect(patch).toMatchObject({ status: 400, body: { detail: expect.stringContaining('/reparent') } });
    await behave({ Reparent: 'All' });
  });
});

describe('C25 reconcile-access', () => {
  it('puts a tree right as a job that names what it mended, and the report lists what has no source', async () => {
    mode = 'async';
    const account = await make('account');
    const contact = await make('contact', { account_contacts: account });
    const order = await make('order', { contact_orders: contact });
    await share('account', account);
    const path = '/relationships/account_contacts';
    const change = async (behaviors: object) => {
      const etag = (await call('admin', 'GET', path)).headers.get('etag') ?? '';
      expect((await call('admin', 'PUT', path, { behaviors }, { 'if-match': etag })).status).toBe(200);
    };
    await change({ Share: 'None', Reparent: 'None' });
    expect(await asked('bob', 'contact', contact)).toBe(200);
    const report = await call('admin', 'GET', '/access-report?table=contact');
    const lost = { principal: 'bob', from: account, rights: ['Read', 'Write'] };
    expect(report).toMatchObject({
      status: 200,
      body: {
        items: expect.arrayContaining([expect.objectContaining({ table: 'contact', recordId: contact, ...lost })]),
      },
    });
    expect((await call('olga', 'GET', '/access-report?table=contact')).status).toBe(403);
    const reconcile = () => call('admin', 'POST', `/tables/account/${account}/reconcile-access`);
    const started = await reconcile();
    expect(started).toMatchObject({ status: 202, body: { jobId: expect.any(String) } });
    const jobId = await ended(started);
    expect(await asked('bob', 'contact', contact)).toBe(404);
    expect(await asked('bob', 'order', order)).toBe(404);
    expect(await asked('bob', 'account', account)).toBe(200);
    expect((await call('admin', 'GET', `/system-jobs/${jobId}/changes`)).body.items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          recordId: contact,
          changes: [expect.objectContaining({ old: 'Read, Write', new: null })],
        }),
      ]),
    );
    expect((await call('admin', 'GET', `/system-jobs/${jobId}`)).body).toMatchObject({ action: 'reconcileAccess' });
    await change({ Share: 'All', Reparent: 'All' });
    await ended(await reconcile());
    expect(await asked('bob', 'order', order)).toBe(200);
    expect((await call('admin', 'GET', '/access-report?table=order')).body.items).toEqual([]);
  });
});

describe('C12 a user who was removed', () => {
  it('is the same user when PUT again, which DELETE says', async () => {
    const account = await make('account');
    mode = 'sync';
    await share('account', account, 'carl');
    const { headers } = await call('admin', 'GET', '/users/carl');
    const removed = await call('admin', 'DELETE', '/users/carl', undefined, { 'if-match': headers.get('etag') ?? '' });
    expect(removed).toMatchObject({ status: 200, body: { detail: expect.stringContaining('PUT') } });
    await call('admin', 'PUT', '/users/carl', { name: 'carl', enabled: true, roles: ['User'] });
    expect(await asked('carl', 'account', account)).toBe(200);
  });
});
