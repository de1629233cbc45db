/** Bugs hunted here: an operation that fails for good and holds its customer for ever, as what it makes is there already. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationBody } from '../../../shared/customers/customer-operation.ts';
import { derivedId } from '../../../shared/records/record-ids.ts';
import { crashAfter } from '../../support/crashing-storage.ts';
import { writesToDieAt } from '../../support/writes-to-die-at.ts';
import {
  addChannel,
  applyAll,
  customerState,
  type Hq,
  makeAccount,
  openHq,
  operationsOf,
  uploadAll,
} from './hq-fixture.ts';

let hq: Hq;
let channel: string;

beforeEach(() => {
  hq = openHq();
  channel = addChannel(hq, 'c');
});

async function sync() {
  await uploadAll(hq);
  return applyAll(hq);
}

const save = (id: string, attributes: OperationBody, ifMatch: number) =>
  hq.changes.save({ id, attributes, by: 'anna', ifMatch });

/** Somebody says that a creation is that of the customer who is there, and synchronizes it. */
async function confirm(hq: Hq, customer: string, id: string): Promise<void> {
  const open = (await operationsOf(hq, customer)).find((each) => each.id === id);
  await save(id, { customerId: customer }, open?.version ?? 0);
  await hq.changes.release(id);
}

describe('A7 A9 a customer that exists already', () => {
  it('under an id that two channels have drawn is the first one, and the second is told so', async () => {
    const customer = randomUUID();
    hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
    hq.staged.add(channel, 'editCustomer', { customer }, { phone: '1' });
    const other = addChannel(hq, 'd');
    hq.staged.add(other, 'createCustomer', { customer }, { name: 'Berta' });
    hq.staged.add(other, 'editCustomer', { customer }, { phone: '2' });
    expect(await sync()).toMatchObject({ applied: 2, failed: 1, held: 1 });
    const columns = { name: 'Anna', phone: '1', accountNumber: 'C00000001' };
    expect((await customerState(hq, customer)).account).toEqual({ columns, version: 2 });
    const of = async () => (await operationsOf(hq, customer)).find(({ id }) => id === `${customer}.d.1`);
    const second = await of();
    expect(second?.lastError).toMatch(/is that of a customer who was made before; nothing was changed/);
    expect(second?.lastError).not.toMatch(/C00000001|channel:/);
    expect(second?.accountNumber).toBeNull();
    // Trying it again, whatever its values, changes nobody.
    await save(second?.id ?? '', { name: 'Bertha' }, second?.version ?? 0);
    await hq.changes.release(second?.id ?? '');
    expect(await applyAll(hq)).toMatchObject({ applied: 0, failed: 1 });
    expect((await customerState(hq, customer)).account).toEqual({ columns, version: 2 });
  });

  it('is refused as that of another GUID', async () => {
    const customer = (await makeAccount(hq, {})).value.id;
    hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
    await sync();
    const [open] = await operationsOf(hq, customer);
    const wrong = save(open?.id ?? '', { customerId: randomUUID() }, open?.version ?? 0);
    await expect(wrong).rejects.toMatchObject({ slug: 'rule-broken', message: expect.stringContaining(customer) });
  });

  it('made by two channels takes the fields of both, and one number, once somebody says that both are the same', async () => {
    const customer = randomUUID();
    hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna', phone: '1' });
    await sync();
    const other = addChannel(hq, 'd');
    hq.staged.add(other, 'createCustomer', { customer }, { name: 'Anna Berg', email: 'a@contoso.com' });
    hq.staged.add(other, 'editCustomer', { customer }, { phone: '2' });
    expect(await sync()).toMatchObject({ applied: 0, failed: 1, held: 1 });
    await confirm(hq, customer, `${customer}.d.1`);
    expect(await applyAll(hq)).toMatchObject({ applied: 2, failed: 0, held: 0 });
    expect((await customerState(hq, customer)).account).toEqual({
      columns: { name: 'Anna Berg', phone: '2', email: 'a@contoso.com', accountNumber: 'C00000001' },
      version: 3,
    });
    const second = (await operationsOf(hq, customer)).find(({ id }) => id === `${customer}.d.1`);
    expect(second).toMatchObject({
      description: 'Customer C00000001 existed already; the fields given were applied to it.',
      accountNumber: 'C00000001',
      attributes: [
        { name: 'name', old: 'Anna', new: 'Anna Berg' },
        { name: 'email', old: null, new: 'a@contoso.com' },
      ],
    });
  });

  it('by hand is told about after every death, and changed once', async () => {
    for (const atWrite of writesToDieAt(0)) {
      const { value } = await makeAccount(hq, { accountNumber: `H${atWrite}`, currency: 'SEK' });
      const customer = value.id;
      hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
      await sync();
      await confirm(hq, customer, (await operationsOf(hq, customer))[0]?.id ?? '');
      const crash = crashAfter(atWrite);
      await applyAll(hq.reopen([crash.policy]), 'run').catch(() => undefined);
      await applyAll(hq.reopen(), 'run');
      const { account } = await customerState(hq, customer);
      expect(account).toEqual({ columns: { name: 'Anna', currency: 'SEK', accountNumber: `H${atWrite}` }, version: 2 });
      expect((await operationsOf(hq, customer))[0]).toMatchObject({
        description: `Customer H${atWrite} existed already; the fields given were applied to it.`,
        attributes: [{ name: 'name', old: 'Made by hand', new: 'Anna' }],
      });
      if (!crash.isDead) break;
    }
  }, 60_000);
});

