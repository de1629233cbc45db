/**
 * Bugs hunted here: an edit that is lost, or undone by a sync job that was overtaken; a release that leaves the customer
 * out of the queue; a list that misses or repeats operations; a download that misses a change.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { CustomerHeads } from '../../../shared/customers/headquarters/customer-head.ts';
import { OperationChanges } from '../../../shared/customers/headquarters/operation-changes.ts';
import { OperationIndex } from '../../../shared/customers/headquarters/operation-index.ts';
import { PendingCustomers } from '../../../shared/customers/headquarters/pending-customers.ts';
import { StagingTables } from '../../../shared/customers/headquarters/staging-tables.ts';
import type { HqOperation } from '../../../shared/customers/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { crashAfter } from '../../support/crashing-storage.ts';
import {
  addChannel,
  applyAll,
  customerState,
  downloadAll,
  type Hq,
  makeAccount,
  openHq,
  operationsOf,
  uploadAll,
} from './hq-fixture.ts';

let hq: Hq;

beforeEach(() => {
  hq = openHq();
});

async function sync() {
  await uploadAll(hq);
  return applyAll(hq);
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Problem) return error;
  throw new Error(`No problem, but ${String(error)}`);
}

/** A customer whose first operation has failed and holds back the second. */
async function blockedCustomer(): Promise<{ customer: string; failed: HqOperation; held: HqOperation }> {
  const channel = addChannel(hq, 'c');
  const customer = randomUUID();
  hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna', currency: 'EURO' });
  hq.staged.add(channel, 'editCustomer', { customer }, { phone: '1' });
  await sync();
  const [failed, held] = await operationsOf(hq, customer);
  if (!failed || !held) throw new Error('nothing was uploaded');
  return { customer, failed, held };
}

const save = (id: string, attributes: Record<string, string | null>, ifMatch?: number) =>
  hq.changes.save({ id, attributes, by: 'anna', ifMatch });

