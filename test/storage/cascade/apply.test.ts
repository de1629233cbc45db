/**
 * Hunts records that a batch changes twice, counts twice or logs wrongly, and changes of others that it overwrites,
 * whatever is cut off, repeated, late or at the same time.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { AssignPlan } from '../../../shared/cascade/plans.ts';
import type { BatchOutcome, CheckPrivileges } from '../../../shared/cascade/ports.ts';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';
import { type CrashingStorage, createCrashingStorage } from '../../support/crashing-storage.ts';
import { createFailingStorage, type FailingStorage } from '../../support/failing-storage.ts';
import { createGate } from '../../support/gate.ts';
import { allowed, CascadeFixture, writesTo } from './cascade-fixture.ts';

let failing: FailingStorage;
let fixture: CascadeFixture;
beforeEach(() => {
  failing = createFailingStorage();
  fixture = new CascadeFixture({ policies: [failing.policy] });
});

/** An account with so many contacts. */
async function customer(contacts: number): Promise<{ account: string; contacts: string[] }> {
  const account = await fixture.make('account');
  const children = await fixture.makeMany(
    'contact',
    { account_contacts: account },
    Array.from({ length: contacts }, () => ({})),
  );
  return { account, contacts: children };
}

/** An identified job that gives an account with contacts to Zoe. */
async function identified(
  contacts: number,
  more: Partial<AssignPlan> = {},
): Promise<{ plan: AssignPlan; account: string; contacts: string[] }> {
  const made = await customer(contacts);
  const plan = fixture.plan('account', made.account, 'zoe', { lanes: 1, ...more });
  await fixture.identify(plan);
  return { ...made, plan };
}

async function versionsOf(ids: readonly string[]): Promise<number[]> {
  return (await fixture.records.findMany('contact', ids)).map((record) => record?.value.version ?? 0);
}

/** Checks that every record of a job was changed once, and that counts and log say so. */
async function expectOnce(
  plan: AssignPlan,
  account: string,
  contacts: readonly string[],
  version: number,
): Promise<void> {
  const all = [account, ...contacts];
  expect(await fixture.totals(plan)).toEqual({ done: all.length, skipped: 0, failed: 0 });
  const log = await fixture.log(plan);
  expect(log.map(({ recordId }) => recordId).sort()).toEqual([...all].sort());
  for (const entry of log) expect(entry).toMatchObject({ outcome: 'done', version, changes: [{ new: plan.ownerId }] });
  expect(await versionsOf(contacts)).toEqual(contacts.map(() => version));
  expect(await fixture.value('account', account)).toMatchObject({ ownerId: plan.ownerId, version });
}

