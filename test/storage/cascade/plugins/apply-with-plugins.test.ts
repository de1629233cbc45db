/**
 * Hunts records whose plug-ins' writes count without the record's own change, or twice, or not at all, whatever fails, is
 * cut off or comes in between; and records without plug-ins that suffer from the plug-ins of others.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AssignPlan, UndoPlan } from '../../../../shared/cascade/plans.ts';
import type { Plugin, PluginCall } from '../../../../shared/cascade/plugins/plugin.ts';
import { createCrashingStorage } from '../../../support/crashing-storage.ts';
import { writesToDieAt } from '../../../support/writes-to-die-at.ts';
import { allowed, CascadeFixture } from '../cascade-fixture.ts';

const plugin = (name: string, step: Plugin['step'], run: Plugin['run'], more: Partial<Plugin> = {}): Plugin => ({
  name,
  description: name,
  table: 'contact',
  action: 'assign',
  step,
  filter: { columns: { phone: 'marked' } },
  run,
  ...more,
});

/** Notes a handover as a case under the contact, with an activity under the case, and on the contact itself. */
const notes = plugin('notes', 'after', async ({ work, record, before }) => {
  const seen = await work.get('contact', record.id);
  const title = `${before?.ownerId} > ${record.ownerId}, read as ${seen?.ownerId}`;
  const id = await work.create('case', { columns: { title }, lookups: { contact_cases: record.id } });
  await work.create('activity', { columns: { subject: title }, lookups: { case_activities: id } });
  await work.update('contact', record.id, { columns: { email: 'noted@contoso.example' } });
});

const fails = plugin('fails', 'after', async ({ work, record }) => {
  await work.create('case', { columns: { title: 'never' }, lookups: { contact_cases: record.id } });
  await work.update('contact', record.id, { columns: { email: 'half@done.example' } });
  throw new RangeError('changed its mind');
});

/** An identified job that gives an account with contacts, of which some are marked, to Zoe. */
async function identified(
  fixture: CascadeFixture,
  contacts: readonly boolean[],
): Promise<{ plan: AssignPlan; marked: string[]; plain: string[] }> {
  const account = await fixture.make('account');
  const ids = await fixture.makeMany(
    'contact',
    { account_contacts: account },
    contacts.map((isMarked) => ({ columns: { phone: isMarked ? 'marked' : 'plain' } })),
  );
  const plan = fixture.plan('account', account, 'zoe', { lanes: 1 });
  await fixture.identify(plan);
  return { plan, marked: ids.filter((_, at) => contacts[at]), plain: ids.filter((_, at) => !contacts[at]) };
}

async function children(fixture: CascadeFixture, relationship: string, parentId: string, table: 'case' | 'activity') {
  const ids: string[] = [];
  for await (const { childId } of fixture.records.hints(relationship).of(parentId)) ids.push(childId);
  return (await fixture.records.findMany(table, ids)).flatMap((found) => (found ? [found.value] : []));
}