describe('A8 Save', () => {
  it('keeps what was sent, who edited and when, and leaves the operation Failed until it is synchronized', async () => {
    const { failed, customer } = await blockedCustomer();
    const saved = await save(failed.id, { currency: 'EUR' }, failed.version);
    expect(saved).toMatchObject({
      body: { name: 'Anna', currency: 'EUR' },
      original: { name: 'Anna', currency: 'EURO' },
      editedBy: 'anna',
      editedOn: new Date(hq.clock.nowMs).toISOString(),
      status: 'Failed',
      version: failed.version + 1,
    });
    const again = await save(failed.id, { title: 'Dr.' }, saved.version);
    expect(again.original).toEqual({ name: 'Anna', currency: 'EURO' });
    await applyAll(hq);
    expect((await customerState(hq, customer)).account).toBeUndefined();
    expect(failed.original).toBeNull();
    expect((await hq.operations.findById(failed.id))?.original).toEqual([
      { name: 'name', value: 'Anna' },
      { name: 'currency', value: 'EURO' },
    ]);
  });

  it('needs the version that was read', async () => {
    const { failed } = await blockedCustomer();
    expect((await problemOf(save(failed.id, { currency: 'EUR' }))).status).toBe(428);
    expect((await problemOf(save(failed.id, { currency: 'EUR' }, failed.version - 1))).status).toBe(412);
  });

  it.each([
    ['an attribute that there is not', { shoeSize: '44' }],
    ['a required one without a value', { name: null }],
    ['one that headquarters sets', { accountNumber: 'C1' }],
  ])('refuses %s', async (_, attributes) => {
    const { failed } = await blockedCustomer();
    const problem = await problemOf(save(failed.id, attributes, failed.version));
    expect(problem.status).toBe(400);
    expect((await operationsOf(hq, failed.key.customerAsyncId))[0]).toEqual(failed);
  });

  it('refuses an applied operation and one that there is not', async () => {
    const customer = randomUUID();
    hq.staged.add(addChannel(hq, 'c'), 'createCustomer', { customer }, { name: 'Anna' });
    await sync();
    const [done] = await operationsOf(hq, customer);
    expect((await problemOf(save(done?.id ?? '', { name: 'B' }, done?.version))).slug).toBe('already-applied');
    expect((await problemOf(hq.changes.release(done?.id ?? ''))).slug).toBe('already-applied');
    expect((await problemOf(save(`${customer}.c.99`, { name: 'B' }, 1))).slug).toBe('not-found');
  });

  it('is tried again while a sync job has the customer, and told when that lasts', async () => {
    const { failed, customer } = await blockedCustomer();
    const heads = new CustomerHeads(hq.storage, () => hq.clock.nowMs);
    const lease = await heads.lease(customer, 'job');
    let waits = 0;
    const changes = new OperationChanges({
      staging: new StagingTables(hq.storage),
      pending: new PendingCustomers(hq.storage),
      heads,
      records: hq.records,
      index: new OperationIndex(hq.storage),
      now: () => hq.clock.nowMs,
      wait: async () => {
        waits++;
        // The job lets go while the second request waits.
        if (waits === 12 && lease) await heads.release(lease);
      },
    });
    const request = { id: failed.id, attributes: { currency: 'EUR' }, by: 'anna', ifMatch: failed.version };
    expect(await problemOf(changes.save(request))).toMatchObject({ slug: 'conflict', retryAfterSeconds: 2 });
    expect((await changes.save(request)).body.currency).toBe('EUR');
    expect(waits).toBe(12);
  });

  it('wins over an attempt that has written the record and died', async () => {
    addChannel(hq, 'c');
    let customer = '';
    const phone = async () => (await hq.records.get('account', customer)).value.columns.phone;
    // A customer for each death, so that every one is that of a first attempt.
    for (let atWrite = 0; atWrite === 0 || (await phone()) === '0'; atWrite++) {
      customer = (await makeAccount(hq, { phone: '0' })).value.id;
      hq.staged.add('c', 'editCustomer', { customer }, { phone: '1' });
      await uploadAll(hq);
      const dying = hq.reopen([crashAfter(atWrite).policy]).applyJob.applyCustomers([customer], 'dead');
      await dying.catch(() => undefined);
    }
    hq.clock.nowMs += 60_000;
    const [open] = await operationsOf(hq, customer);
    expect(open?.status).toBe('Uploaded');
    await save(open?.id ?? '', { phone: '2' }, open?.version);
    await applyAll(hq);
    expect(await phone()).toBe('2');
    expect((await operationsOf(hq, customer))[0]?.attributes).toEqual([{ name: 'phone', old: '1', new: '2' }]);
  });
});

describe('A8 A9 Synchronize', () => {
  it('applies the mended operation and those that it held back', async () => {
    const { failed, customer } = await blockedCustomer();
    await save(failed.id, { currency: 'EUR' }, failed.version);
    await hq.changes.release(failed.id);
    expect(await applyAll(hq)).toMatchObject({ applied: 2, failed: 0 });
    const operations = await operationsOf(hq, customer);
    expect(operations.map(({ status, lastError }) => [status, lastError])).toEqual([
      ['Completed', null],
      ['Completed', null],
    ]);
    expect((await customerState(hq, customer)).account?.columns).toMatchObject({ currency: 'EUR', phone: '1' });
  });

  it('of an operation that is still bad fails it again', async () => {
    const { failed, customer } = await blockedCustomer();
    await hq.changes.release(failed.id);
    expect(await applyAll(hq)).toMatchObject({ applied: 0, failed: 1 });
    expect((await operationsOf(hq, customer)).map(({ status }) => status)).toEqual(['Failed', 'Held']);
  });

  it('of a held operation names the one that holds it', async () => {
    const { failed, held } = await blockedCustomer();
    const problem = await problemOf(hq.changes.release(held.id));
    expect(problem).toMatchObject({ status: 409, extra: { heldBy: failed.id } });
  });

  it('that dies can be asked for again, after whatever write it died', async () => {
    const { failed, customer } = await blockedCustomer();
    await save(failed.id, { currency: 'EUR' }, failed.version);
    for (let atWrite = 0; ; atWrite++) {
      const crash = crashAfter(atWrite);
      await hq
        .reopen([crash.policy])
        .changes.release(failed.id)
        .catch(() => undefined);
      if (!crash.isDead) break;
      // What the dead one held runs out.
      hq.clock.nowMs += 60_000;
      const [first] = await operationsOf(hq, customer);
      if (first?.status === 'Uploaded') await expectQueued(customer);
    }
    expect(await applyAll(hq)).toMatchObject({ applied: 2 });
  });

  async function expectQueued(customer: string) {
    const { groups } = await hq.applyJob.listPending(undefined);
    expect(groups.flat()).toContain(customer);
  }
});