describe('C4 C18 a batch', () => {
  it('changes owner, modification and version of its records, and nothing else', async () => {
    const { plan, account, contacts } = await identified(3);
    const [id] = contacts;
    const before = await fixture.value('contact', id ?? '');
    expect(await fixture.cascades.applyBatch(plan, 0, 10, allowed)).toMatchObject({
      kind: 'applied',
      done: 4,
      skipped: 0,
      records: 4,
      drained: true,
    });
    const after = await fixture.value('contact', id ?? '');
    expect(after).toEqual({ ...before, ownerId: 'zoe', modifiedBy: 'admin', modifiedOn: after.modifiedOn, version: 2 });
    expect(Date.parse(after.modifiedOn)).toBeGreaterThan(Date.parse(before.modifiedOn));
    await expectOnce(plan, account, contacts, 2);
  });

  it('takes so many chunks as it is told, the root first, and says when the lane is drained', async () => {
    const { plan, account, contacts } = await identified(230);
    const first = await fixture.cascades.applyBatch(plan, 0, 1, allowed);
    expect(first).toMatchObject({ done: 1, drained: false });
    expect((await fixture.value('account', account)).ownerId).toBe('zoe');
    expect(await fixture.totals(plan)).toEqual({ done: 1, skipped: 0, failed: 0 });
    const second = await fixture.cascades.applyBatch(plan, 0, 2, allowed);
    expect(second).toMatchObject({ kind: 'applied', drained: false });
    expect(await fixture.log(plan, 'unprocessed')).toHaveLength(230 - (second.kind === 'applied' ? second.done : 0));
    await fixture.apply(plan);
    expect(await fixture.cascades.applyBatch(plan, 0, 2, allowed)).toMatchObject({ done: 0, drained: true });
    await expectOnce(plan, account, contacts, 2);
  });

  it('begins no further chunk when its time is up, says how many it finished, and always does one', async () => {
    // Each transaction of records takes a second.
    let nowMs = Date.parse('2026-03-01T12:00:00.000Z');
    const slow: StoragePolicy = {
      name: 'slow',
      async sendRequest(request, next) {
        if (writesTo('recordscontact')(request)) nowMs += 1000;
        return next(request);
      },
    };
    const made = await customer(20 * 99);
    fixture = fixture.open({ policies: [slow], now: () => nowMs });
    const plan = fixture.plan('account', made.account, 'zoe', { lanes: 8 });
    const { found } = await fixture.identify(plan);
    const late = await fixture.cascades.applyBatch(plan, 3, 40, allowed, 500);
    expect(late).toMatchObject({ kind: 'applied', chunks: 1, drained: false, durationMs: 1000 });
    const spent = await fixture.cascades.applyBatch(plan, 4, 40, allowed, 0);
    expect(spent).toMatchObject({ kind: 'applied', chunks: 1, drained: false });
    expect(await fixture.cascades.applyBatch(plan, 3, 40, allowed)).toMatchObject({ kind: 'applied', drained: true });
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: found, skipped: 0, failed: 0 });
  });

  it('leaves out what was done before it, also when an earlier chunk was not', async () => {
    const { plan, account, contacts } = await identified(230);
    const [, first] = await fixture.log(plan);
    await fixture.lockOne('contact', first?.recordId ?? '', 'job-7');
    expect(await fixture.cascades.applyBatch(plan, 0, 10, allowed)).toMatchObject({ kind: 'transient' });
    const { done } = await fixture.totals(plan);
    expect(done).toBeGreaterThan(100);
    await fixture.lockOne('contact', first?.recordId ?? '', undefined);
    expect(await fixture.cascades.applyBatch(plan, 0, 1, allowed)).toMatchObject({ done: 231 - done, drained: true });
    await expectOnce(plan, account, contacts, 2);
  });

  it('runs beside those of other lanes, and all together change everything once', async () => {
    const { plan, account, contacts } = await identified(600, { lanes: 2 });
    const hosts = [fixture, fixture.open()];
    await Promise.all(
      hosts.map(async ({ cascades }, lane) => {
        for (let outcome: BatchOutcome | undefined; outcome?.kind !== 'applied' || !outcome.drained; ) {
          outcome = await cascades.applyBatch(plan, lane, 2, allowed);
          expect(outcome.kind).toBe('applied');
        }
      }),
    );
    const lanes = await fixture.cascades.progress(plan);
    for (const { done, byTable } of lanes) {
      expect(done).toBeGreaterThan(50);
      expect(byTable.contact?.done).toBeGreaterThan(50);
    }
    await expectOnce(plan, account, contacts, 2);
  });
});

