/** Hunts what plug-ins in one transaction leave when it fails, records that only half follow, and plug-ins that see the past. */
import { describe, expect, it } from 'vitest';
import type { Plugin, PluginCall } from '../../../../shared/cascade/plugins/plugin.ts';
import { createCrashingStorage } from '../../../support/crashing-storage.ts';
import { writesToDieAt } from '../../../support/writes-to-die-at.ts';
import { allowed } from '../cascade-fixture.ts';
import { DEADLINE_SECONDS, SyncFixture } from '../sync-fixture.ts';

function plugin(run: (call: PluginCall) => Promise<void> | void, more: Partial<Plugin> = {}): Plugin {
  const fixed = {
    name: 'tried',
    description: 'For tests.',
    table: 'contact',
    action: 'assign',
    step: 'after',
  } as const;
  return { ...fixed, filter: { columns: { phone: 'withPlugin' } }, run, ...more };
}

/** An account with a contact that has plug-ins and two that have none. */
async function family({ fixture }: SyncFixture) {
  const account = await fixture.make('account');
  const lookups = { account_contacts: account };
  const [withPlugin = '', ...plain] = await fixture.makeMany('contact', lookups, [
    { columns: { phone: 'withPlugin' } },
    {},
    {},
  ]);
  return { account, withPlugin, plain };
}

const phoneCall = (call: PluginCall) =>
  call.work.create('activity', { columns: { subject: `Call ${call.record.id}` } });

async function activities({ fixture }: SyncFixture): Promise<string[]> {
  const ids: string[] = [];
  for await (const { rowKey } of fixture.storage.table('recordsactivity').rows({})) {
    if (!rowKey.startsWith('~') && (await fixture.lives('activity', rowKey))) ids.push(rowKey);
  }
  return ids;
}

