/** Hunts undos that bring back half of what a job did, overwrite what was changed since, or are promised and refused. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobsHost } from './jobs-host.ts';

interface RecordBody {
  readonly id: string;
  readonly version: number;
  readonly lookups: Readonly<Record<string, string>>;
}

let jobs: JobsHost;
beforeAll(async () => {
  jobs = await JobsHost.start();
});
afterAll(() => jobs?.dispose());

async function make(table: string, body: Record<string, unknown>): Promise<string> {
  const { status, body: made, text } = await jobs.call<RecordBody>('POST', `/tables/${table}`, body);
  if (status !== 201) throw new Error(text);
  return made.id;
}

const find = async (table: string, id: string) => jobs.call<RecordBody>('GET', `/tables/${table}/${id}`);

/** Starts a cascade and waits until it is completed; gives its job. */
async function cascade(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<string> {
  const answer = await jobs.call<{ jobId: string }>(method, path, body);
  expect([200, 202], answer.text).toContain(answer.status);
  await jobs.untilStatus(answer.body.jobId, 'Completed');
  return answer.body.jobId;
}

/** Undoes a job; gives the job that did it, once that is completed. */
async function undo(jobId: string) {
  const { status, body, text } = await jobs.command(jobId, 'undo');
  expect(status, text).toBe(202);
  return jobs.untilStatus(body.jobId ?? '', 'Completed');
}

const sharesOf = async (table: string, id: string) =>
  (await jobs.call<{ items: unknown[] }>('GET', `/tables/${table}/${id}/shares`)).body.items;

describe.each(['async', 'sync'])('C20 undo of a %s job', (mode) => {
  it('brings back all that a Delete deleted, parents first, and the links that nobody has set anew', async () => {
    const account = await make('account', { name: 'Contoso', accountNumber: `N-${mode}` });
    const other = await make('account', { name: 'Other' });
    const contact = await make('contact', { fullName: 'Zoë', lookups: { account_contacts: account } });
    const address = await make('address', { street: 'Main', city: 'Oslo', lookups: { account_addresses: account } });
    const activity = await make('activity', { subject: 'Call', lookups: { account_activities: account } });
    const order = await make('order', {
      orderNumber: '1',
      lookups: { account_orders: account, contact_orders: contact },
    });
    const moved = await make('order', { orderNumber: '2', lookups: { account_orders: account } });
    const deleted = await cascade('DELETE', `/tables/account/${account}?mode=${mode}`);
    expect((await find('contact', contact)).status).toBe(404);
    expect((await find('order', order)).body.lookups).toEqual({});
    await cascade('POST', `/tables/order/${moved}/reparent`, { relationship: 'account_orders', parentId: other });
    const undone = await undo(deleted);
    expect(undone.progress).toMatchObject({ total: 6, done: 5, skipped: 1, failed: 0 });
    expect((await find('account', `N-${mode}`)).body).toMatchObject({ id: account, version: 3 });
    expect((await find('contact', contact)).body.lookups).toEqual({ account_contacts: account });
    expect((await find('address', address)).status).toBe(200);
    expect((await find('activity', activity)).body.lookups).toEqual({ account_activities: account });
    expect((await find('order', order)).body).toMatchObject({
      lookups: { account_orders: account, contact_orders: contact },
      version: 3,
    });
    expect((await find('order', moved)).body.lookups).toEqual({ account_orders: other });
    const { body: related } = await jobs.call<{ items: RecordBody[] }>(
      'GET',
      `/tables/account/${account}/related/account_orders`,
    );
    expect(related.items.map(({ id }) => id)).toEqual([order]);
    const again = await jobs.command(deleted, 'undo');
    expect(again).toMatchObject({ status: 409, body: { jobId: undone.id } });
  });

  it('takes back a Share, gives back what an Unshare took, and moves back what a Reparent moved', async () => {
    const account = await make('account', { name: 'Contoso' });
    const other = await make('account', { name: 'Other' });
    const contact = await make('contact', { fullName: 'Zoë', lookups: { account_contacts: account } });
    const share = { principal: 'lee', rights: ['Read', 'Write'], mode };
    const shared = await cascade('POST', `/tables/account/${account}/share`, share);
    const inherited = [{ principal: 'lee', direct: [], inherited: [{ from: account, rights: ['Read', 'Write'] }] }];
    expect(await sharesOf('contact', contact)).toEqual(inherited);
    const move = { relationship: 'account_contacts', parentId: other, mode };
    const reparented = await cascade('POST', `/tables/contact/${contact}/reparent`, move);
    expect(await sharesOf('contact', contact)).toEqual([]);
    expect(await undo(reparented)).toMatchObject({ action: 'undo', progress: { done: 1 } });
    expect((await find('contact', contact)).body.lookups).toEqual({ account_contacts: account });
    expect(await sharesOf('contact', contact)).toEqual(inherited);
    const unshared = await cascade('POST', `/tables/account/${account}/unshare`, { principal: 'lee', mode });
    expect(await sharesOf('contact', contact)).toEqual([]);
    expect((await undo(unshared)).progress).toMatchObject({ total: 2, done: 2 });
    expect(await sharesOf('contact', contact)).toEqual(inherited);
    expect((await undo(shared)).progress).toMatchObject({ total: 2, done: 2 });
    expect(await sharesOf('contact', contact)).toEqual([]);
  });
});

describe('C7 rerun of a Delete that failed', () => {
  it.each([
    ['address', 'account_addresses', { street: 'Main', city: 'Oslo' }],
    ['contact', 'account_contacts', { fullName: 'Kim' }],
  ])('keeps what is deleted, names the %s that somebody else removed, and the rerun goes on', async (...kind) => {
    const [table, relationship, columns] = kind;
    const account = await make('account', { name: 'Contoso' });
    const ids = Array.from({ length: 60 }, () => randomUUID() as string);
    const lookups = { [relationship]: account };
    await jobs.call('POST', `/tables/${table}/batch`, { records: ids.map((id) => ({ id, ...columns, lookups })) });
    jobs.faults.make({ slow: { [`records${table}`]: 200 } });
    const { body } = await jobs.call<{ jobId: string }>('DELETE', `/tables/account/${account}?mode=async`);
    await jobs.until(body.jobId, ({ phase, progress }) => phase === 'applying' && progress.done > 0);
    await jobs.command(body.jobId, 'pause');
    const paused = await jobs.untilStatus(body.jobId, 'Paused');
    jobs.faults.end();
    const path = `/system-jobs/${body.jobId}/changes?outcome=unprocessed`;
    const { body: open } = await jobs.call<{ items: { recordId: string; table: string }[] }>('GET', path);
    const victim = open.items.find((each) => each.table === table)?.recordId ?? '';
    await cascade('DELETE', `/tables/${table}/${victim}?mode=sync`);
    await jobs.command(body.jobId, 'resume');
    const failed = await jobs.untilStatus(body.jobId, 'Failed');
    expect(failed.progress.done).toBeGreaterThanOrEqual(paused.progress.done);
    expect(failed.messages.at(-1)?.text).toContain(victim);
    expect(failed).toMatchObject({ label: 'Failed', legalCommands: ['rerun', 'undo'] });
    expect((await find('account', account)).status).toBe(200);
    const rerun = await jobs.command(body.jobId, 'rerun');
    const done = await jobs.untilStatus(rerun.body.jobId ?? '', 'Completed');
    expect(done.progress).toMatchObject({ total: 61 - 1 - failed.progress.done, failed: 0, skipped: 0 });
    expect((await find('account', account)).status).toBe(404);
  });
});