describe('C6 Assign overwrites', () => {
  it('whoever has become the owner since, and keeps their other values and versions', async () => {
    const { plan, contacts } = await identified(5);
    const [given, edited] = contacts;
    await fixture.assignOne('contact', given ?? '', 'bert');
    await fixture.assignOne('contact', given ?? '', 'carl');
    await fixture.records.change(
      'contact',
      edited ?? '',
      { columns: { phone: '1' } },
      { by: 'x', on: '2026-03-02T10:00:00.000Z' },
    );
    await fixture.apply(plan);
    expect(await fixture.value('contact', given ?? '')).toMatchObject({ ownerId: 'zoe', version: 4 });
    expect(await fixture.value('contact', edited ?? '')).toMatchObject({
      ownerId: 'zoe',
      version: 3,
      columns: { phone: '1' },
    });
    const log = await fixture.log(plan);
    expect(log.find(({ recordId }) => recordId === given)).toMatchObject({
      version: 4,
      changes: [{ name: 'ownerId', old: 'carl', new: 'zoe' }],
    });
    expect(log.find(({ recordId }) => recordId === edited)).toMatchObject({ version: 3, changes: [{ old: 'anna' }] });
  });

  it('skips what was deleted meanwhile, counts it, and leaves the tombstone as it is', async () => {
    const { plan, contacts } = await identified(5);
    const [gone] = contacts;
    await fixture.deleteOne('contact', gone ?? '');
    const before = await fixture.records.find('contact', gone ?? '');
    await fixture.apply(plan);
    expect(await fixture.records.find('contact', gone ?? '')).toEqual(before);
    expect(await fixture.totals(plan)).toEqual({ done: 5, skipped: 1, failed: 0 });
    const [skipped, ...others] = await fixture.log(plan, 'skipped');
    expect(others).toEqual([]);
    expect(skipped).toMatchObject({
      recordId: gone,
      changes: [],
      version: null,
      changedOn: null,
      problem: expect.any(String),
    });
  });

  it('counts what the new owner has already as done, and keeps its version', async () => {
    const account = await fixture.make('account');
    const lookups = { account_contacts: account };
    const [zoes, annas, later] = await fixture.makeMany('contact', lookups, [{ ownerId: 'zoe' }, {}, {}]);
    const plan = fixture.plan('account', account, 'zoe', { lanes: 1 });
    await fixture.identify(plan);
    await fixture.assignOne('contact', later ?? '', 'zoe');
    await fixture.apply(plan);
    expect(await versionsOf([zoes ?? '', annas ?? '', later ?? ''])).toEqual([1, 2, 2]);
    expect(await fixture.totals(plan)).toEqual({ done: 4, skipped: 0, failed: 0 });
    const log = await fixture.log(plan);
    expect(log.find(({ recordId }) => recordId === zoes)).toMatchObject({
      outcome: 'done',
      changes: [],
      version: null,
    });
  });

  it('overwrites also what the new owner had when it was found and has given away since', async () => {
    const account = await fixture.make('account');
    const id = await fixture.make('contact', { account_contacts: account }, { ownerId: 'zoe' });
    const plan = fixture.plan('account', account, 'zoe', { lanes: 1 });
    await fixture.identify(plan);
    await fixture.assignOne('contact', id, 'bert');
    await fixture.apply(plan);
    expect(await fixture.value('contact', id)).toMatchObject({ ownerId: 'zoe', version: 3 });
  });

  it('C21 leaves the last of two overlapping jobs as the owner, and logs both', async () => {
    const { plan, account, contacts } = await identified(150);
    const other = fixture.plan('account', account, 'carl', { lanes: 1 });
    await fixture.identify(other);
    await fixture.cascades.applyBatch(plan, 0, 2, allowed);
    await fixture.apply(other);
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 151, skipped: 0, failed: 0 });
    expect(await fixture.totals(other)).toEqual({ done: 151, skipped: 0, failed: 0 });
    expect(await versionsOf(contacts)).toEqual(contacts.map(() => 3));
    const changes = [...(await fixture.log(plan)), ...(await fixture.log(other))];
    for (const id of contacts) {
      const mine = changes
        .filter(({ recordId }) => recordId === id)
        .sort((a, b) => (a.version ?? 0) - (b.version ?? 0));
      expect(mine.map(({ version }) => version)).toEqual([2, 3]);
      expect(mine[1]?.changes[0]?.old).toBe(mine[0]?.changes[0]?.new);
      expect((await fixture.value('contact', id)).ownerId).toBe(mine[1]?.changes[0]?.new);
    }
  });
});