describe('C10 a record with plug-ins is changed alone, with their writes', () => {
  it('in one transaction, and the others of its chunk as ever', async () => {
    const fixture = new CascadeFixture({ plugins: [notes] });
    const { plan, marked, plain } = await identified(fixture, [false, true, false, true, false]);
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 6, skipped: 0, failed: 0 });
    for (const id of plain) expect(await fixture.value('contact', id)).toMatchObject({ ownerId: 'zoe', version: 2 });
    for (const id of marked) {
      expect(await fixture.value('contact', id)).toMatchObject({
        ownerId: 'zoe',
        version: 2,
        columns: { email: 'noted@contoso.example' },
      });
      const [made, ...more] = await children(fixture, 'contact_cases', id, 'case');
      expect(more).toEqual([]);
      expect(made).toMatchObject({ ownerId: 'admin', version: 1, columns: { title: 'anna > zoe, read as zoe' } });
      expect(await children(fixture, 'case_activities', made?.id ?? '', 'activity')).toHaveLength(1);
    }
    const log = await fixture.log(plan, 'done');
    expect(log).toHaveLength(6);
    const owner = { name: 'ownerId', old: 'anna', new: 'zoe' };
    for (const entry of log) {
      const isMarked = marked.includes(entry.recordId);
      const email = { name: 'email', old: null, new: 'noted@contoso.example' };
      expect(entry).toMatchObject({ version: 2, changes: isMarked ? [owner, email] : [owner] });
      const made = { version: 1, changes: [{ name: 'createdOn', old: null }] };
      if (isMarked) expect(entry.besides).toMatchObject([made, made]);
      else expect(entry).not.toHaveProperty('besides');
    }
  });

  it('C20 an undo takes back what they changed too, and names what they made or deleted', async () => {
    const other = { account: '', order: '' };
    const changes = plugin('changes', 'after', async (call) => {
      await notes.run(call);
      await call.work.update('account', other.account, { columns: { phone: '7' }, state: 'Inactive' });
      await call.work.delete('order', other.order);
    });
    const fixture = new CascadeFixture({ plugins: [changes] });
    other.account = await fixture.make('account', {}, { columns: { phone: '1' } });
    other.order = await fixture.make('order');
    const { plan, marked, plain } = await identified(fixture, [true, false]);
    const [id = ''] = marked;
    await fixture.apply(plan);
    expect(await fixture.value('account', other.account)).toMatchObject({ state: 'Inactive', columns: { phone: '7' } });
    const { jobId, table, recordId, formerOwnerId, lanes, by, createdOn } = plan;
    const common = { table, recordId, formerOwnerId, lanes, by, createdOn, behaviors: {} };
    const undo: UndoPlan = {
      ...{ ...common, jobId: randomUUID(), action: 'undo', undoneJobId: jobId, undoneAction: 'assign' },
    };
    expect(await fixture.run(undo)).toMatchObject({
      byTable: { account: 2, contact: 2, case: 1, activity: 1, order: 1 },
    });
    expect(await fixture.totals(undo)).toEqual({ done: 4, skipped: 3, failed: 0 });
    const { columns, ownerId } = await fixture.value('contact', id);
    expect([ownerId, columns.email]).toEqual(['anna', undefined]);
    expect((await fixture.value('contact', plain[0] ?? '')).ownerId).toBe('anna');
    expect(await fixture.value('account', other.account)).toMatchObject({ state: 'Active', columns: { phone: '1' } });
    const left = (await fixture.log(undo, 'skipped')).map(({ table: of, problem }) => `${of}: ${problem}`).sort();
    expect(left).toEqual([
      'activity: A plug-in made it. DELETE it if it is not wanted any more.',
      'case: A plug-in made it. DELETE it if it is not wanted any more.',
      `order: A plug-in deleted it. POST /api/tables/order/${other.order}/restore brings it back.`,
    ]);
    expect(await fixture.identify(undo)).toMatchObject({ found: 7 });
  });

  it('not when the record is as it is wanted already', async () => {
    const fixture = new CascadeFixture({ plugins: [notes] });
    const { plan, marked } = await identified(fixture, [true]);
    await fixture.assignOne('contact', marked[0] ?? '', 'zoe');
    await fixture.apply(plan);
    expect(await children(fixture, 'contact_cases', marked[0] ?? '', 'case')).toEqual([]);
    expect(await fixture.totals(plan)).toMatchObject({ done: 2 });
  });

  it('also when it changes nothing but its own record, which takes no more than one transaction of rows', async () => {
    const tidy = plugin('tidy', 'before', ({ work, record }) =>
      work.update('contact', record.id, { columns: { email: 'tidy@contoso.example' } }),
    );
    const fixture = new CascadeFixture({ plugins: [tidy] });
    const { plan, marked } = await identified(fixture, [true, true]);
    await fixture.apply(plan);
    for (const id of marked) {
      const value = await fixture.value('contact', id);
      expect(value).toMatchObject({ ownerId: 'zoe', version: 2, columns: { email: 'tidy@contoso.example' } });
    }
    expect((await fixture.log(plan, 'done')).map(({ version }) => version)).toEqual([2, 2, 2]);
  });

  it('on what somebody wrote meanwhile, since its plug-ins then run again', async () => {
    const seen: (string | undefined)[] = [];
    const fixture = new CascadeFixture({
      plugins: [
        plugin('slow', 'before', async ({ work, record }: PluginCall) => {
          seen.push(String(record.columns.email));
          if (seen.length === 1) {
            const change = { columns: { email: 'meanwhile@contoso.example' } };
            await fixture.records.change('contact', record.id, change, { by: 'bert', on: '2026-03-01T11:00:00.000Z' });
          }
          await work.create('case', { columns: { title: 'T' }, lookups: { contact_cases: record.id } });
        }),
      ],
    });
    const { plan, marked } = await identified(fixture, [true]);
    await fixture.apply(plan);
    expect(seen).toEqual(['undefined', 'meanwhile@contoso.example']);
    const [id = ''] = marked;
    expect(await fixture.value('contact', id)).toMatchObject({ ownerId: 'zoe', version: 3 });
    expect(await children(fixture, 'contact_cases', id, 'case')).toHaveLength(1);
  });
});