describe('A8 the list of operations', () => {
  async function fill(): Promise<string[]> {
    const customers = [randomUUID(), randomUUID()];
    for (const [at, customer] of customers.entries()) {
      const channel = addChannel(hq, `c${at}`);
      hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
      hq.staged.add(channel, 'editCustomer', { customer }, { currency: 'EURO' });
      hq.staged.add(channel, 'editCustomer', { customer }, { phone: '1' });
    }
    await sync();
    hq.staged.add('c0', 'createCustomer', { customer: randomUUID() }, { name: 'Waits' });
    await uploadAll(hq);
    return customers;
  }

  it('is narrowed by every filter', async () => {
    const [first = '', second = ''] = await fill();
    const ids = async (filter: Parameters<Hq['operations']['list']>[0]) =>
      (await hq.operations.list(filter, 100, undefined)).items.map(
        ({ key }) => `${key.channel} ${key.replicationCounter}`,
      );
    const number = (await customerState(hq, second)).account?.columns.accountNumber;
    // Operations that channels took at the same time stand in the order of their counters.
    expect((await ids({})).map((id) => id.at(-1))).toEqual(['4', '3', '3', '2', '2', '1', '1']);
    expect(await ids({ status: 'Uploaded' })).toEqual(['c0 4']);
    expect((await ids({ status: 'Failed' })).sort()).toEqual(['c0 2', 'c1 2']);
    expect((await ids({ status: 'Held' })).sort()).toEqual(['c0 3', 'c1 3']);
    expect((await ids({ status: 'Completed' })).sort()).toEqual(['c0 1', 'c1 1']);
    expect(await ids({ channel: 'c1' })).toEqual(['c1 3', 'c1 2', 'c1 1']);
    expect(await ids({ asyncCustomer: first })).toEqual(['c0 3', 'c0 2', 'c0 1']);
    expect(await ids({ customer: String(number) })).toEqual(['c1 3', 'c1 2', 'c1 1']);
    expect(await ids({ customer: String(number), asyncCustomer: first })).toEqual([]);
    expect(await ids({ customer: 'C99999999' })).toEqual([]);
    expect((await ids({ operation: 'createCustomer' })).sort()).toEqual(['c0 1', 'c0 4', 'c1 1']);
    expect((await ids({ error: 'iso 4217' })).sort()).toEqual(['c0 2', 'c1 2']);
    expect((await ids({ from: '2026-03-01T10:00:01.000Z', to: '2026-03-01T10:00:02.000Z' })).sort()).toEqual([
      'c0 2',
      'c1 2',
    ]);
  });

  it('has those of one request newest first too', async () => {
    const channel = addChannel(hq, 'c');
    const customer = randomUUID();
    const staged = Array.from({ length: 12 }, () =>
      hq.staged.add(channel, 'editCustomer', { customer }, { phone: '1' }),
    );
    const createdOn = staged[0]?.createdOn ?? '';
    for (const operation of staged) Object.assign(operation, { createdOn });
    await uploadAll(hq);
    const { items } = await hq.operations.list({}, 100, undefined);
    expect(items.map(({ key }) => key.replicationCounter)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('is paged without loss or repetition', async () => {
    await fill();
    const seen: string[] = [];
    let after: Awaited<ReturnType<Hq['operations']['list']>>['after'];
    do {
      const page = await hq.operations.list({}, 2, after);
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ id }) => id));
      after = page.after;
    } while (after);
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });

  it('finds operations by their keys, in the order asked, and none that is not uploaded', async () => {
    const [first = ''] = await fill();
    const key = (replicationCounter: number) => ({ customerAsyncId: first, channel: 'c0', replicationCounter });
    const found = await hq.operations.findMany([key(3), key(99), key(1)]);
    expect(found.map((each) => each?.key.replicationCounter)).toEqual([3, undefined, 1]);
  });
});

