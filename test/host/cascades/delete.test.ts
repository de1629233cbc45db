import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CascadeHost, openCascadeHost } from './cascade-host.ts';

let app: CascadeHost;
beforeAll(async () => {
  app = await openCascadeHost();
});
afterAll(() => app?.faults.end());

const contactsOf = (account: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({ fullName: `C ${at}`, lookups: { account_contacts: account } }));

describe('C7 DELETE of a record', () => {
  it('deletes what belongs to it, unlinks what only names it, and says so in its job', async () => {
    const account = await app.make('account', { name: 'Contoso' });
    const contacts = await app.makeMany('contact', contactsOf(account, 150));
    const order = await app.make('order', { orderNumber: 'S-1', lookups: { account_orders: account } });
    const started = await app.call('DELETE', `/tables/account/${account}?mode=async`);
    expect(started).toMatchObject({ status: 202, body: { jobId: expect.any(String) } });
    const job = await app.job(started.body.jobId, 'Completed', 'Failed', 'Paused');
    expect(job).toMatchObject({ status: 'Completed', action: 'delete', name: `Delete account ${account}` });
    expect(job.progress).toMatchObject({ total: 152, done: 152, failed: 0, skipped: 0 });
    expect((await app.call('GET', `/tables/account/${account}`)).status).toBe(404);
    expect((await app.call('GET', `/tables/contact/${contacts[149]}`)).status).toBe(404);
    expect((await app.call('GET', `/tables/order/${order}`)).body).toMatchObject({ version: 2, lookups: {} });
    const changes = await app.call('GET', `/system-jobs/${job.id}/changes?outcome=done&pageSize=500`);
    expect(changes.body.items).toHaveLength(152);
    const late = await app.call('POST', '/tables/contact', contactsOf(account, 1)[0]);
    expect(late.status).toBe(422);
    expect((await app.call('DELETE', `/tables/account/${account}`)).status).toBe(404);
  });

  it('does the same at one moment in synchronous mode', async () => {
    const account = await app.make('account', { name: 'Small' });
    const [contact] = await app.makeMany('contact', contactsOf(account, 2));
    const order = await app.make('order', { orderNumber: 'S-2', lookups: { contact_orders: contact } });
    const answer = await app.call('DELETE', `/tables/account/${account}?mode=sync`);
    expect(answer).toMatchObject({ status: 200, body: { counts: { total: 4, done: 4 } } });
    expect((await app.call('GET', `/tables/account/${account}`)).status).toBe(404);
    expect((await app.call('GET', `/tables/contact/${contact}`)).status).toBe(404);
    expect((await app.call('GET', `/tables/order/${order}`)).body).toMatchObject({ lookups: {} });
    expect((await app.call('POST', `/tables/account/${account}/restore`)).status).toBe(200);
    expect((await app.call('POST', `/tables/contact/${contact}/restore`)).status).toBe(200);
  });

  it('is refused while related records forbid it, and names them', async () => {
    const account = await app.make('account', { name: 'Quoted' });
    const quote = await app.make('quote', { quoteNumber: 'Q-1', lookups: { account_quotes: account } });
    const refused = await app.call('DELETE', `/tables/account/${account}`);
    expect(refused.status).toBe(409);
    expect(refused.body.blockers).toEqual([{ relationship: 'account_quotes', count: 1, examples: [quote] }]);
    expect((await app.call('GET', `/tables/account/${account}`)).status).toBe(200);
    const preview = await app.call('POST', `/tables/account/${account}/preview`, { action: 'delete' });
    expect(preview).toMatchObject({ status: 200, body: { blockers: refused.body.blockers } });
    const removed = await app.call('DELETE', `/tables/quote/${quote}?mode=async`);
    await app.job(removed.body.jobId, 'Completed');
    const { body } = await app.call('DELETE', `/tables/account/${account}?mode=async`);
    expect((await app.job(body.jobId, 'Completed', 'Failed', 'Paused')).status).toBe('Completed');
  });

  it('refuses unknown query names and modes', async () => {
    const account = await app.make('account', { name: 'A' });
    expect((await app.call('DELETE', `/tables/account/${account}?mode=fast`)).status).toBe(400);
    expect((await app.call('DELETE', `/tables/account/${account}?soon=1`)).status).toBe(400);
  });
});

describe('C19 poison records', () => {
  it('are named exactly, when all others are done', async () => {
    const account = await app.make('account', { name: 'Poisoned' });
    const contacts = await app.makeMany('contact', contactsOf(account, 400));
    const guilty = [contacts[7], contacts[8], contacts[333]].map(String).sort();
    await app.call('PUT', '/users/zoe', { name: 'Zoe', enabled: true, roles: ['Administrator'] });
    app.faults.make({ poison: guilty });
    const { body } = await app.call('POST', `/tables/account/${account}/assign`, { ownerId: 'zoe', mode: 'async' });
    const job = await app.job(body.jobId, 'Paused', 'Completed', 'Failed');
    expect(job).toMatchObject({ status: 'Paused', pauseReason: { code: 'permanent-error' } });
    expect(job.progress).toMatchObject({ total: 401, done: 398, failed: 3, skipped: 0 });
    const failed = await app.call('GET', `/system-jobs/${job.id}/changes?outcome=failed`);
    const named = failed.body.items.map(({ recordId }) => recordId);
    expect([...named].sort()).toEqual(guilty);
    app.faults.end();
  });
});
