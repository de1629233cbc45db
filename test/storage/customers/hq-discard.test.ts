/**
 * Bugs hunted here: a discarded operation that is applied after all, or goes on holding others back; a death that leaves
 * edits without the creation that they need; one put back under what was applied later.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { crashAfter } from '../../support/crashing-storage.ts';
import { addChannel, applyAll, customerState, type Hq, openHq, operationsOf, uploadAll } from './hq-fixture.ts';

let hq: Hq;
let customer: string;

beforeEach(() => {
  hq = openHq();
  addChannel(hq, 'c');
  customer = randomUUID();
});

async function sync(at: Hq = hq) {
  await uploadAll(at);
  return applyAll(at);
}

const id = (counter: number, of = customer) => `${of}.c.${counter}`;
const statuses = async () => (await operationsOf(hq, customer)).map(({ status }) => status);
const discard = (counter: number, withLater = false, at: Hq = hq) =>
  at.changes.discard({ id: id(counter), reason: 'entered twice', by: 'anna', withLater });

/** A customer, an edit that has failed, and one that it holds back. */
async function held(): Promise<void> {
  hq.staged.add('c', 'createCustomer', { customer }, { name: 'Anna' });
  hq.staged.add('c', 'editCustomer', { customer }, { currency: 'EURO' });
  hq.staged.add('c', 'editCustomer', { customer }, { phone: '1' });
  await sync();
  expect(await statuses()).toEqual(['Completed', 'Failed', 'Held']);
}

/** A creation that has failed, with an edit and an address behind it. */
async function failedCreation(of = customer): Promise<void> {
  hq.staged.add('c', 'createCustomer', { customer: of }, { name: 'Anna', currency: 'EURO' });
  hq.staged.add('c', 'editCustomer', { customer: of }, { phone: '1' });
  hq.staged.add('c', 'createAddress', { customer: of, target: randomUUID() }, { street: 'A' });
  await sync();
}

describe('A16 a discarded operation', () => {
  it('is never applied, holds nobody back, and says who, when and why', async () => {
    await held();
    await discard(2);
    const [, second] = await operationsOf(hq, customer);
    expect(second).toMatchObject({
      status: 'Discarded',
      onlineOperationCompleted: 0,
      discardedBy: 'anna',
      discardedOn: new Date(hq.clock.nowMs).toISOString(),
      discardReason: 'entered twice',
    });
    expect(await applyAll(hq)).toMatchObject({ applied: 1, failed: 0, held: 0 });
    expect(await statuses()).toEqual(['Completed', 'Discarded', 'Completed']);
    expect((await customerState(hq, customer)).account?.columns).toEqual({
      ...{ name: 'Anna', phone: '1', accountNumber: 'C00000001' },
    });
    const listed = await hq.operations.list({ status: 'Discarded' }, 10, undefined);
    expect(listed.items.map((each) => each.id)).toEqual([id(2)]);
    expect((await hq.operations.countOpen()).get('c') ?? { Uploaded: 0 }).toMatchObject({ Uploaded: 0 });
  });

  it('may have been Held, or just uploaded', async () => {
    await held();
    await discard(3);
    await discard(2);
    hq.staged.add('c', 'editCustomer', { customer }, { title: 'Dr' });
    await uploadAll(hq);
    await discard(4);
    expect(await applyAll(hq)).toMatchObject({ applied: 0, failed: 0 });
    expect((await customerState(hq, customer)).account?.columns).toEqual({ name: 'Anna', accountNumber: 'C00000001' });
  });

  it('is refused once it was applied, or twice, and can be neither edited nor synchronized', async () => {
    await held();
    await expect(discard(1)).rejects.toMatchObject({ slug: 'already-applied' });
    await discard(2);
    await expect(discard(2)).rejects.toMatchObject({ slug: 'conflict', message: expect.stringContaining('Reinstate') });
    await expect(hq.changes.release(id(2))).rejects.toMatchObject({ slug: 'conflict' });
    const version = (await operationsOf(hq, customer))[1]?.version;
    const save = hq.changes.save({ id: id(2), attributes: { phone: '2' }, by: 'anna', ifMatch: version });
    await expect(save).rejects.toMatchObject({ slug: 'conflict' });
  });

  it('that a dying sync job had written is refused, as its record shows it', async () => {
    hq.staged.add('c', 'createCustomer', { customer }, { name: 'Anna' });
    await uploadAll(hq);
    for (let atWrite = 0; (await hq.records.find('account', customer)) === undefined; atWrite++) {
      await applyAll(hq.reopen([crashAfter(atWrite).policy])).catch(() => undefined);
      hq.clock.nowMs += 60_000;
    }
    if ((await statuses())[0] === 'Completed') throw new Error('it did not die in time');
    await expect(discard(1)).rejects.toMatchObject({ slug: 'conflict', message: expect.stringMatching(/written/) });
  });
});

