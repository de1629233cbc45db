/**
 * Bugs hunted here: a channel whose customers stop because of what another channel does, that is shown another's customer,
 * or whose later change is taken for applied because others went on meanwhile.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  addChannel,
  applyAll,
  customerState,
  type Hq,
  openHq,
  operationsOf,
  partsOf,
  uploadAll,
} from './hq-fixture.ts';

let hq: Hq;
let customer: string;

beforeEach(async () => {
  hq = openHq();
  addChannel(hq, 'a');
  addChannel(hq, 'b');
  customer = randomUUID();
  hq.staged.add('a', 'createCustomer', { customer }, { name: 'Anna' });
  await sync();
});

async function sync() {
  await uploadAll(hq);
  return applyAll(hq);
}

const of = async (channel: string, counter: number) =>
  (await operationsOf(hq, customer)).find(({ id }) => id === `${customer}.${channel}.${counter}`);
const columns = async () => (await customerState(hq, customer)).account?.columns;

describe('A17 a creation under the id of a customer whom another channel made', () => {
  beforeEach(async () => {
    hq.staged.add('b', 'createCustomer', { customer }, { name: 'Berta' });
    hq.staged.add('b', 'editCustomer', { customer }, { phone: '2' });
    await sync();
  });

  it('holds its own channel alone, and tells nothing of the customer', async () => {
    hq.staged.add('a', 'editCustomer', { customer }, { phone: '1' });
    expect(await sync()).toMatchObject({ applied: 1, failed: 0 });
    expect(await columns()).toEqual({ name: 'Anna', phone: '1', accountNumber: 'C00000001' });
    expect(await of('b', 1)).toMatchObject({ status: 'Failed', accountNumber: null });
    expect((await of('b', 1))?.lastError).not.toMatch(/C0|channel:|Anna/);
    expect((await of('b', 2))?.status).toBe('Held');
  });

  it('goes on holding its own channel after others have gone on', async () => {
    hq.staged.add('a', 'editCustomer', { customer }, { phone: '1' });
    await sync();
    hq.staged.add('b', 'editCustomer', { customer }, { phone: '3' });
    hq.staged.add('a', 'editCustomer', { customer }, { title: 'Dr' });
    await sync();
    expect((await of('b', 3))?.status).toBe('Held');
    expect(await columns()).toMatchObject({ phone: '1', title: 'Dr' });
  });

  it('is discarded with what its own channel sent later, and nothing of others', async () => {
    hq.staged.add('a', 'editCustomer', { customer }, { phone: '1' });
    await uploadAll(hq);
    const discard = (withLater: boolean) =>
      hq.changes.discard({ id: `${customer}.b.1`, reason: 'two people', by: 'anna', withLater });
    await expect(discard(false)).rejects.toMatchObject({ extra: { needed: [`${customer}.b.2`] } });
    await discard(true);
    expect(await applyAll(hq)).toMatchObject({ applied: 1 });
    expect((await operationsOf(hq, customer)).map(({ status }) => status).sort()).toEqual([
      ...['Completed', 'Completed', 'Discarded', 'Discarded'],
    ]);
    expect(await columns()).toMatchObject({ name: 'Anna', phone: '1' });
  });

  it('is applied with what it held once somebody says that both are the same, whatever came since', async () => {
    hq.staged.add('a', 'editCustomer', { customer }, { title: 'Dr' });
    await sync();
    const open = await of('b', 1);
    await hq.changes.save({
      ...{ id: open?.id ?? '', attributes: { customerId: customer }, by: 'anna', ifMatch: open?.version },
    });
    await hq.changes.release(open?.id ?? '');
    expect(await applyAll(hq)).toMatchObject({ applied: 2, failed: 0, held: 0 });
    expect(await columns()).toEqual({ name: 'Berta', phone: '2', title: 'Dr', accountNumber: 'C00000001' });
    hq.staged.add('a', 'editCustomer', { customer }, { phone: '4' });
    await sync();
    expect(await columns()).toMatchObject({ phone: '4' });
  });
});

describe('A17 a contact under the id of another customer`s', () => {
  it('holds its own channel alone, whose later changes are applied once it is mended', async () => {
    const [other, target] = [randomUUID(), randomUUID()];
    const phone = (value: string) => ({ kind: 'Phone', value });
    hq.staged.add('a', 'createCustomer', { customer: other }, { name: 'Olga' });
    hq.staged.add('a', 'setContact', { customer: other, target }, phone('7'));
    await sync();
    hq.staged.add('b', 'setContact', { customer, target }, phone('8'));
    hq.staged.add('b', 'editCustomer', { customer }, { title: 'Dr' });
    hq.staged.add('a', 'editCustomer', { customer }, { phone: '1' });
    expect(await sync()).toMatchObject({ applied: 1, failed: 1, held: 1 });
    expect(await columns()).toEqual({ name: 'Anna', phone: '1', accountNumber: 'C00000001' });
    const open = await of('b', 1);
    const save = { id: open?.id ?? '', attributes: { contactId: randomUUID() }, by: 'anna', ifMatch: open?.version };
    await hq.changes.save(save);
    await hq.changes.release(save.id);
    expect(await applyAll(hq)).toMatchObject({ applied: 2, failed: 0, held: 0 });
    expect(await columns()).toMatchObject({ phone: '1', title: 'Dr' });
    expect(await partsOf(hq, 'contactInfo', customer)).toEqual([phone('8')]);
    expect(await partsOf(hq, 'contactInfo', other)).toEqual([phone('7')]);
  });
});
