/** Hunts records that come back without their parents, that come back twice or changed, and tombstones that outlive their days. */
import { beforeEach, describe, expect, it } from 'vitest';
import { purgeTombstones } from '../../../shared/records/purge-tombstones.ts';
import { restoreRecord } from '../../../shared/records/restore-record.ts';
import { TombstoneIndex } from '../../../shared/records/tombstones.ts';
import { createGate } from '../../support/gate.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';
import { sharePlan } from '../records/shares/sharing-plans.ts';
import { CascadeFixture, writesTo } from './cascade-fixture.ts';

const ON = { by: 'bert', on: '2026-03-02T10:00:00.000Z' };
const DELETED_MS = Date.parse('2026-03-01T12:00:00.000Z');
const DAY_MS = 24 * 60 * 60 * 1000;

let prefix: string;
let fixture: CascadeFixture;
beforeEach(() => {
  prefix = uniquePrefix();
  fixture = new CascadeFixture({ prefix, now: () => DELETED_MS });
});

/** A deleted account with two contacts, and the job that deleted them. */
async function deleted() {
  const account = await fixture.make('account');
  const contacts = await fixture.makeMany('contact', { account_contacts: account }, [{}, {}]);
  const plan = fixture.deletePlan('account', account);
  await fixture.run(plan);
  return { plan, account, contacts };
}

describe('C20 a deleted record', () => {
  it('comes back as it was, one version on, once its parent is back', async () => {
    const { plan, account, contacts } = await deleted();
    const [id = ''] = contacts;
    const contact = { table: 'contact', id } as const;
    fixture.endedJobs.add(plan.jobId);
    await expect(restoreRecord(fixture.records.tables, contact, ON)).rejects.toMatchObject({
      slug: 'rule-broken',
      message: expect.stringContaining(`under its parent by account_contacts, ${account}, which isn't there any more`),
    });
    await restoreRecord(fixture.records.tables, { table: 'account', id: account }, ON);
    const restored = await restoreRecord(fixture.records.tables, contact, ON);
    expect(restored).toMatchObject({
      tombstone: undefined,
      lock: undefined,
      value: { version: 3, ownerId: 'anna', modifiedBy: 'bert', lookups: { account_contacts: account } },
    });
    expect(await fixture.orphans()).toEqual([]);
    expect(await fixture.records.hints('account_contacts').find(account, id)).toBeDefined();
    expect((await restoreRecord(fixture.records.tables, contact, ON)).etag).toBe(restored.etag);
    await expect(
      restoreRecord(fixture.records.tables, contact, { ...ON, on: '2026-03-03T10:00:00.000Z' }),
    ).rejects.toMatchObject({ slug: 'conflict' });
  });

  it('stays while the job that deletes it goes on, and what never was there can’t be restored', async () => {
    const { plan, account } = await deleted();
    const root = { table: 'account', id: account } as const;
    await expect(restoreRecord(fixture.records.tables, root, ON)).rejects.toMatchObject({
      slug: 'conflict',
      extra: { jobId: plan.jobId },
    });
    const live = await fixture.make('account');
    const ghost = fixture.newId();
    await fixture.records.hints('account_contacts').put(live, ghost, ON.on);
    await fixture.run(fixture.deletePlan('account', live));
    expect((await fixture.records.find('contact', ghost))?.tombstone).toBeDefined();
    await expect(restoreRecord(fixture.records.tables, { table: 'contact', id: ghost }, ON)).rejects.toMatchObject({
      slug: 'not-found',
    });
  });

  it('is not orphaned when it comes back at the moment in which its parent is deleted', async () => {
    const account = await fixture.make('account');
    const id = await fixture.make('contact', { account_contacts: account });
    const first = fixture.deletePlan('contact', id);
    await fixture.run(first);
    fixture.endedJobs.add(first.jobId);
    const gate = createGate(writesTo('recordscontact'));
    const slow = fixture.open({ policies: [gate.policy] });
    const restoring = restoreRecord(slow.records.tables, { table: 'contact', id }, ON);
    await gate.reached;
    const plan = fixture.deletePlan('account', account);
    await fixture.identify(plan);
    gate.open();
    await expect(restoring).rejects.toMatchObject({ slug: 'conflict', extra: { jobId: plan.jobId } });
    await fixture.apply(plan);
    expect(await fixture.orphans()).toEqual([]);
  });
});

describe('E7 tombstones', () => {
  it('take shares with them, and the entries of lists that led users to them', async () => {
    const account = await fixture.make('account');
    await fixture.run(sharePlan('account', account, 'kim', ['Read']));
    const plan = fixture.deletePlan('account', account);
    await fixture.run(plan);
    fixture.endedJobs.add(plan.jobId);
    const naming = async () => {
      const found: string[] = [];
      for (const name of ['recordsaccount', 'listaccount']) {
        for await (const { partitionKey, rowKey } of fixture.storage.table(name).rows({})) {
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
    return purgeTombstones({ tables: fixture.records.tables, tombstones, now: () => nowMs }, nowMs, 30);
  }

  it('lie for 30 days, then go with their hints, and what was restored meanwhile stays', async () => {
    const { plan, account, contacts } = await deleted();
    const other = await fixture.make('account');
    const mover = await fixture.make('contact', { account_contacts: other });
    const second = fixture.deletePlan('contact', mover);
    await fixture.run(second);
    for (const { jobId } of [plan, second]) fixture.endedJobs.add(jobId);
    await restoreRecord(fixture.records.tables, { table: 'contact', id: mover }, ON);
    expect(await purgeAt(DELETED_MS + 30 * DAY_MS)).toEqual({ purged: 0, isComplete: true });
    expect(await purgeAt(DELETED_MS + 31 * DAY_MS)).toEqual({ purged: 3, isComplete: true });
    expect(await fixture.records.findMany('contact', contacts)).toEqual([undefined, undefined]);
    expect(await fixture.records.find('account', account)).toBeUndefined();
    for (const id of contacts)
      expect(await fixture.records.hints('account_contacts').find(account, id)).toBeUndefined();
    expect(await fixture.lives('contact', mover)).toBe(true);
    expect(await purgeAt(DELETED_MS + 40 * DAY_MS)).toEqual({ purged: 0, isComplete: true });
  });
});