describe('E5 a batch that is cut off', () => {
  /** Applies like a host that is started again after its death. */
  async function applyMortal(mortal: CascadeFixture, crash: CrashingStorage, plan: AssignPlan): Promise<boolean> {
    const outcome = await mortal.cascades.applyBatch(plan, 0, 20, allowed).catch(() => undefined);
    const died = crash.isDead;
    crash.crashAt();
    if (!died) expect(outcome).toMatchObject({ kind: 'applied', drained: true });
    else await fixture.apply(plan);
    return died;
  }

  it.each(['before', 'after'] as const)(
    '%s any of its writes is completed without changing or counting twice',
    async (when) => {
      const { account, contacts } = await customer(260);
      const crash = createCrashingStorage();
      const mortal = fixture.open({ policies: [crash.policy] });
      let version = 1;
      for (let died = true; died; ) {
        const plan = fixture.plan('account', account, `owner-${version}`, { lanes: 1 });
        await fixture.identify(plan);
        crash.crashAt(version, when);
        died = await applyMortal(mortal, crash, plan);
        version++;
        await expectOnce(plan, account, contacts, version);
      }
      expect(version).toBeGreaterThan(5);
    },
  );

  it('knows its own transactions when their answers are lost', async () => {
    const { account, contacts } = await customer(230);
    for (const [at, table] of ['recordscontact', 'chunks', 'recordsaccount'].entries()) {
      const plan = fixture.plan('account', account, `owner-${at}`, { lanes: 1 });
      await fixture.identify(plan);
      failing.loseAnswers(2, writesTo(table));
      await fixture.apply(plan);
      await expectOnce(plan, account, contacts, at + 2);
    }
  });

  it('counts afterwards what was applied and not counted, and changes nothing more', async () => {
    const { plan, contacts } = await identified(230);
    failing.refuse(5, writesTo('chunks'));
    expect(await fixture.cascades.applyBatch(plan, 0, 2, allowed)).toMatchObject({ kind: 'transient' });
    expect(await fixture.totals(plan)).toEqual({ done: 0, skipped: 0, failed: 0 });
    const changed = (await fixture.records.findMany('contact', contacts)).filter(
      (record) => record?.value.ownerId === 'zoe',
    ).length;
    expect(changed).toBeGreaterThan(0);
    expect(await fixture.cascades.noteApplied(plan, 0)).toBe(false);
    expect(await fixture.totals(plan)).toEqual({ done: changed + 1, skipped: 0, failed: 0 });
    expect(await fixture.log(plan, 'unprocessed')).toHaveLength(230 - changed);
    expect(await fixture.log(plan, 'done')).toHaveLength(changed + 1);
    await fixture.apply(plan);
    expect(await versionsOf(contacts)).toEqual(contacts.map(() => 2));
  });
});

