/**
 * Bugs hunted here: a page that shrinks while it is worked on again, so that counts differ; an operation edited twice; one
 * reported as refused that this very bulk change has applied; a dry run that changes something.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BulkRequest } from '../../../shared/customers/bulk/bulk-store.ts';
import { crashAfter } from '../../support/crashing-storage.ts';
import { addChannel, applyAll, customerState, type Hq, openHq, operationsOf, uploadAll } from './hq-fixture.ts';

let hq: Hq;

beforeEach(() => {
  hq = openHq();
  addChannel(hq, 'c');
});

/** Customers whose creation has failed, each with an edit that is held back. */
async function failing(count: number): Promise<string[]> {
  const customers = Array.from({ length: count }, () => randomUUID());
  for (const customer of customers) {
    hq.staged.add('c', 'createCustomer', { customer }, { name: customer, currency: 'NONE' });
    hq.staged.add('c', 'editCustomer', { customer }, { phone: '1' });
  }
  await uploadAll(hq);
  await applyAll(hq);
  return customers;
}

async function start(request: Partial<BulkRequest>): Promise<string> {
  const bulkId = randomUUID();
  await hq.bulk.create(
    bulkId,
    { synchronize: false, dryRun: false, by: 'ann', ...request },
    '2026-03-02T12:00:00.000Z',
  );
  return bulkId;
}

async function finish(bulkId: string, at: Pick<Hq, 'bulkJob' | 'bulk'> = hq) {
  while (!(await at.bulkJob.step(bulkId)).done);
  const { matched, changed, refused, status } = (await at.bulk.find(bulkId))?.state ?? {};
  return { status, matched, changed, refused };
}

const change = async (request: Partial<BulkRequest>) => finish(await start(request));
const statuses = async (customer: string) => (await operationsOf(hq, customer)).map(({ status }) => status);
const MEND = { filter: { status: 'Failed' }, changes: { currency: 'EUR' }, synchronize: true } as const;

describe('A12 a bulk change', () => {
  it('tried out tells what would come of it, and changes nothing', async () => {
    const [one = ''] = await failing(3);
    const before = await operationsOf(hq, one);
    expect(await change({ ...MEND, dryRun: true })).toEqual({
      status: 'Completed',
      matched: 3,
      changed: 3,
      refused: 0,
    });
    expect(await change({ ...MEND, changes: { colour: 'red' }, dryRun: true })).toMatchObject({
      changed: 0,
      refused: 3,
    });
    expect(await operationsOf(hq, one)).toEqual(before);
    expect(await customerState(hq, one)).toMatchObject({ account: undefined });
  });

  it('tried out names what headquarters would refuse again, with the reason', async () => {
    const [one = ''] = await failing(2);
    const wrong = { currency: 'XX' };
    expect(await change({ ...MEND, changes: wrong, dryRun: true })).toMatchObject({ changed: 0, refused: 2 });
    const bulkId = await start({ filter: MEND.filter, synchronize: true, dryRun: true });
    expect(await finish(bulkId)).toMatchObject({ changed: 0, refused: 2 });
    const [refusal] = await hq.bulk.refusals(bulkId);
    expect(refusal?.problem).toMatchObject({
      status: 422,
      detail: expect.stringMatching(/would refuse it: currency: /),
    });
    // Save alone takes what can be mended later.
    expect(await change({ ...MEND, changes: wrong, synchronize: false, dryRun: true })).toMatchObject({ changed: 2 });
    expect(await statuses(one)).toEqual(['Failed', 'Held']);
  });

  it('mends and synchronizes what fits a filter, with what was held back, and keeps who did it', async () => {
    const customers = await failing(3);
    expect(await change(MEND)).toEqual({ status: 'Completed', matched: 3, changed: 3, refused: 0 });
    for (const customer of customers) {
      expect(await statuses(customer)).toEqual(['Completed', 'Completed']);
      expect((await customerState(hq, customer)).account?.columns).toMatchObject({ currency: 'EUR', phone: '1' });
      expect((await operationsOf(hq, customer))[0]).toMatchObject({ editedBy: 'ann' });
    }
  });

  it('refuses alone what it can do nothing to, and says why', async () => {
    const [one = '', two = ''] = await failing(2);
    const of = async (customer: string, at: number) => (await operationsOf(hq, customer))[at]?.id ?? '';
    const ids = [await of(one, 0), await of(one, 1), await of(two, 1), `${randomUUID()}.c.9`, 'nonsense'];
    const bulkId = await start({ ids, synchronize: true });
    // The held one of `one` goes with the one that holds it; that of `two` doesn't.
    expect(await finish(bulkId)).toMatchObject({ matched: 5, changed: 2, refused: 3 });
    const refusals = await hq.bulk.refusals(bulkId);
    expect(refusals.map(({ id, problem }) => [id, problem.status])).toEqual(
      expect.arrayContaining([
        [ids[2], 409],
        [ids[3], 404],
        [ids[4], 404],
      ]),
    );
    expect(refusals.find(({ id }) => id === ids[2])?.problem.heldBy).toBe(await of(two, 0));
    await change(MEND);
    expect(await change({ ids: [await of(one, 0)], changes: { phone: '2' } })).toMatchObject({
      changed: 0,
      refused: 1,
    });
  });

  it('goes on from page to page', async () => {
    await failing(60);
    expect(await change({ ...MEND, dryRun: true })).toMatchObject({ matched: 60, changed: 60 });
  });

  it('counts and changes each operation once, whatever write is the last before a death', async () => {
    for (let at = 0, crashed = true; crashed; at += 3) {
      const [one = '', two = ''] = await failing(2);
      const bulkId = await start(MEND);
      const crash = crashAfter(at);
      await finish(bulkId, hq.reopen([crash.policy])).catch(() => undefined);
      crashed = crash.isDead;
      hq.clock.nowMs += 60_000;
      expect(await finish(bulkId, hq.reopen())).toEqual({ status: 'Completed', matched: 2, changed: 2, refused: 0 });
      for (const customer of [one, two]) {
        expect(await statuses(customer)).toEqual(['Completed', 'Completed']);
        const { currency, phone } = (await customerState(hq, customer)).account?.columns ?? {};
        expect({ currency, phone }).toEqual({ currency: 'EUR', phone: '1' });
      }
    }
  });
});