describe('C10 an exception undoes that record only', () => {
  it('with all that its plug-ins wrote, names it, and lets the rest complete', async () => {
    const fixture = new CascadeFixture({ plugins: [fails] });
    const { plan, marked, plain } = await identified(fixture, [false, true, false]);
    await fixture.apply(plan);
    const [id = ''] = marked;
    expect(await fixture.totals(plan)).toEqual({ done: 3, skipped: 0, failed: 1 });
    expect(await fixture.value('contact', id)).toMatchObject({
      ownerId: 'anna',
      version: 1,
      columns: { phone: 'marked' },
    });
    expect((await fixture.value('contact', id)).columns.email).toBeUndefined();
    expect(await children(fixture, 'contact_cases', id, 'case')).toEqual([]);
    for (const other of plain) expect(await fixture.value('contact', other)).toMatchObject({ ownerId: 'zoe' });
    expect(await fixture.log(plan, 'failed')).toMatchObject([
      {
        recordId: id,
        problem: expect.stringContaining('RangeError: changed its mind'),
        cause: { code: 'plugin-failed', plugin: 'fails' },
      },
    ]);
  });

  it('and once the cause is removed, a retry changes it once', async () => {
    const fixture = new CascadeFixture({ plugins: [fails] });
    const { plan, marked } = await identified(fixture, [true, true]);
    await fixture.apply(plan);
    const mended = fixture.open({ plugins: [notes] });
    expect(await mended.cascades.retryFailed(plan)).toBe(2);
    await mended.apply(plan);
    expect(await mended.totals(plan)).toEqual({ done: 3, skipped: 0, failed: 0 });
    for (const id of marked) {
      expect(await mended.value('contact', id)).toMatchObject({ ownerId: 'zoe', version: 2 });
      expect(await children(mended, 'contact_cases', id, 'case')).toHaveLength(1);
    }
  });

  it('also when a plug-in asks for what is refused', async () => {
    const wrong = plugin('wrong', 'before', async ({ work }) => {
      await work.create('case', {
        columns: { title: 'x' },
        lookups: { contact_cases: '00000000-0000-4000-8000-000000000000' },
      });
    });
    const fixture = new CascadeFixture({ plugins: [wrong] });
    const { plan } = await identified(fixture, [true]);
    await fixture.apply(plan);
    expect(await fixture.log(plan, 'failed')).toMatchObject([
      { problem: expect.stringContaining('there is no such contact') },
    ]);
  });
});