describe('C10 C2 plug-ins in a synchronous cascade', () => {
  it('write with all its records, in one transaction, and see those as they will be', async () => {
    const seen: unknown[] = [];
    const healthy = new SyncFixture({
      plugins: [
        plugin(async (call) => {
          const { work, record, before } = call;
          seen.push([before?.ownerId, record.ownerId, (await work.get('account', accountId))?.ownerId]);
          await phoneCall(call);
          await work.update('contact', record.id, { columns: { email: 'told@contoso.example' } });
        }),
      ],
    });
    const { account: accountId, withPlugin, plain } = await family(healthy);
    const plan = healthy.fixture.plan('account', accountId, 'bert');
    expect(await healthy.run(plan)).toMatchObject({ status: 'Completed', endCounts: { done: 4 } });
    expect(seen).toEqual([['anna', 'bert', 'bert']]);
    const columns = { email: 'told@contoso.example', phone: 'withPlugin' };
    expect(await healthy.fixture.value('contact', withPlugin)).toMatchObject({ ownerId: 'bert', version: 2, columns });
    expect(await healthy.fixture.value('contact', plain[0] ?? '')).toMatchObject({ ownerId: 'bert', version: 2 });
    const [activity = ''] = await activities(healthy);
    expect(await healthy.fixture.value('activity', activity)).toMatchObject({ ownerId: 'admin', version: 1 });
    const log = await healthy.fixture.log(plan, 'done');
    expect(log.find(({ recordId }) => recordId === withPlugin)).toMatchObject({
      version: 2,
      changes: [
        { name: 'ownerId', old: 'anna', new: 'bert' },
        { name: 'email', old: null, new: 'told@contoso.example' },
      ],
      besides: [{ table: 'activity', recordId: activity, version: 1, changes: [{ name: 'createdOn' }] }],
    });
    expect(await healthy.locks('account', 'contact', 'activity')).toEqual([]);
  });

  it('add to records that the cascade changes itself, and start cascades inside it', async () => {
    const healthy = new SyncFixture({
      plugins: [
        plugin(async ({ work }) => {
          await work.update('account', accountId, { columns: { phone: '7' } });
          await work.assign('account', other, 'carl');
        }),
      ],
    });
    const { account: accountId } = await family(healthy);
    const other = await healthy.fixture.make('account');
    const below = await healthy.fixture.make('contact', { account_contacts: other });
    await healthy.run(healthy.fixture.plan('account', accountId, 'bert'));
    const root = await healthy.fixture.value('account', accountId);
    expect(root).toMatchObject({ ownerId: 'bert', version: 2, columns: { phone: '7' } });
    expect(await healthy.fixture.value('account', other)).toMatchObject({ ownerId: 'carl' });
    expect(await healthy.fixture.value('contact', below)).toMatchObject({ ownerId: 'carl' });
  });

  it('roll everything back with what they throw, and the job says which, where and why', async () => {
    const healthy = new SyncFixture({
      plugins: [
        plugin(async (call) => {
          await phoneCall(call);
          throw new RangeError('out of luck');
        }),
      ],
    });
    const { account, withPlugin, plain } = await family(healthy);
    const plan = healthy.fixture.plan('account', account, 'bert');
    const why = expect.stringMatching(/Plug-in tried .*out of luck.*Everything is as it was before/);
    await expect(healthy.run(plan)).rejects.toMatchObject({
      status: 409,
      message: why,
      code: 'plugin-failed',
      extra: { jobId: plan.jobId, plugin: 'tried', records: [withPlugin] },
    });
    const job = await healthy.ports.jobs.find(plan.jobId);
    expect(job).toMatchObject({
      status: 'Failed',
      messages: expect.arrayContaining([expect.objectContaining({ text: why })]),
    });
    for (const id of [withPlugin, ...plain])
      expect(await healthy.fixture.value('contact', id)).toMatchObject({ ownerId: 'anna', version: 1 });
    expect(await activities(healthy)).toEqual([]);
    expect(await healthy.locks('account', 'contact')).toEqual([]);
  });

  it.each(['withPlugin', 'root'] as const)(
    'roll everything back when a record that they saw changes: %s',
    async (which) => {
      const change = { by: 'kim', on: '2026-03-02T10:00:00.000Z' };
      const healthy = new SyncFixture({
        plugins: [
          plugin(async ({ work, record }) => {
            await work.update('account', account, { columns: { phone: '7' } });
            const [table, id] = which === 'root' ? (['account', account] as const) : (['contact', record.id] as const);
            await healthy.fixture.records.change(table, id, { columns: { email: 'new@contoso.example' } }, change);
          }),
        ],
      });
      const { account, withPlugin } = await family(healthy);
      await expect(healthy.run(healthy.fixture.plan('account', account, 'bert'))).rejects.toMatchObject({
        status: 409,
        extra: { differed: [{ recordId: which === 'root' ? account : withPlugin, name: 'version' }] },
      });
      expect(await healthy.fixture.value('contact', withPlugin)).toMatchObject({ ownerId: 'anna' });
      expect((await healthy.fixture.value('account', account)).columns).not.toHaveProperty('phone');
    },
  );

  it.each(['sync', 'async'])(
    'of Delete run for what is deleted, not for what only loses its link: %s',
    async (mode) => {
      const seen: string[] = [];
      const guard = (table: 'contact' | 'order'): Plugin => {
        const fixed = { action: 'delete', step: 'before', filter: {} } as const;
        return plugin(({ record }) => void seen.push(record.id), { ...fixed, name: `guards-${table}`, table });
      };
      const healthy = new SyncFixture({ plugins: [guard('contact'), guard('order')] });
      const { account, withPlugin, plain } = await family(healthy);
      const order = await healthy.fixture.make('order', { account_orders: account });
      const plan = healthy.fixture.deletePlan('account', account);
      if (mode === 'sync') await healthy.run(plan);
      else {
        const { cascadeRecords: cascade } = healthy.ports;
        await cascade.identify(plan, undefined);
        expect(await cascade.applyBatch(plan, 0, 20, allowed)).toMatchObject({ kind: 'applied', done: 5 });
      }
      expect(seen.toSorted()).toEqual([withPlugin, ...plain].toSorted());
      expect(await healthy.fixture.lives('contact', withPlugin)).toBe(false);
      expect(await healthy.fixture.value('order', order)).toMatchObject({ lookups: {}, version: 2 });
    },
  );

  it('E5 are all or nothing with it, at whatever write the host dies', async () => {
    const outcomes = new Set<string>();
    const writes = plugin(async (call) => {
      await phoneCall(call);
    });
    const healthy = new SyncFixture();
    for (const write of writesToDieAt(1)) {
      const { account, withPlugin, plain } = await family(healthy);
      const crash = createCrashingStorage();
      const dying = healthy.open({ policies: [crash.policy], plugins: [writes] });
      const before = (await activities(healthy)).length;
      crash.crashAt(write, 'after');
      await dying.run(healthy.fixture.plan('account', account, 'bert')).catch(() => undefined);
      const look = async () => {
        const found = await healthy.fixture.records.findMany('contact', [withPlugin, ...plain]);
        const made = (await activities(healthy)).length - before;
        return [...new Set(found.map((record) => record?.value.ownerId)), made].join(' ');
      };
      const left = await look();
      expect(['anna 0', 'bert 1'], `write ${write}`).toContain(left);
      healthy.clock.pass(DEADLINE_SECONDS + 200);
      await healthy.reconcile();
      expect(await look(), `write ${write}`).toBe(left);
      outcomes.add(left);
      if (!crash.isDead) break;
    }
    expect(outcomes.size).toBe(2);
  });
});
