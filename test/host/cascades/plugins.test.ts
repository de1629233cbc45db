/** Plug-ins over HTTP on the local host: real threads, from compiled files and a module that the environment names. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_PATH } from '../../support/local-host.ts';
import { JobsHost } from './jobs-host.ts';

const MODULE = join(PROJECT_PATH, 'test', 'fixtures', 'plugins', 'plugins.mjs');
const EXAMPLES = ['order-lock-guard', 'account-handover-note'];

let jobs: JobsHost;
beforeAll(async () => {
  jobs = await JobsHost.start({ SPILLWAY_PLUGINS: MODULE });
});
afterAll(() => jobs?.dispose());

interface Value {
  readonly id: string;
  readonly ownerId: string;
  readonly version: number;
  readonly [name: string]: unknown;
}

async function make(table: string, record: Record<string, unknown>): Promise<string> {
  const id = randomUUID();
  const { status, text } = await jobs.call('POST', `/tables/${table}`, { id, ownerId: 'ann', ...record });
  if (status !== 201) throw new Error(text);
  return id;
}

/** An account of ann's whose contacts are marked with these words. */
async function customer(marks: readonly string[]): Promise<{ root: string; contacts: string[] }> {
  const root = await make('account', { name: 'Root' });
  const contacts: string[] = [];
  for (const phone of marks) {
    contacts.push(await make('contact', { fullName: phone, phone, lookups: { account_contacts: root } }));
  }
  return { root, contacts };
}

const value = async (table: string, id: string) => (await jobs.call<Value>('GET', `/tables/${table}/${id}`)).body;
const related = async (path: string) => (await jobs.call<{ items: Value[] }>('GET', `/tables/${path}`)).body.items;

describe('C10 GET /plugins', () => {
  it('lists what is declared here and by the module, by table and action, and what is on', async () => {
    const { body } = await jobs.call<{ items: Record<string, unknown>[] }>(
      'GET',
      '/plugins?table=contact&action=assign',
    );
    expect(body.items.map(({ name }) => name)).toEqual([
      'fails',
      'hangs',
      'waits',
      'fails-after-writing',
      'writes',
      'asks',
      'clears',
    ]);
    expect(body.items[0]).toEqual({
      name: 'fails',
      description: 'For tests: fails.',
      table: 'contact',
      action: 'assign',
      step: 'before',
      filter: { columns: { phone: 'fails' } },
      enabled: true,
    });
    const all = await jobs.call<{ items: Record<string, unknown>[] }>('GET', '/plugins');
    expect(all.body.items.filter(({ enabled }) => !enabled).map(({ name }) => name)).toEqual(EXAMPLES);
    expect(await jobs.call('GET', '/plugins?table=nothing')).toMatchObject({ status: 400 });
  });
});

describe('C10 plug-ins in an asynchronous job', () => {
  it('write with their record, and run in no other', async () => {
    const family = await customer(['writes', 'plain', 'asks']);
    const id = await jobs.assign(family);
    expect(await jobs.untilStatus(id, 'Completed')).toMatchObject({ progress: { total: 4, done: 4, failed: 0 } });
    const [writes = '', plain = '', asks = ''] = family.contacts;
    expect(await value('contact', writes)).toMatchObject({
      ownerId: 'kim',
      version: 2,
      email: 'noted@contoso.example',
    });
    expect(await value('contact', asks)).toMatchObject({ ownerId: 'kim', version: 2, email: 'asked@contoso.example' });
    const [made, ...more] = await related(`contact/${writes}/related/contact_cases`);
    expect(made).toMatchObject({ title: 'handover by admin', ownerId: 'admin' });
    expect(more).toEqual([]);
    const [activity] = await related(`case/${made?.id}/related/case_activities`);
    expect(activity).toMatchObject({ subject: 'ann > kim, reads kim' });
    expect(await related(`contact/${plain}/related/contact_cases`)).toEqual([]);
  });

  it('delete other records with what belongs to them; an undo takes back the rest and says what it leaves', async () => {
    const other = await customer(['plain']);
    const root = await make('account', { name: 'Root' });
    const contact = { fullName: other.root, phone: 'clears', lookups: { account_contacts: root } };
    const id = await make('contact', contact);
    const job = await jobs.assign({ root, contacts: [] });
    await jobs.untilStatus(job, 'Completed');
    expect(await value('contact', id)).toMatchObject({ ownerId: 'kim', email: 'cleared@contoso.example' });
    for (const path of [`account/${other.root}`, `contact/${other.contacts[0]}`]) {
      expect((await jobs.call('GET', `/tables/${path}`)).status).toBe(404);
    }
    const log = await jobs.call<{ items: Record<string, unknown>[] }>('GET', `/system-jobs/${job}/changes`);
    expect(log.body.items.find(({ recordId }) => recordId === id)).toMatchObject({
      besides: [{ changes: [{ name: 'deletedOn', old: null }] }, { changes: [{ name: 'deletedOn', old: null }] }],
    });
    const undo = (await jobs.command(job, 'undo')).body.jobId ?? '';
    expect(await jobs.untilStatus(undo, 'Completed')).toMatchObject({ progress: { done: 2, skipped: 2, failed: 0 } });
    expect(await value('contact', id)).not.toHaveProperty('email');
    const left = await jobs.call('GET', `/system-jobs/${undo}/changes?outcome=skipped`);
    expect(left.text).toContain(`POST /api/tables/account/${other.root}/restore brings it back.`);
  });

  it('fail their record alone; the job pauses, says which plug-in and why, and goes on once the cause is removed', async () => {
    const family = await customer(['plain', 'fails-after-writing', 'plain']);
    const id = await jobs.assign(family);
    const paused = await jobs.untilStatus(id, 'Paused');
    const [, guilty = ''] = family.contacts;
    expect(paused).toMatchObject({
      progress: { total: 4, done: 3, failed: 1 },
      pauseReason: { code: 'plugin-failed', plugin: 'fails-after-writing', records: [guilty] },
    });
    const said = paused.messages.map(({ text }) => text).join(' ');
    expect(said).toContain(
      `Plug-in fails-after-writing (after assign) on contact ${guilty} threw Error: changed its mind`,
    );
    expect(await value('contact', guilty)).toMatchObject({ ownerId: 'ann', version: 1 });
    expect((await value('contact', guilty)).email).toBeUndefined();

    await jobs.settings({ disabledPlugins: [...EXAMPLES, 'fails-after-writing'] });
    await jobs.command(id, 'resume');
    expect(await jobs.untilStatus(id, 'Completed')).toMatchObject({ progress: { total: 4, done: 4, failed: 0 } });
    expect(await value('contact', guilty)).toMatchObject({ ownerId: 'kim', version: 2 });
    await jobs.settings({ disabledPlugins: null });
  });

  it('are stopped at their deadline, also when they never let go of the processor', async () => {
    await jobs.settings({ pluginDeadlineSeconds: 0.5 });
    const family = await customer(['hangs', 'plain']);
    const id = await jobs.assign(family);
    const paused = await jobs.untilStatus(id, 'Paused');
    expect(paused).toMatchObject({
      progress: { total: 3, done: 2, failed: 1 },
      pauseReason: { code: 'plugin-timeout', plugin: 'hangs', records: [family.contacts[0]] },
    });
    expect(await jobs.command(id, 'skip')).toMatchObject({ status: 202 });
    expect(await jobs.untilStatus(id, 'Completed')).toMatchObject({ progress: { done: 2, skipped: 1, failed: 0 } });
    await jobs.settings({ pluginDeadlineSeconds: null });
  });
});