describe('A7 a record that names a customer which waits to be synchronized', () => {
  it('has the customer made first, and nobody else', async () => {
    const [customer, other] = [randomUUID(), randomUUID()];
    for (const id of [customer, other]) hq.staged.add('c', 'createCustomer', { customer: id }, { name: 'Anna' });
    await uploadAll(hq);
    await hq.synchronizeCustomer(customer);
    expect((await customerState(hq, customer)).account?.columns.accountNumber).toBe('C00000001');
    expect(await statuses(other)).toEqual(['Uploaded']);
    await hq.synchronizeCustomer(randomUUID());
  });

  it('is refused with the reason when the customer could not be made', async () => {
    const [customer = ''] = await failing(1);
    await expect(hq.synchronizeCustomer(customer)).rejects.toMatchObject({
      slug: 'rule-broken',
      message: expect.stringContaining('currency'),
      extra: { operationId: `${customer}.c.1` },
    });
  });

  it('is refused with the way to go while the customer is in its channel only', async () => {
    const customer = randomUUID();
    hq.staged.add('c', 'createCustomer', { customer }, { name: 'Anna' });
    hq.channelDatabase.waiting.add(customer);
    await expect(hq.synchronizeCustomer(customer)).rejects.toMatchObject({
      slug: 'rule-broken',
      message: expect.stringContaining('Run job P-0001 first'),
      extra: { channel: 'c' },
    });
  });

  it('makes one customer of one number, though many name it at once', async () => {
    const customer = randomUUID();
    hq.staged.add('c', 'createCustomer', { customer }, { name: 'Anna' });
    await uploadAll(hq);
    await Promise.all([
      applyAll(hq.reopen()),
      ...Array.from({ length: 5 }, () => hq.reopen().synchronizeCustomer(customer)),
    ]);
    expect((await customerState(hq, customer)).account?.columns.accountNumber).toBe('C00000001');
    expect(await statuses(customer)).toEqual(['Completed']);
  });
});
