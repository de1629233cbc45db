import { beforeAll, describe, expect, it } from 'vitest';
import { type CascadeHost, openCascadeHost } from './cascade-host.ts';

let app: CascadeHost;
beforeAll(async () => {
  app = await openCascadeHost();
});

describe('C20 POST restore of a deleted record', () => {
  it('brings it back once its parent lives, and names the parent until then', async () => {
    const account = await app.make('account', { name: 'Contoso', accountNumber: 'N-1' });
    const contact = await app.make('contact', { fullName: 'Zoë', lookups: { account_contacts: account } });
    const path = `/tables/contact/${contact}`;
    expect((await app.call('POST', `${path}/restore`)).status).toBe(409);
    const started = await app.call('DELETE', `/tables/account/${account}?mode=async`);
    await app.job(started.body.jobId, 'Completed');
    const refused = await app.call('POST', `${path}/restore`);
    expect(refused).toMatchObject({ status: 422, body: { detail: expect.stringContaining(account) } });
    const parent = await app.call('POST', `/tables/account/${account}/restore`);
    expect(parent).toMatchObject({ status: 200, body: { state: 'Active', version: 3, accountNumber: 'N-1' } });
    expect((await app.call('POST', `${path}/restore`)).body).toMatchObject({ fullName: 'Zoë', version: 3 });
    expect((await app.call('GET', path)).status).toBe(200);
    const related = await app.call('GET', `/tables/account/${account}/related/account_contacts`);
    expect(related.body.items).toHaveLength(1);
    expect((await app.call('POST', '/tables/contact/11111111-1111-4111-8111-111111111111/restore')).status).toBe(404);
  });

  it('E7 its tombstones are purged by a timer, which leaves young ones alone', async () => {
    const account = await app.make('account', { name: 'Young' });
    const started = await app.call('DELETE', `/tables/account/${account}?mode=async`);
    await app.job(started.body.jobId, 'Completed');
    const purge = await app.host.fetch('/admin/functions/purgeTombstones', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(purge.status).toBe(202);
    expect((await app.call('POST', `/tables/account/${account}/restore`)).status).toBe(200);
  });
});