describe('A16 a creation that later operations need', () => {
  it('is refused alone, and takes them along when asked', async () => {
    await failedCreation();
    await expect(discard(1)).rejects.toMatchObject({
      slug: 'conflict',
      message: expect.stringContaining('withLater'),
      extra: { needed: [id(2), id(3)] },
    });
    expect(await statuses()).toEqual(['Failed', 'Held', 'Held']);
    await discard(1, true);
    expect(await statuses()).toEqual(['Discarded', 'Discarded', 'Discarded']);
    expect(await applyAll(hq)).toMatchObject({ applied: 0, failed: 0, held: 0 });
    await expect(hq.changes.reinstate(id(2))).rejects.toMatchObject({ message: expect.stringContaining(id(1)) });
  });

  it('takes them along after every death, and nothing is applied without it', async () => {
    for (let atWrite = 0; ; atWrite++) {
      customer = randomUUID();
      const first = (await hq.staged.readAfter('c', 0, 10_000)).length + 1;
      await failedCreation(customer);
      const crash = crashAfter(atWrite);
      const request = { id: id(first), reason: 'entered twice', by: 'anna', withLater: true };
      await hq
        .reopen([crash.policy])
        .changes.discard(request)
        .catch(() => undefined);
      hq.clock.nowMs += 60_000;
      await applyAll(hq);
      const [creation, ...later] = await statuses();
      expect(later).toEqual(Array(2).fill(creation === 'Discarded' ? 'Discarded' : 'Held'));
      expect(await hq.records.find('account', customer)).toBeUndefined();
      if (!crash.isDead) {
        expect(creation).toBe('Discarded');
        break;
      }
    }
  }, 60_000);
});

describe('A16 reinstating', () => {
  it('puts an operation back where it stood; holds are decided anew', async () => {
    await held();
    await discard(2);
    await hq.changes.reinstate(id(2));
    expect((await operationsOf(hq, customer))[1]).toMatchObject({ status: 'Uploaded', discardedBy: null });
    expect(await applyAll(hq)).toMatchObject({ failed: 1 });
    expect(await statuses()).toEqual(['Completed', 'Failed', 'Held']);
  });

  it('brings back with a creation what was discarded with it, also after every death', async () => {
    for (let atWrite = 0; ; atWrite++) {
      customer = randomUUID();
      const first = (await hq.staged.readAfter('c', 0, 10_000)).length + 1;
      await failedCreation(customer);
      await discard(first, true);
      const crash = crashAfter(atWrite);
      await hq
        .reopen([crash.policy])
        .changes.reinstate(id(first))
        .catch(() => undefined);
      hq.clock.nowMs += 60_000;
      await applyAll(hq);
      const now = await statuses();
      expect([['Failed', 'Held', 'Held'], Array(3).fill('Discarded')]).toContainEqual(now);
      if (!crash.isDead) {
        expect(now).toEqual(['Failed', 'Held', 'Held']);
        break;
      }
    }
  }, 60_000);

  it('is refused once a later operation was applied, and for what is not discarded', async () => {
    await held();
    await expect(hq.changes.reinstate(id(3))).rejects.toMatchObject({ slug: 'conflict' });
    await discard(2);
    await applyAll(hq);
    await expect(hq.changes.reinstate(id(2))).rejects.toMatchObject({
      slug: 'conflict',
      message: expect.stringContaining('later operation'),
    });
  });
});

describe('A16 discarding in bulk', () => {
  it('takes creations with what needs them if all are chosen, and refuses those whose edits stay', async () => {
    await failedCreation();
    const request = { discard: 'entered twice', synchronize: false, by: 'anna' };
    const run = async (more: { ids?: string[]; filter?: object; dryRun: boolean }) => {
      const bulkId = randomUUID();
      await hq.bulk.create(bulkId, { ...request, ...more }, new Date(hq.clock.nowMs).toISOString());
      while (!(await hq.bulkJob.step(bulkId)).done);
      const { matched, changed, refused } = (await hq.bulk.find(bulkId))?.state ?? {};
      return { matched, changed, refused };
    };
    expect(await run({ ids: [id(1)], dryRun: false })).toEqual({ matched: 1, changed: 0, refused: 1 });
    const filter = { asyncCustomer: customer };
    expect(await run({ filter, dryRun: true })).toEqual({ matched: 3, changed: 3, refused: 0 });
    expect(await statuses()).toEqual(['Failed', 'Held', 'Held']);
    expect(await run({ filter, dryRun: false })).toEqual({ matched: 3, changed: 3, refused: 0 });
    expect(await statuses()).toEqual(['Discarded', 'Discarded', 'Discarded']);
  });
});