describe('E5 a batch that comes late', () => {
  it('does nothing when another has done its work, also when somebody has changed the owner since', async () => {
    const { plan, account, contacts } = await identified(60);
    const gate = createGate(writesTo('recordscontact'));
    const zombie = fixture.open({ policies: [gate.policy] });
    const late = zombie.cascades.applyBatch(plan, 0, 5, allowed);
    await gate.reached;
    await fixture.apply(plan);
    const [taken] = contacts;
    await fixture.assignOne('contact', taken ?? '', 'bert');
    gate.open();
    expect(await late).toMatchObject({ kind: 'applied', done: 61 });
    expect(await fixture.value('contact', taken ?? '')).toMatchObject({ ownerId: 'bert', version: 3 });
    expect(await fixture.totals(plan)).toEqual({ done: 61, skipped: 0, failed: 0 });
    expect(await versionsOf(contacts.slice(1))).toEqual(contacts.slice(1).map(() => 2));
    const log = await fixture.log(plan);
    expect(log).toHaveLength(61);
    expect(log.find(({ recordId }) => recordId === taken)).toMatchObject({
      version: 2,
      changes: [{ old: 'anna', new: 'zoe' }],
    });
    expect((await fixture.value('account', account)).version).toBe(2);
  });

  it('does nothing when all has happened between its looks at the marker and at the records', async () => {
    const account = await fixture.make('account');
    const lookups = { account_contacts: account };
    // One that Zoe has already makes the batch look at the records before it writes.
    const contacts = await fixture.makeMany('contact', lookups, [{ ownerId: 'zoe' }, {}, {}]);
    const plan = fixture.plan('account', account, 'zoe', { lanes: 1 });
    await fixture.identify(plan);
    const gate = createGate(({ method, url }) => method === 'GET' && url.includes('recordscontact()'));
    const late = fixture.open({ policies: [gate.policy] }).cascades.applyBatch(plan, 0, 5, allowed);
    await gate.reached;
    await fixture.apply(plan);
    for (const id of contacts) await fixture.assignOne('contact', id, 'bert');
    gate.open();
    expect(await late).toMatchObject({ kind: 'applied', done: 4 });
    for (const id of contacts) expect(await fixture.value('contact', id)).toMatchObject({ ownerId: 'bert' });
    expect(await versionsOf(contacts)).toEqual([2, 3, 3]);
    expect(await fixture.totals(plan)).toEqual({ done: 4, skipped: 0, failed: 0 });
    for (const { changes } of await fixture.log(plan))
      expect(changes).not.toContainEqual(expect.objectContaining({ old: 'bert' }));
  });

  it('finds that its work is done, also when a transaction holds its records by now', async () => {
    const account = await fixture.make('account');
    const zoes = await fixture.make('contact', { account_contacts: account }, { ownerId: 'zoe' });
    const plan = fixture.plan('account', account, 'carl', { lanes: 1 });
    const again = fixture.plan('account', account, 'zoe', { lanes: 1 });
    await fixture.identify(again);
    failing.refuse(5, writesTo('chunks'));
    expect(await fixture.cascades.applyBatch(again, 0, 5, allowed)).toMatchObject({ kind: 'transient' });
    await fixture.lockOne('contact', zoes, plan.jobId);
    expect(await fixture.cascades.applyBatch(again, 0, 5, allowed)).toMatchObject({
      kind: 'applied',
      done: 2,
      drained: true,
    });
    expect(await fixture.totals(again)).toEqual({ done: 2, skipped: 0, failed: 0 });
  });

  it('counts nothing twice when both have applied and one has counted', async () => {
    const { plan, account, contacts } = await identified(230);
    const gate = createGate(writesTo('chunks'));
    const zombie = fixture.open({ policies: [gate.policy] });
    const late = zombie.cascades.applyBatch(plan, 0, 3, allowed);
    await gate.reached;
    await fixture.apply(plan, 2);
    gate.open();
    expect(await late).toMatchObject({ kind: 'applied' });
    await expectOnce(plan, account, contacts, 2);
  });

  it('is content when several hosts run the same batch at the same time', async () => {
    const { plan, account, contacts } = await identified(230);
    const hosts = [fixture, fixture.open(), fixture.open()];
    const outcomes = await Promise.all(hosts.map(({ cascades }) => cascades.applyBatch(plan, 0, 10, allowed)));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'applied', drained: true });
    await expectOnce(plan, account, contacts, 2);
  });
});