describe('C10 cascades that plug-ins start', () => {
  const passesOn = plugin('passes-on', 'after', async ({ work, record }) => {
    const id = record.lookups.account_contacts;
    if (id) await work.assign('account', id, 'carl');
  });

  it('run inside, at once and in the same transaction', async () => {
    const fixture = new CascadeFixture({ plugins: [passesOn] });
    const account = await fixture.make('account');
    const contact = await fixture.make('contact', { account_contacts: account }, { columns: { phone: 'marked' } });
    const order = await fixture.make('order', { account_orders: account });
    const plan = fixture.plan('contact', contact, 'zoe', { lanes: 1 });
    await fixture.run(plan);
    expect(await fixture.value('account', account)).toMatchObject({ ownerId: 'carl', version: 2 });
    expect(await fixture.value('order', order)).toMatchObject({ ownerId: 'carl', version: 2 });
    // The cascade came back to the contact, as a part of the same change.
    expect(await fixture.value('contact', contact)).toMatchObject({ ownerId: 'carl', version: 2 });
    expect(await fixture.totals(plan)).toMatchObject({ done: 1, failed: 0 });
  });

  it('are undone with it', async () => {
    const fixture = new CascadeFixture({ plugins: [passesOn, { ...fails, name: 'then-fails' }] });
    const account = await fixture.make('account');
    const contact = await fixture.make('contact', { account_contacts: account }, { columns: { phone: 'marked' } });
    const plan = fixture.plan('contact', contact, 'zoe', { lanes: 1 });
    await fixture.run(plan);
    expect(await fixture.totals(plan)).toMatchObject({ done: 0, failed: 1 });
    expect(await fixture.value('account', account)).toMatchObject({ ownerId: 'anna', version: 1 });
  });

  it('are cut at depth 8 when they start one another', async () => {
    let runs = 0;
    const circle = plugin('circle', 'after', async ({ work, record }) => {
      runs++;
      await work.assign('contact', record.id, `user-${runs}`);
    });
    const fixture = new CascadeFixture({ plugins: [circle] });
    const { plan, marked } = await identified(fixture, [true]);
    await fixture.apply(plan);
    expect(runs).toBe(8);
    expect(await fixture.log(plan, 'failed')).toMatchObject([{ problem: expect.stringContaining('8 deep') }]);
    expect(await fixture.value('contact', marked[0] ?? '')).toMatchObject({ ownerId: 'anna', version: 1 });
  });
});

describe('E5 C10 nothing of it is lost or done twice when the process dies at any write', () => {
  it.each(['before', 'after'] as const)('dying %s the write is carried out', async (when) => {
    for (const write of writesToDieAt(1)) {
      const crashing = createCrashingStorage();
      const dying = new CascadeFixture({ plugins: [notes], policies: [crashing.policy] });
      const { plan, marked } = await identified(dying, [true, false]);
      const [id = ''] = marked;
      crashing.crashAt(write, when);
      await dying.cascades.applyBatch(plan, 0, 5, allowed).catch(() => undefined);
      if (!crashing.isDead) {
        expect(write).toBeGreaterThan(8);
        return;
      }
      const host = dying.open({ plugins: [notes] });
      // What a dead process has locked is free again after the transaction's deadline, or by whoever ends it.
      await endAll(host);
      await host.apply(plan);
      expect(await host.totals(plan), `write ${write}`).toEqual({ done: 3, skipped: 0, failed: 0 });
      expect(await host.value('contact', id)).toMatchObject({ ownerId: 'zoe', version: 2 });
      expect(await children(host, 'contact_cases', id, 'case'), `write ${write}`).toHaveLength(1);
    }
  });
});

/** Ends transactions whose owner is dead, as their deadline would. */
async function endAll({ storage, records }: CascadeFixture): Promise<void> {
  const open = storage.table('transactions').rows({ partitionKey: 'open' });
  for await (const { rowKey } of open) await records.tables.locks.transactions.abort(rowKey);
}
