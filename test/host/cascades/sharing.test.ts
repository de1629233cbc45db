import { beforeAll, describe, expect, it } from 'vitest';
import { callHost, type HostAnswer } from '../../support/host-call.ts';
import { eventually, type SpawnedHost, sharedHost } from '../../support/local-host.ts';

type Answer = HostAnswer<Readonly<Record<string, unknown>> & { readonly items: readonly Record<string, unknown>[] }>;

let host: SpawnedHost;
const tokens = new Map<string, string>();

beforeAll(async () => {
  ({ host } = await sharedHost());
  tokens.set('admin', await host.token('--role', 'Administrator'));
  for (const user of ['olga', 'bob', 'carl']) {
    tokens.set(user, await host.token('--role', 'User', '--user', user));
    await call('admin', 'PUT', `/users/${user}`, { name: user, enabled: true, roles: ['User'] });
  }
});

function call(
  as: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return callHost(host, tokens.get(as), method, path, body, headers);
}

async function make(
  table: string,
  columns: Record<string, unknown>,
  lookups: Record<string, string> = {},
): Promise<string> {
  const { status, body } = await call('olga', 'POST', `/tables/${table}`, { ...columns, lookups });
  expect(status).toBe(201);
  return String(body.id);
}

/** The mode of the cascades at hand. */
let mode: 'sync' | 'async';

/** Starts a cascade and waits for its end. */
async function run(as: string, path: string, body: object): Promise<Record<string, unknown>> {
  const started = await call(as, 'POST', path, { ...body, mode });
  expect(started).toMatchObject({ status: mode === 'sync' ? 200 : 202 });
  return jobEnd(started);
}

const idsOf = ({ body }: Answer) => body.items.map(({ id }) => id);

describe.each(['sync', 'async'] as const)('C16 sharing over HTTP (%s)', (each) => {
  beforeAll(() => {
    mode = each;
  });

  it('a share reaches what belongs to the record, shows in lists and reasons, and is taken back alone', async () => {
    const account = await make('account', { name: 'Shared' });
    const contact = await make('contact', { fullName: 'Below' }, { account_contacts: account });
    expect(await call('bob', 'GET', `/tables/contact/${contact}`)).toMatchObject({ status: 404 });
    const share = await run('olga', `/tables/account/${account}/share`, {
      principal: 'bob',
      rights: ['Read', 'Write', 'Share'],
    });
    expect(share).toMatchObject({
      status: 'Completed',
      action: 'share',
      name: `Share account ${account} with bob`,
      progress: { total: 2, done: 2 },
    });
    expect(await call('bob', 'GET', `/tables/contact/${contact}`)).toMatchObject({ status: 200 });
    expect(idsOf(await call('bob', 'GET', '/tables/contact'))).toContain(contact);
    expect(idsOf(await call('bob', 'GET', `/tables/account/${account}/related/account_contacts`))).toEqual([contact]);
    expect((await call('olga', 'GET', `/tables/contact/${contact}/access?user=bob`)).body).toEqual({
      rights: ['Read', 'Write', 'Share'],
      because: [{ kind: 'inherited', from: account, rights: ['Read', 'Write', 'Share'] }],
    });
    // Bob has the right to share what was shared with him, as a job that runs as him.
    const passedOn = await run('bob', `/tables/account/${account}/share`, { principal: 'carl', rights: ['Read'] });
    expect(passedOn).toMatchObject({ status: 'Completed', progress: { done: 2 } });
    await run('olga', `/tables/contact/${contact}/share`, { principal: 'bob', rights: ['Read'] });
    await run('olga', `/tables/account/${account}/unshare`, { principal: 'bob' });
    expect(await call('bob', 'GET', `/tables/account/${account}`)).toMatchObject({ status: 404 });
    expect((await call('olga', 'GET', `/tables/contact/${contact}/shares`)).body.items).toEqual([
      { principal: 'bob', direct: ['Read'], inherited: [] },
      { principal: 'carl', direct: [], inherited: [{ from: account, rights: ['Read'] }] },
    ]);
  });

  it('refuses rights that the sharer lacks, unknown rights and users, and users who may not read the table', async () => {
    const account = await make('account', { name: 'Guarded' });
    await call('admin', 'PUT', '/users/blind', { name: 'Blind', enabled: true, roles: [] });
    const path = `/tables/account/${account}/share`;
    await run('olga', path, { principal: 'bob', rights: ['Read', 'Share'] });
    const ask = async (as: string, body: unknown) => (await call(as, 'POST', path, body)).status;
    expect(await ask('bob', { principal: 'carl', rights: ['Read', 'Delete'] })).toBe(403);
    expect(await ask('carl', { principal: 'carl', rights: ['Read'] })).toBe(404);
    expect(await ask('olga', { principal: 'nobody', rights: ['Read'] })).toBe(422);
    expect(await ask('olga', { principal: 'blind', rights: ['Read'] })).toBe(422);
    expect(await ask('olga', { principal: 'carl', rights: ['Create'] })).toBe(400);
    expect(await ask('olga', { principal: 'carl', rights: [] })).toBe(400);
    expect(await call('olga', 'POST', `/tables/account/${account}/unshare`, { principal: 'nobody' })).toMatchObject({
      status: 422,
    });
  });

  it('a record that is reparented leaves its old parent’s line and joins the new one’s', async () => {
    const [from, to] = [await make('account', { name: 'From' }), await make('account', { name: 'To' })];
    const contact = await make('contact', { fullName: 'Moves' }, { account_contacts: from });
    const order = await make('order', { orderNumber: 'O-1' }, { contact_orders: contact });
    await run('olga', `/tables/account/${from}/share`, { principal: 'bob', rights: ['Read'] });
    await run('olga', `/tables/account/${to}/share`, { principal: 'carl', rights: ['Read'] });
    const path = `/tables/contact/${contact}/reparent`;
    const move = { relationship: 'account_contacts', parentId: to };
    expect(await run('olga', path, move)).toMatchObject({ status: 'Completed', progress: { total: 2, done: 2 } });
    expect(await call('bob', 'GET', `/tables/order/${order}`)).toMatchObject({ status: 404 });
    expect(await call('carl', 'GET', `/tables/order/${order}`)).toMatchObject({ status: 200 });
    expect(idsOf(await call('olga', 'GET', `/tables/account/${to}/related/account_contacts`))).toEqual([contact]);
    expect(idsOf(await call('olga', 'GET', `/tables/account/${from}/related/account_contacts`))).toEqual([]);
    const again = await run('olga', path, move);
    expect(again).toMatchObject({ status: 'Completed', progress: { total: 1, done: 1 } });
    expect((await call('olga', 'GET', `/tables/contact/${contact}`)).body).toMatchObject({ version: 2 });
  });

  it('refuses a parent that isn’t there or not to be appended to, and a lookup that the table hasn’t', async () => {
    const contact = await make('contact', { fullName: 'Stays' });
    const foreign = String((await call('admin', 'POST', '/tables/account', { name: 'Foreign' })).body.id);
    const ask = (body: unknown) => call('olga', 'POST', `/tables/contact/${contact}/reparent`, body);
    const missing = '11111111-1111-4111-8111-111111111111';
    expect(await ask({ relationship: 'account_contacts', parentId: missing })).toMatchObject({ status: 422 });
    expect(await ask({ relationship: 'account_contacts', parentId: foreign })).toMatchObject({ status: 422 });
    expect(await ask({ relationship: 'account_orders', parentId: missing })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('account_contacts') },
    });
    expect(await ask({ relationship: 'account_contacts' })).toMatchObject({ status: 400 });
  });
});

