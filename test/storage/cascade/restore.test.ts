/** Hunts records that come back without their parents, that come back twice or changed, and tombstones that outlive their days. */
import { beforeEach, describe, expect, it } from 'vitest';
import { purgeTombstones } from '../../../shared/records/purge-tombstones.ts';
import { restoreRecord } from '../../../shared/records/restore-record.ts';
import { TombstoneIndex } from '../../../shared/records/tombstones.ts';
import { createGate } from '../../support/gate.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';
import { sharePlan } from '../records/shares/sharing-plans.ts';
import { World, writesTo } from './cascade-world.ts';

const ON = { by: 'bert', on: '2026-03-02T10:00:00.000Z' };
const DELETED_MS = Date.parse('2026-03-01T12:00:00.000Z');
const DAY_MS = 24 * 60 * 60 * 1000;

let prefix: string;
let world: World;
beforeEach(() => {
  prefix = uniquePrefix();
  world = new World({ prefix, now: () => DELETED_MS });
});

/** A deleted account with two contacts, and the job that deleted them. */
async function deleted() {
  const account = await world.make('account');
  const contacts = await world.makeMany('contact', { account_contacts: account }, [{}, {}]);
  const plan = world.deletePlan('account', account);
  await world.run(plan);
  return { plan, account, contacts };
}

describe('C20 a deleted record', () => {
  it('comes back as it was, one version on, once its parent is back', async () => {
    const { plan, account, contacts } = await deleted();
    const [id = ''] = contacts;
    const contact = { table: 'contact', id } as const;
    world.endedJobs.add(plan.jobId);
    await expect(restoreRecord(world.records.tables, contact, ON)).rejects.toMatchObject({
      slug: 'rule-broken',
      message: expect.stringContaining(`under its parent by account_contacts, ${account}, which isn't there any more`),
    });
    await restoreRecord(world.records.tables, { table: 'account', id: account }, ON);
    const restored = await restoreRecord(world.records.tables, contact, ON);
    expect(restored).toMatchObject({
      tombstone: undefined,
      lock: undefined,
      value: { version: 3, ownerId: 'anna', modifiedBy: 'bert', lookups: { account_contacts: account } },
    });
    expect(await world.orphans()).toEqual([]);
    expect(await world.records.hints('account_contacts').find(account, id)).toBeDefined();
    expect((await restoreRecord(world.records.tables, contact, ON)).etag).toBe(restored.etag);
    await expect(
      restoreRecord(world.records.tables, contact, { ...ON, on: '2026-03-03T10:00:00.000Z' }),
    ).rejects.toMatchObject({ slug: 'conflict' });
  });

  it('stays while the job that deletes it goes on, and what never was there can’t be restored', async () => {
    const { plan, account } = await deleted();
    const root = { table: 'account', id: account } as const;
    await expect(restoreRecord(world.records.tables, root, ON)).rejects.toMatchObject({
      slug: 'conflict',
      extra: { jobId: plan.jobId },
    });
    const live = await world.make('account');
    const ghost = world.newId();
    await world.records.hints('account_contacts').put(live, ghost, ON.on);
    await world.run(world.deletePlan('account', live));
    expect((await world.records.find('contact', ghost))?.tombstone).toBeDefined();
    await expect(restoreRecord(world.records.tables, { table: 'contact', id: ghost }, ON)).rejects.toMatchObject({
      slug: 'not-found',
    });
  });

  it('is not orphaned when it comes back at the moment in which its parent is deleted', async () => {
    const account = await world.make('account');
    const id = await world.make('contact', { account_contacts: account });
    const first = world.deletePlan('contact', id);
    await world.run(first);
    world.endedJobs.add(first.jobId);
    const gate = createGate(writesTo('recordscontact'));
    const slow = world.open({ policies: [gate.policy] });
    const restoring = restoreRecord(slow.records.tables, { table: 'contact', id }, ON);
    await gate.reached;
    const plan = world.deletePlan('account', account);
    await world.identify(plan);
    gate.open();
    await expect(restoring).rejects.toMatchObject({ slug: 'conflict', extra: { jobId: plan.jobId } });
    await world.apply(plan);
    expect(await world.orphans()).toEqual([]);
  });
});

describe('E7 tombstones', () => {
  it('take shares with them, and the entries of lists that led users to them', async () => {
    const account = await world.make('account');
    await world.run(sharePlan('account', account, 'kim', ['Read']));
    const plan = world.deletePlan('account', account);
    await world.run(plan);
    world.endedJobs.add(plan.jobId);
    const naming = async () => {
      const found: string[] = [];
      for (const name of ['recordsaccount', 'listaccount']) {
        for await (const { partitionKey, rowKey } of world.storage.table(name).rows({})) {
          if (rowKey.includes(account)) found.push(`${partitionKey} ${rowKey}`);
        }
      }
      return found;
    };
    expect(await naming()).toHaveLength(4);
    expect(await purgeAt(DELETED_MS + 31 * DAY_MS)).toEqual({ purged: 1, isComplete: true });
    expect(await naming()).toEqual([]);
  });

  function purgeAt(nowMs: number) {
    const tombstones = new TombstoneIndex(openTestStorage({ prefix }));
    return purgeTombstones({ tables: world.records.tables, tombstones, now: () => nowMs }, nowMs, 30);
  }

  it('lie for 30 days, then go with their hints, and what was restored meanwhile stays', async () => {
    const { plan, account, contacts } = await deleted();
    const other = await world.make('account');
    const mover = await world.make('contact', { account_contacts: other });
    const second = world.deletePlan('contact', mover);
    await world.run(second);
    for (const { jobId } of [plan, second]) world.endedJobs.add(jobId);
    await restoreRecord(world.records.tables, { table: 'contact', id: mover }, ON);
    expect(await purgeAt(DELETED_MS + 30 * DAY_MS)).toEqual({ purged: 0, isComplete: true });
    expect(await purgeAt(DELETED_MS + 31 * DAY_MS)).toEqual({ purged: 3, isComplete: true });
    expect(await world.records.findMany('contact', contacts)).toEqual([undefined, undefined]);
    expect(await world.records.find('account', account)).toBeUndefined();
    for (const id of contacts) expect(await world.records.hints('account_contacts').find(account, id)).toBeUndefined();
    expect(await world.lives('contact', mover)).toBe(true);
    expect(await purgeAt(DELETED_MS + 40 * DAY_MS)).toEqual({ purged: 0, isComplete: true });
  });
});