describe('A9 an address that exists already', () => {
  it('of the same customer is edited and active again, after every death', async () => {
    for (const atWrite of writesToDieAt(0)) {
      const [customer, target] = [randomUUID(), randomUUID()];
      hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
      hq.staged.add(channel, 'createAddress', { customer, target }, { street: 'Old St', city: 'Oslo' });
      hq.staged.add(channel, 'deactivateAddress', { customer, target });
      await sync();
      hq.staged.add(channel, 'createAddress', { customer, target }, { street: 'New St' });
      await uploadAll(hq);
      const crash = crashAfter(atWrite);
      await applyAll(hq.reopen([crash.policy]), 'run').catch(() => undefined);
      await applyAll(hq.reopen(), 'run');
      expect((await customerState(hq, customer)).addresses).toEqual([
        { columns: { street: 'New St', city: 'Oslo', purpose: 'Home' }, state: 'Active', version: 3 },
      ]);
      expect((await operationsOf(hq, customer)).at(-1)).toMatchObject({
        status: 'Completed',
        description: expect.stringContaining('existed already; the fields given were applied to it, and it is active.'),
        attributes: [
          { name: 'street', old: 'Old St', new: 'New St' },
          { name: 'state', old: 'Inactive', new: 'Active' },
        ],
      });
      if (!crash.isDead) break;
    }
  }, 60_000);

  /** Two customers whose channels brought the same address id; the second one's operation has failed. */
  async function clash() {
    const [one, other, target] = [randomUUID(), randomUUID(), randomUUID()];
    for (const customer of [one, other]) {
      hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
      hq.staged.add(channel, 'createAddress', { customer, target }, { street: `Street of ${customer}` });
      if (customer === one) await sync();
    }
    hq.staged.add(channel, 'editAddress', { customer: other, target }, { city: 'Oslo' });
    expect(await sync()).toMatchObject({ applied: 1, failed: 1, held: 1 });
    const [, failed, held] = await operationsOf(hq, other);
    if (!failed || !held) throw new Error('nothing was uploaded');
    return { one, other, target, failed, held };
  }

  it('of another customer is refused with what to do, and Save gives the operations another address', async () => {
    const { one, other, target, failed, held } = await clash();
    expect(failed.lastError).toContain(`The address ${target} belongs to another customer. To mend it, give`);
    const mended = randomUUID();
    await save(failed.id, { addressId: mended.toUpperCase() }, failed.version);
    await save(held.id, { addressId: mended, city: 'Bergen' }, held.version);
    await hq.changes.release(failed.id);
    expect(await applyAll(hq)).toMatchObject({ applied: 2, failed: 0 });
    expect((await customerState(hq, one)).addresses[0]?.columns.street).toBe(`Street of ${one}`);
    expect((await customerState(hq, other)).addresses[0]?.columns).toEqual({
      street: `Street of ${other}`,
      city: 'Bergen',
      purpose: 'Home',
    });
    const [, first, second] = await operationsOf(hq, other);
    expect(first).toMatchObject({ status: 'Completed', editedBy: 'anna' });
    for (const each of [first, second]) {
      expect(each?.attributes).toContainEqual({ name: 'addressId', old: target, new: mended });
    }
  });

  it('of another customer is refused so too when both are made at the same time', async () => {
    const target = randomUUID();
    const customers = [randomUUID(), randomUUID()];
    for (const customer of customers) {
      hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
      hq.staged.add(channel, 'createAddress', { customer, target }, { street: 'Main St' });
    }
    expect(await sync()).toMatchObject({ applied: 3, failed: 1 });
    const all = await Promise.all(customers.map((customer) => operationsOf(hq, customer)));
    expect(all.flat().find(({ status }) => status === 'Failed')?.lastError).toContain('belongs to another customer');
  });

  it("is not given by Save what can not be this customer's address", async () => {
    const { one, other, target, failed } = await clash();
    const refused = async (addressId: OperationBody[string]) =>
      save(failed.id, { addressId }, failed.version).then(
        () => undefined,
        (error: { status: number }) => error.status,
      );
    expect(await refused('no GUID')).toBe(400);
    expect(await refused(null)).toBe(400);
    expect(await refused(other)).toBe(422);
    expect(await refused(derivedId(other, 'x'))).toBe(422);
    const taken = randomUUID();
    hq.staged.add(channel, 'createAddress', { customer: one, target: taken }, { street: 'Main St' });
    await sync();
    expect(await refused(taken)).toBe(422);
    expect((await operationsOf(hq, other))[1]).toMatchObject({ id: failed.id, version: failed.version });
    expect(failed.attributes.map(({ name }) => name)).not.toContain('addressId');
    expect(target).toBe((await hq.staged.find(channel, 2))?.targetId);
  });

  it('keeps the address that an attempt has written before it died', async () => {
    const { value } = await makeAccount(hq, {});
    const target = randomUUID();
    hq.staged.add(channel, 'createAddress', { customer: value.id, target }, { street: 'Main St' });
    await uploadAll(hq);
    for (let atWrite = 0; !(await hq.records.find('address', target)); atWrite++) {
      await applyAll(hq.reopen([crashAfter(atWrite).policy]), 'dead').catch(() => undefined);
    }
    hq.clock.nowMs += 60_000;
    const [open] = await operationsOf(hq, value.id);
    await expect(save(open?.id ?? '', { addressId: randomUUID() }, open?.version ?? 0)).rejects.toMatchObject({
      status: 409,
    });
    expect(await applyAll(hq)).toMatchObject({ applied: 1 });
  });

  it('is what a deactivation can be turned to', async () => {
    const { value } = await makeAccount(hq, {});
    const target = randomUUID();
    hq.staged.add(channel, 'createAddress', { customer: value.id, target }, { street: 'Main St' });
    hq.staged.add(channel, 'deactivateAddress', { customer: value.id, target: randomUUID() });
    await sync();
    const [, failed] = await operationsOf(hq, value.id);
    await save(failed?.id ?? '', { addressId: target }, failed?.version ?? 0);
    await hq.changes.release(failed?.id ?? '');
    expect(await applyAll(hq)).toMatchObject({ applied: 1 });
    expect((await customerState(hq, value.id)).addresses[0]?.state).toBe('Inactive');
  });
});