describe('C1 Share of a relationship is set to None', () => {
  const path = '/relationships/account_contacts';

  async function putShare(share: string): Promise<Answer> {
    const { body } = await call('admin', 'GET', path);
    return call('admin', 'PUT', path, { behaviors: { Share: share } }, { 'if-match': `"${String(body.version)}"` });
  }

  it('offers to take away what came down over it, which a job does that can be undone', async () => {
    const account = await make('account', { name: 'Cut' });
    const contact = await make('contact', { fullName: 'Below' }, { account_contacts: account });
    mode = 'sync';
    await run('olga', `/tables/account/${account}/share`, { principal: 'bob', rights: ['Read'] });
    const revoke = `${path}/revoke-inherited-access`;
    expect(await call('admin', 'POST', revoke)).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('Set Share to None first') },
    });
    const { body } = await putShare('None');
    expect(body.cleanup).toMatchObject({
      method: 'POST',
      href: `/api${revoke}`,
      records: expect.any(Number),
      byTable: { contact: expect.any(Number) },
      complete: true,
    });
    expect((await call('bob', 'GET', `/tables/contact/${contact}`)).status).toBe(200);
    expect((await call('olga', 'POST', revoke)).status).toBe(403);
    const started = await call('admin', 'POST', revoke);
    expect(started).toMatchObject({ status: 202, body: { jobId: expect.any(String) } });
    const ended = await jobEnd(started);
    expect(ended).toMatchObject({
      status: 'Completed',
      action: 'revokeInheritedAccess',
      table: 'contact',
      recordId: 'account_contacts',
      name: 'Revoke inherited access by account_contacts',
      mode: 'async',
      progress: { done: (body.cleanup as { records: number }).records, failed: 0, skipped: 0 },
    });
    expect((await call('bob', 'GET', `/tables/contact/${contact}`)).status).toBe(404);
    expect((await call('bob', 'GET', `/tables/account/${account}`)).status).toBe(200);
    const listed = await call('admin', 'GET', '/system-jobs?view=cascade&action=revokeInheritedAccess');
    expect(listed.body.items.map(({ id }) => id)).toEqual([started.body.jobId]);
    const undone = await call('admin', 'POST', `/system-jobs/${String(started.body.jobId)}/undo`);
    expect(await jobEnd(undone)).toMatchObject({ status: 'Completed', action: 'undo' });
    expect((await call('bob', 'GET', `/tables/contact/${contact}`)).status).toBe(200);
    expect((await putShare('All')).body).not.toHaveProperty('cleanup');
  });
});

function jobEnd({ body: { jobId } }: Answer): Promise<Record<string, unknown>> {
  return eventually(async () => {
    const job = await call('admin', 'GET', `/system-jobs/${String(jobId)}`);
    return ['Completed', 'Failed', 'Paused'].includes(String(job.body.status)) ? job.body : undefined;
  });
}
