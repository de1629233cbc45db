import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/local-host.ts';
import { type JobBody, JobsHost } from './jobs-host.ts';

let jobs: JobsHost;
beforeAll(async () => {
  jobs = await JobsHost.start();
});
afterAll(() => jobs?.dispose());

type Body = Readonly<Record<string, unknown>> & { readonly lookups: Readonly<Record<string, string>> };

async function make(table: string, columns: object, lookups: object = {}): Promise<string> {
  const { status, body, text } = await jobs.call<{ id: string }>('POST', `/tables/${table}`, { ...columns, lookups });
  if (status !== 201) throw new Error(text);
  return body.id;
}

const get = async (table: string, id: string) => (await jobs.call<Body>('GET', `/tables/${table}/${id}`)).body;
const merge = (target: string, body: object, table = 'account') =>
  jobs.call<{ jobId: string; detail?: string; counts?: object }>('POST', `/tables/${table}/${target}/merge`, body);

async function couple() {
  const target = await make('account', { name: 'Target', phone: '1', ownerId: 'ann' });
  const subordinateId = await make('account', { name: 'Sub', phone: '2', language: 'de', ownerId: 'kim' });
  const contact = await make('contact', { fullName: 'C', ownerId: 'kim' }, { account_contacts: subordinateId });
  const order = await make('order', { orderNumber: 'O' }, { account_orders: subordinateId, contact_orders: contact });
  return { target, subordinateId, contact, order };
}

describe('C8 merge over HTTP', () => {
  it('moves related records, fills the target, deactivates the subordinate, and is undone', async () => {
    const { target, subordinateId, contact, order } = await couple();
    const preview = { action: 'merge', subordinateId };
    expect((await jobs.call('POST', `/tables/account/${target}/preview`, preview)).body).toMatchObject({
      mode: 'sync',
      total: 4,
      byTable: { account: 2, contact: 1, order: 1 },
      byRelationship: { account_contacts: 1, account_orders: 1 },
      winners: expect.arrayContaining([{ column: 'name', value: 'Target', from: 'target' }]),
    });
    const { status, body } = await merge(target, { subordinateId, content: { title: 'Dr' }, mode: 'async' });
    expect(status).toBe(202);
    expect(await jobs.untilStatus(body.jobId, 'Completed')).toMatchObject({
      name: `Merge account ${subordinateId} into ${target}`,
      action: 'merge',
      progress: { total: 4, done: 4 },
    });
    const merged = { name: 'Target', phone: '1', language: 'de', title: 'Dr', version: 2 };
    expect(await get('account', target)).toMatchObject(merged);
    expect(await get('account', subordinateId)).toMatchObject({ state: 'Inactive', masterId: target, phone: '2' });
    expect((await get('contact', contact)).lookups).toEqual({ account_contacts: target });
    expect((await get('order', order)).lookups).toEqual({ account_orders: target, contact_orders: contact });
    const access = await jobs.call<{ rights: string[] }>('GET', `/tables/account/${target}/shares`);
    expect(access.body).toMatchObject({
      items: [{ principal: 'kim', direct: ['Read', 'Write', 'Append', 'AppendTo'] }],
    });

    const undo = await jobs.command(body.jobId, 'undo');
    expect(undo.status).toBe(202);
    expect(await jobs.untilStatus(undo.body.jobId ?? '', 'Completed')).toMatchObject({ progress: { done: 4 } });
    expect(await get('account', target)).not.toHaveProperty('language');
    expect(await get('account', subordinateId)).toMatchObject({ state: 'Active' });
    expect(await get('account', subordinateId)).not.toHaveProperty('masterId');
    expect((await get('contact', contact)).lookups).toEqual({ account_contacts: subordinateId });
  });

  it('does the same in one transaction', async () => {
    const { target, subordinateId, contact } = await couple();
    await jobs.call('POST', `/tables/account/${target}/share`, { principal: 'lee', rights: ['Read'], mode: 'sync' });
    const { status, body } = await merge(target, { subordinateId, mode: 'sync' });
    expect({ status, body }).toMatchObject({ status: 200, body: { counts: { total: 4, done: 4 } } });
    expect(await get('account', target)).toMatchObject({ language: 'de', version: 2 });
    expect(await get('account', subordinateId)).toMatchObject({ state: 'Inactive', masterId: target });
    expect((await get('contact', contact)).lookups).toEqual({ account_contacts: target });
    expect(await jobs.job(body.jobId)).toMatchObject({ status: 'Completed', action: 'merge' });
    const { body: shares } = await jobs.call<{ items: unknown[] }>('GET', `/tables/contact/${contact}/shares`);
    expect(shares.items).toEqual([{ principal: 'lee', direct: [], inherited: [{ from: target, rights: ['Read'] }] }]);
  });

  it('refuses what can’t be merged', async () => {
    const { target, subordinateId, contact, order } = await couple();
    const gone = randomUUID();
    const ended = await make('account', { name: 'Inactive', state: 'Inactive' });
    const statusOf = async (body: object, at = target, table?: string) => (await merge(at, body, table)).status;
    expect(await statusOf({ subordinateId: target })).toBe(422);
    expect(await statusOf({ subordinateId: ended })).toBe(422);
    expect(await statusOf({ subordinateId }, ended)).toBe(422);
    expect(await statusOf({ subordinateId: gone })).toBe(422);
    expect(await statusOf({ subordinateId: contact })).toBe(422);
    expect(await statusOf({ subordinateId: gone }, order, 'order')).toBe(422);
    expect(await statusOf({ subordinateId }, gone)).toBe(404);
    expect(await statusOf({ subordinateId, content: { masterId: gone } })).toBe(400);
    expect(await statusOf({ subordinateId, content: { name: null } })).toBe(400);
    expect(await statusOf({ subordinateId, surplus: 1 })).toBe(400);
    expect(await statusOf({})).toBe(400);
    expect(await get('account', target)).toMatchObject({ version: 1 });
  });

  it('C21 holds both records: another cascade on either is refused with the job’s id', async () => {
    const { target, subordinateId } = await couple();
    await jobs.settings({ pauseAllJobs: true });
    const { body } = await merge(target, { subordinateId, mode: 'async' });
    for (const id of [target, subordinateId]) {
      const refused = await jobs.call('POST', `/tables/account/${id}/assign`, { ownerId: 'lee', mode: 'async' });
      expect(refused).toMatchObject({ status: 409, body: { jobId: body.jobId } });
    }
    expect(await merge(subordinateId, { subordinateId: target, mode: 'async' })).toMatchObject({
      status: 409,
      body: { jobId: body.jobId },
    });
    await jobs.settings({ pauseAllJobs: false });
    await jobs.untilStatus(body.jobId, 'Completed');
    const after = await jobs.call('POST', `/tables/account/${subordinateId}/assign`, { ownerId: 'lee', mode: 'async' });
    expect(after.status).toBe(202);
  });

  it('names the privilege that is missing', async () => {
    const { target, subordinateId } = await couple();
    const privileges = ['Read', 'Write', 'Merge', 'Share'].map((action) => ({
      table: 'account',
      action,
      depth: 'Organization',
    }));
    await jobs.call('PUT', '/roles/merger', { privileges });
    await jobs.call('PUT', '/users/max', { name: 'Max', enabled: true, roles: ['merger'] });
    const token = await jobs.host.token('--role', 'User', '--user', 'max');
    const ask = () =>
      jobs.call('POST', `/tables/account/${target}/merge`, { subordinateId }, { authorization: `Bearer ${token}` });
    expect(await ask()).toMatchObject({ status: 403, body: { privilege: 'AppendTo', table: 'account' } });
  });
});
describe('C9 parenting checks over HTTP', () => {
  async function deletedDuring(
    performParentingChecks: boolean,
  ): Promise<{ job: JobBody; order: string; target: string; contact: string }> {
    const { target, subordinateId, contact, order } = await couple();
    await jobs.settings({ pauseAllJobs: true });
    const { body } = await merge(target, { subordinateId, performParentingChecks, mode: 'async' });
    const deleted = await jobs.call('DELETE', `/tables/contact/${contact}?mode=sync`);
    expect(deleted.status).toBe(200);
    await jobs.settings({ pauseAllJobs: false });
    const job = await jobs.until(body.jobId, ({ status }) => ['Completed', 'Failed'].includes(status));
    return { job, order, target, contact };
  }

  it('a contact deleted meanwhile ends the job Failed, and is named', async () => {
    const { job, contact } = await deletedDuring(true);
    expect(job).toMatchObject({ status: 'Failed' });
    expect(JSON.stringify(job.messages)).toContain(contact);
  });

  it('without them its orders go to the target, and the job completes', async () => {
    const { job, order, target } = await deletedDuring(false);
    expect(job).toMatchObject({ status: 'Completed' });
    expect((await get('order', order)).lookups).toMatchObject({ account_orders: target });
  });
});