describe('C11 what passes by itself', () => {
  it('is told when others change the records again and again, after a bounded number of tries', async () => {
    const { plan, contacts } = await identified(3);
    const [busy] = contacts;
    let storm = 0;
    const stormy = fixture.open({
      policies: [
        {
          name: 'testStorm',
          async sendRequest(request, next) {
            if (writesTo('recordscontact')(request) && storm < 1000) {
              storm++;
              await fixture.assignOne('contact', busy ?? '', `other-${storm}`);
            }
            return next(request);
          },
        },
      ],
    });
    expect(await stormy.cascades.applyBatch(plan, 0, 5, allowed)).toMatchObject({ kind: 'transient' });
    expect(storm).toBeGreaterThan(1);
    expect(storm).toBeLessThan(20);
    expect((await fixture.value('contact', busy ?? '')).version).toBe(1 + storm);
    await fixture.apply(plan);
    expect(await fixture.value('contact', busy ?? '')).toMatchObject({ ownerId: 'zoe', version: 2 + storm });
    expect(await fixture.totals(plan)).toEqual({ done: 4, skipped: 0, failed: 0 });
  });

  it('is told when storage is busy for long; a later try goes on from there', async () => {
    const { plan, account, contacts } = await identified(230);
    failing.refuse(10, writesTo('recordscontact'));
    const outcome = await fixture.cascades.applyBatch(plan, 0, 2, allowed);
    expect(outcome).toMatchObject({ kind: 'transient', text: expect.stringContaining('busy') });
    // The root's chunk was applied and is counted although the next one failed.
    expect(await fixture.totals(plan)).toEqual({ done: 1, skipped: 0, failed: 0 });
    failing.refuse(0);
    await fixture.apply(plan);
    await expectOnce(plan, account, contacts, 2);
  });

  it('is told when a transaction holds a record, since it was found or before', async () => {
    for (const isBefore of [true, false]) {
      const { account, contacts } = await customer(3);
      const [held] = contacts;
      const plan = fixture.plan('account', account, 'zoe', { lanes: 1 });
      if (isBefore) await fixture.lockOne('contact', held ?? '', `job-${isBefore}`);
      await fixture.identify(plan);
      if (!isBefore) await fixture.lockOne('contact', held ?? '', `job-${isBefore}`);
      const outcome = await fixture.cascades.applyBatch(plan, 0, 5, allowed);
      expect(outcome).toMatchObject({ kind: 'transient', text: expect.stringContaining(`job-${isBefore}`) });
      expect(await versionsOf(contacts)).toEqual([1, 1, 1]);
      await fixture.lockOne('contact', held ?? '', undefined);
      await fixture.apply(plan);
      await expectOnce(plan, account, contacts, 2);
    }
  });
});

describe('C12 the privileges of a batch', () => {
  const refusal: Awaited<ReturnType<CheckPrivileges>> = {
    kind: 'security',
    code: 'missing-privilege',
    text: 'admin lacks Assign on contact',
    user: 'admin',
    missing: [{ privilege: 'Assign', table: 'contact' }],
  };

  it('are checked once, for its tables, before anything is changed', async () => {
    const { plan, account, contacts } = await identified(120, { by: 'anna' });
    await fixture.assignOne('account', account, 'bert');
    const again = fixture.plan('account', account, 'zoe', { lanes: 1, by: 'anna' });
    await fixture.identify(again);
    const asked: unknown[] = [];
    const refused = await fixture.cascades.applyBatch(again, 0, 5, async (tables, ownTables) => {
      asked.push([[...tables].sort(), [...ownTables].sort()]);
      return refusal;
    });
    expect(refused).toEqual(refusal);
    expect(asked).toEqual([[['account', 'contact'], ['contact']]]);
    expect(await versionsOf(contacts)).toEqual(contacts.map(() => 1));
    expect(await fixture.totals(again)).toEqual({ done: 0, skipped: 0, failed: 0 });
    await fixture.apply(plan);
  });

  it('are checked again when a record that was the user’s own has another owner by now', async () => {
    const { plan, contacts } = await identified(5, { by: 'anna' });
    await fixture.assignOne('contact', contacts[0] ?? '', 'bert');
    const ownOnly: CheckPrivileges = async (tables, ownTables) =>
      tables.every((table) => ownTables.has(table)) ? undefined : refusal;
    expect(await fixture.cascades.applyBatch(plan, 0, 5, ownOnly)).toEqual(refusal);
    expect((await fixture.value('contact', contacts[0] ?? '')).ownerId).toBe('bert');
    expect(await fixture.totals(plan)).toEqual({ done: 1, skipped: 0, failed: 0 });
    await fixture.apply(plan);
    expect(await fixture.totals(plan)).toEqual({ done: 6, skipped: 0, failed: 0 });
  });
});