describe('A7 the number comes to the channels with 1010', () => {
  it('brings accounts, active addresses and affiliations, and how far operations are applied', async () => {
    const channel = addChannel(hq, 'c');
    const customer = randomUUID();
    const [kept, gone] = [randomUUID(), randomUUID()];
    hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
    hq.staged.add(channel, 'createAddress', { customer, target: kept }, { street: 'Main St' });
    hq.staged.add(channel, 'createAddress', { customer, target: gone }, { street: 'Old St' });
    hq.staged.add(channel, 'deactivateAddress', { customer, target: gone });
    await uploadAll(hq);
    await downloadAll(hq);
    expect(hq.channelDatabase.downloads).toEqual([]);
    await applyAll(hq);
    await downloadAll(hq);
    expect(hq.channelDatabase.newest('c', customer)).toEqual({
      customerAsyncId: customer,
      accountNumber: 'C00000001',
      createdOn: '2026-03-01T10:00:00.000Z',
      origin: `${customer}.c.1`,
      exists: true,
      columns: { name: 'Anna' },
      addresses: [{ id: kept, columns: { street: 'Main St', purpose: 'Home' } }],
      ...{ affiliations: [], contacts: [], attributes: [] },
      appliedThrough: '000000000000004',
      takenOn: new Date(hq.clock.nowMs).toISOString(),
    });
  });

  it('reads the last minutes again each time, and a new channel from the beginning', async () => {
    addChannel(hq, 'old');
    const early = (await makeAccount(hq, {})).value.id;
    await hq.feed.noteCustomerChanged(early);
    await downloadAll(hq);
    hq.clock.nowMs += 20 * 60_000;
    await downloadAll(hq);
    hq.clock.nowMs += 60 * 60_000;
    const late = (await makeAccount(hq, {})).value.id;
    await hq.feed.noteCustomerChanged(late);
    addChannel(hq, 'new');
    await downloadAll(hq);
    const came = (channel: string) =>
      hq.channelDatabase.downloads
        .filter((each) => each.channel === channel)
        .map(({ snapshot }) => snapshot.customerAsyncId);
    expect(came('old')).toEqual([early, early, late]);
    expect(came('new')).toEqual([early, late]);
  });

  it('brings a change whose feed row was written before the download and whose record after it', async () => {
    addChannel(hq, 'c');
    const { id } = (await makeAccount(hq, { phone: '1' })).value;
    await hq.feed.noteCustomerChanged(id);
    await downloadAll(hq);
    const by = { by: 'admin', on: '2026-02-01T00:00:00.000Z' };
    await hq.records.change('account', id, { columns: { phone: '2' } }, by);
    hq.clock.nowMs += 24 * 60 * 60_000;
    await downloadAll(hq);
    expect(hq.channelDatabase.newest('c', id)?.columns.phone).toBe('2');
  });

  it('begins again where it was when it died', async () => {
    addChannel(hq, 'c');
    const { id } = (await makeAccount(hq, {})).value;
    await hq.feed.noteCustomerChanged(id);
    const crash = crashAfter(2);
    await downloadAll(hq.reopen([crash.policy])).catch(() => undefined);
    expect(crash.isDead).toBe(true);
    hq.clock.nowMs += 60 * 60_000;
    await downloadAll(hq);
    expect(hq.channelDatabase.downloads).toHaveLength(2);
  });

  it('tells of an account that was deleted', async () => {
    addChannel(hq, 'c');
    const { id } = (await makeAccount(hq, {})).value;
    const rows = hq.storage.table('recordsaccount');
    for await (const { partitionKey, rowKey, etag } of rows.rows({})) {
      const row = { partitionKey, rowKey, deletedOn: '2026-02-01T00:00:00.000Z', deletedBy: 'admin' };
      await rows.write([{ kind: 'merge', row, etag }]);
    }
    await hq.feed.noteCustomerChanged(id);
    await downloadAll(hq);
    expect(hq.channelDatabase.newest('c', id)).toMatchObject({ exists: false, addresses: [] });
  });
});