describe('A15 operations of a customer that was merged', () => {
  /** Starts a run and waits for its end. */
  async function run(path: string): Promise<void> {
    const { body } = await jobs.call<{ runId: string }>('POST', `${path}/runs`);
    await eventually(async () => {
      const { status } = (await jobs.call('GET', `${path}/runs/${body.runId}`)).body;
      return status === 'Completed' || undefined;
    });
  }
  const synchronize = async () => {
    await run('/cdx-jobs/P-0001');
    await run('/customer-sync');
  };

  it('are applied to the master, which the channel sees too', async () => {
    const profile = { createCustomerInAsyncMode: true };
    await jobs.call('PUT', '/channels/pos', { name: 'pos', kind: 'POS', profile });
    const features = ['performanceImprovements', 'enhancedAsyncCreation', 'asyncAddressCreation', 'editCustomersAsync'];
    for (const key of features) await jobs.call('PUT', `/features/${key}`, { enabled: true });
    for (const job of ['1110', '1010', '1070']) await run(`/cdx-jobs/${job}`);
    const customers: string[] = [];
    for (const name of ['Master', 'Merged']) {
      const { status, body } = await jobs.call<{ customerId: string }>('POST', '/channels/pos/customers', { name });
      expect(status).toBe(202);
      customers.push(body.customerId);
    }
    const [master = '', merged = ''] = customers;
    const street = { street: 'Ring 1' };
    await jobs.call('POST', `/channels/pos/customers/${merged}/addresses`, street);
    await synchronize();
    const { accountNumber } = await get('account', merged);
    // The number finds the record that is merged, too.
    const { body } = await merge(master, { subordinateId: String(accountNumber), mode: 'async' });
    expect(await jobs.untilStatus(body.jobId, 'Completed')).toMatchObject({ progress: { total: 3, done: 3 } });
    expect((await get('account', master)).accountNumber).not.toBe(accountNumber);
    expect(await get('account', merged)).toMatchObject({ accountNumber, masterId: master });

    const edited = await jobs.call('PATCH', `/channels/pos/customers/${merged}`, { phone: '7' });
    expect(edited.status).toBe(202);
    await synchronize();
    expect(await get('account', master)).toMatchObject({ name: 'Master', phone: '7' });
    expect(await get('account', merged)).not.toHaveProperty('phone');
    await run('/cdx-jobs/1010');
    const view = await jobs.call<Body>('GET', `/channels/pos/customers/${merged}`);
    expect(view.body).toMatchObject({ masterId: master, phone: '7', addresses: [street] });
  });
});