describe('C5 C10 plug-ins in a synchronous cascade', () => {
  const request = { ownerId: 'kim' };
  const assign = ({ root }: { readonly root: string }) =>
    jobs.call<Record<string, unknown>>('POST', `/tables/account/${root}/assign`, request);

  it('keep it synchronous also above the threshold, and write in its transaction', async () => {
    await jobs.settings({ thresholds: { assign: 2 } });
    const family = await customer(['writes', 'plain']);
    const preview = await jobs.call('POST', `/tables/account/${family.root}/preview`, { action: 'assign', ...request });
    expect(preview).toMatchObject({ status: 200, body: { mode: 'sync', total: 3 } });
    expect(await assign(family)).toMatchObject({ status: 200, body: { counts: { total: 3, done: 3 } } });
    const [writes = ''] = family.contacts;
    expect(await value('contact', writes)).toMatchObject({ ownerId: 'kim', email: 'noted@contoso.example' });
    const [made] = await related(`contact/${writes}/related/contact_cases`);
    const [activity] = await related(`case/${made?.id}/related/case_activities`);
    expect(activity).toMatchObject({ subject: 'ann > kim, reads kim' });
    await jobs.settings({ thresholds: null });
  });

  it('roll all of it back when one throws: 409 names plug-in, step, record and exception', async () => {
    const family = await customer(['plain', 'writes', 'fails-after-writing']);
    const answer = await assign(family);
    const [, writes = '', guilty = ''] = family.contacts;
    expect(answer).toMatchObject({
      status: 409,
      body: { jobId: expect.any(String), code: 'plugin-failed', plugin: 'fails-after-writing', records: [guilty] },
    });
    const said = `Plug-in fails-after-writing (after assign) on contact ${guilty} threw Error: changed its mind`;
    expect(answer.body.detail).toContain(said);
    for (const id of family.contacts) expect(await value('contact', id)).toMatchObject({ ownerId: 'ann', version: 1 });
    expect(await related(`contact/${writes}/related/contact_cases`)).toEqual([]);
    const job = await jobs.job(String(answer.body.jobId));
    expect(job).toMatchObject({ status: 'Failed', mode: 'sync', progress: { total: 4, done: 0 } });
    expect(job.messages.map(({ text }) => text).join(' ')).toContain(said);
  });
});

describe('C10 the examples', () => {
  it('guard locked orders and note who handed over a key account, once they are switched on', async () => {
    await jobs.settings({ disabledPlugins: [] });
    const root = await make('account', { name: 'Contoso', group: 'Key accounts' });
    const lookups = { account_orders: root };
    const locked = await make('order', { orderNumber: 'S-1', status: 'Locked', lookups });
    const open = await make('order', { orderNumber: 'S-2', status: 'Open', lookups });
    const id = await jobs.assign({ root, contacts: [] });
    const paused = await jobs.untilStatus(id, 'Paused');
    expect(paused.pauseReason).toMatchObject({ code: 'plugin-failed', records: [locked] });
    expect(await value('order', open)).toMatchObject({ ownerId: 'kim' });
    expect(await related(`account/${root}/related/account_activities`)).toMatchObject([
      { subject: 'admin handed over from ann to kim', kind: 'Note', ownerId: 'kim' },
    ]);
    const { headers } = await jobs.call('GET', `/tables/order/${locked}`);
    await jobs.call('PATCH', `/tables/order/${locked}`, { status: 'Open' }, { 'if-match': headers.get('etag') ?? '' });
    await jobs.command(id, 'retry');
    await jobs.untilStatus(id, 'Completed');
    expect(await value('order', locked)).toMatchObject({ ownerId: 'kim' });
  });
});
