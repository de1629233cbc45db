/**
 * Bugs hunted here: an operation applied twice, out of order or with wrong old values after a death in the middle; two
 * appliers that undo each other; a customer that gets two numbers; a bad operation that stops others; records that change
 * before the sync job.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { CustomerHeads } from '../../../shared/customers/headquarters/customer-head.ts';
import { PendingCustomers } from '../../../shared/customers/headquarters/pending-customers.ts';
import { StagingTables } from '../../../shared/customers/headquarters/staging-tables.ts';
import { TransactionStore } from '../../../shared/transactions/transaction-store.ts';
import { crashAfter } from '../../support/crashing-storage.ts';
import { writesToDieAt } from '../../support/writes-to-die-at.ts';
import {
  addChannel,
  applyAll,
  customerState,
  type Hq,
  makeAccount,
  makeAffiliation,
  openHq,
  operationsOf,
  uploadAll,
} from './hq-fixture.ts';

let hq: Hq;

beforeEach(() => {
  hq = openHq();
});

async function isQueued(customer: string): Promise<boolean> {
  return (await new PendingCustomers(hq.storage).find(customer)) !== undefined;
}

async function sync() {
  await uploadAll(hq);
  return applyAll(hq);
}

describe('A6 the sync job applies uploaded operations to the records', () => {
  it('changes no record before it runs', async () => {
    const customer = randomUUID();
    hq.staged.add(addChannel(hq, 'c'), 'createCustomer', { customer }, { name: 'Anna' });
    await uploadAll(hq);
    expect((await customerState(hq, customer)).account).toBeUndefined();
    expect(await applyAll(hq)).toMatchObject({ applied: 1, failed: 0, busy: 0 });
    expect((await customerState(hq, customer)).account?.columns).toMatchObject({ name: 'Anna' });
  });

  it('applies a customer in order, keeps old and new values, and marks exactly what succeeded', async () => {
    const channel = addChannel(hq, 'c');
    const customer = randomUUID();
    const target = randomUUID();
    hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna', phone: '1' });
    hq.staged.add(channel, 'createAddress', { customer, target }, { street: 'Main St', city: 'Oslo' });
    hq.staged.add(channel, 'editCustomer', { customer }, { phone: '2', title: 'Dr.' });
    hq.staged.add(channel, 'editCustomer', { customer }, { phone: null });
    hq.staged.add(channel, 'editAddress', { customer, target }, { city: 'Bergen' });
    hq.staged.add(channel, 'deactivateAddress', { customer, target });
    expect(await sync()).toMatchObject({ applied: 6, failed: 0, held: 0 });

    const state = await customerState(hq, customer);
    expect(state.account).toEqual({ columns: { name: 'Anna', title: 'Dr.', accountNumber: 'C00000001' }, version: 3 });
    expect(state.addresses).toEqual([
      { columns: { street: 'Main St', city: 'Bergen', purpose: 'Home' }, state: 'Inactive', version: 3 },
    ]);
    const operations = await operationsOf(hq, customer);
    expect(operations.map(({ onlineOperationCompleted }) => onlineOperationCompleted)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(operations.map(({ attributes }) => attributes)).toEqual([
      [
        { name: 'name', old: null, new: 'Anna' },
        { name: 'phone', old: null, new: '1' },
      ],
      [
        { name: 'street', old: null, new: 'Main St' },
        { name: 'city', old: null, new: 'Oslo' },
        { name: 'purpose', old: null, new: 'Home' },
      ],
      [
        { name: 'phone', old: '1', new: '2' },
        { name: 'title', old: null, new: 'Dr.' },
      ],
      [{ name: 'phone', old: '2', new: null }],
      [{ name: 'city', old: 'Oslo', new: 'Bergen' }],
      [{ name: 'state', old: 'Active', new: 'Inactive' }],
    ]);
    expect(operations[0]?.description).toBe('Customer created with account number C00000001.');
    expect(operations[0]?.accountNumber).toBe('C00000001');
    expect(await isQueued(customer)).toBe(false);
  });

  it('lets the later uploaded of two channels win, whenever they were made', async () => {
    const customer = randomUUID();
    hq.staged.add(addChannel(hq, 'z'), 'createCustomer', { customer }, { name: 'Anna' });
    await uploadAll(hq);
    hq.staged.add('z', 'editCustomer', { customer }, { phone: 'from z' });
    await uploadAll(hq);
    hq.staged.add(addChannel(hq, 'a'), 'editCustomer', { customer }, { phone: 'from a' });
    await sync();
    expect((await customerState(hq, customer)).account?.columns.phone).toBe('from a');
  });

  it('takes nothing beyond what is marked as complete, and does not forget it', async () => {
    const channel = addChannel(hq, 'c');
    const customer = randomUUID();
    hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
    hq.staged.add(channel, 'editCustomer', { customer }, { phone: '1' });
    // Dies between the rows and the head's mark: session, row of both, list, queue.
    for (let atWrite = 1; ; atWrite++) {
      await uploadAll(hq.reopen([crashAfter(atWrite).policy])).catch(() => undefined);
      if (await isQueued(customer)) break;
    }
    const heads = new CustomerHeads(hq.storage);
    expect((await heads.find(customer))?.uploadedThrough ?? '').toBe('');
    expect(await applyAll(hq)).toMatchObject({ applied: 0 });
    expect(await isQueued(customer)).toBe(true);
    expect(await sync()).toMatchObject({ applied: 2 });
  });
});

describe('A7 account number and defaults of a new customer', () => {
  it('takes what the customer lacks, and the affiliations, from the default customer of the channel', async () => {
    const account = await makeAccount(hq, { group: '30', currency: 'NOK', language: 'nb', receiptPreference: 'Email' });
    for (const each of ['vip', 'staff']) await makeAffiliation(hq, account.value.id, each);
    const customer = randomUUID();
    hq.staged.add(
      addChannel(hq, 'c', account.value.id),
      'createCustomer',
      { customer },
      { name: 'Anna', currency: 'EUR' },
    );
    await sync();
    const state = await customerState(hq, customer);
    expect(state.account?.columns).toEqual({
      name: 'Anna',
      group: '30',
      currency: 'EUR',
      language: 'nb',
      receiptPreference: 'Email',
      accountNumber: 'C00000001',
    });
    expect(state.affiliations.map(({ columns }) => columns.affiliationId)).toEqual(['staff', 'vip']);
    const [operation] = await operationsOf(hq, customer);
    expect(operation?.attributes).toContainEqual({ name: 'language', old: null, new: 'nb' });
  });

  it('gives numbers in sequence, each once, and skips one that was given by hand', async () => {
    const byHand = await makeAccount(hq, { accountNumber: 'C00000002' });
    const customers = Array.from({ length: 4 }, () => randomUUID());
    const channel = addChannel(hq, 'c');
    for (const customer of customers) hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
    await sync();
    const states = await Promise.all(customers.map((customer) => customerState(hq, customer)));
    expect(states.map(({ account }) => String(account?.columns.accountNumber)).sort()).toEqual([
      'C00000001',
      'C00000003',
      'C00000004',
      'C00000005',
    ]);
    expect(await hq.records.uniqueValues.find('account', 'C00000002')).toBe(byHand.value.id);
    expect((await operationsOf(hq, customers[0] ?? ''))[0]?.accountNumber).toBe(
      states[0]?.account?.columns.accountNumber,
    );
  });

  it('says which default customer is missing', async () => {
    const customer = randomUUID();
    const missing = randomUUID();
    hq.staged.add(addChannel(hq, 'c', missing), 'createCustomer', { customer }, { name: 'Anna' });
    await sync();
    expect((await operationsOf(hq, customer))[0]).toMatchObject({
      status: 'Failed',
      lastError: expect.stringContaining(`default customer ${missing} of channel c does not exist`),
    });
  });
});

describe('A9 bad operations', () => {
  it('fail with field, value and cure, and hold back only their own customer', async () => {
    const channel = addChannel(hq, 'c');
    const [bad, good] = [randomUUID(), randomUUID()];
    hq.staged.add(channel, 'createCustomer', { customer: bad }, { name: 'Bad', currency: 'EURO', email: 'nobody' });
    hq.staged.add(channel, 'createCustomer', { customer: good }, { name: 'Good' });
    hq.staged.add(channel, 'editCustomer', { customer: bad }, { phone: '1' });
    hq.staged.add(channel, 'editCustomer', { customer: good }, { phone: '1' });
    expect(await sync()).toEqual({ applied: 2, failed: 1, held: 1, busy: 0 });

    const [failed, held] = await operationsOf(hq, bad);
    expect(failed).toMatchObject({ status: 'Failed', onlineOperationCompleted: 0, appliedOn: null });
    expect(failed?.lastError).toContain('currency: "EURO" is refused (is not an ISO 4217 currency code such as EUR).');
    expect(failed?.lastError).toContain('email: "nobody"');
    expect(held).toMatchObject({ status: 'Held', description: expect.stringContaining(failed?.id ?? '-') });
    expect((await customerState(hq, bad)).account).toBeUndefined();
    expect((await customerState(hq, good)).account?.columns.phone).toBe('1');
    expect(await isQueued(bad)).toBe(false);
  });

  it('hold back what is uploaded after they failed into another staging table', async () => {
    const customer = (await makeAccount(hq, {})).value.id;
    hq.staged.add(addChannel(hq, 'c'), 'editAddress', { customer, target: randomUUID() }, { city: 'Oslo' });
    expect(await sync()).toMatchObject({ applied: 0, failed: 1 });
    hq.staged.add('c', 'editCustomer', { customer }, { phone: '1' });
    expect(await sync()).toMatchObject({ applied: 0, held: 1 });
    hq.staged.add('c', 'setAttribute', { customer }, { name: 'size', dataType: 'String', value: '4' });
    expect(await sync()).toMatchObject({ applied: 0, held: 1 });
  });

  it('hold back what is uploaded after they failed', async () => {
    const channel = addChannel(hq, 'c');
    const customer = randomUUID();
    hq.staged.add(channel, 'editCustomer', { customer }, { phone: '1' });
    await sync();
    hq.staged.add(channel, 'editCustomer', { customer }, { phone: '2' });
    expect(await sync()).toMatchObject({ applied: 0, failed: 0, held: 1 });
    const [failed, held] = await operationsOf(hq, customer);
    expect(failed?.lastError).toContain(`There is no customer ${customer} at headquarters`);
    expect(held?.status).toBe('Held');
  });

  it.each([
    ['an address of another customer', 'editAddress' as const, 'belongs to another customer'],
    [
      'an address that another customer has already',
      'createAddress' as const,
      'give the operation the id of another address',
    ],
  ])('name %s', async (_, operation, expected) => {
    const channel = addChannel(hq, 'c');
    const [one, other, target] = [randomUUID(), randomUUID(), randomUUID()];
    for (const customer of [one, other]) hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
    hq.staged.add(channel, 'createAddress', { customer: one, target }, { street: 'Main St' });
    await sync();
    hq.staged.add(channel, operation, { customer: other, target }, { street: 'Elsewhere' });
    await sync();
    expect((await operationsOf(hq, other))[1]).toMatchObject({
      status: 'Failed',
      lastError: expect.stringContaining(expected),
    });
    expect((await customerState(hq, one)).addresses[0]?.columns.street).toBe('Main St');
  });

  it('of an inactive customer say so', async () => {
    const account = await makeAccount(hq, {});
    await hq.records.change(
      'account',
      account.value.id,
      { state: 'Inactive' },
      { by: 'admin', on: '2026-02-01T00:00:00.000Z' },
    );
    hq.staged.add(addChannel(hq, 'c'), 'editCustomer', { customer: account.value.id }, { phone: '1' });
    await sync();
    expect((await operationsOf(hq, account.value.id))[0]?.lastError).toContain('is inactive');
  });
});

/** A customer with everything that an attempt can leave half done. */
async function stageStory(channel: string): Promise<string> {
  const customer = randomUUID();
  const target = randomUUID();
  hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna', phone: '1' });
  hq.staged.add(channel, 'createAddress', { customer, target }, { street: 'Main St', city: 'Oslo' });
  hq.staged.add(channel, 'editCustomer', { customer }, { phone: '2' });
  hq.staged.add(channel, 'deactivateAddress', { customer, target });
  hq.staged.add(channel, 'editCustomer', { customer }, { currency: 'EURO' });
  hq.staged.add(channel, 'editCustomer', { customer }, { phone: '3' });
  await uploadAll(hq);
  return customer;
}

/** All that is to come out the same, however often the job died: without ids, times and the number itself. */
async function outcome(customer: string) {
  const { account, ...rest } = await customerState(hq, customer);
  const { accountNumber, ...columns } = account?.columns ?? {};
  const operations = await operationsOf(hq, customer);
  const head = await new CustomerHeads(hq.storage).find(customer);
  return {
    ...rest,
    account: { columns, version: account?.version },
    isFoundByNumber: (await hq.records.uniqueValues.find('account', String(accountNumber))) === customer,
    operations: operations.map(
      ({ status, onlineOperationCompleted, attributes, lastError, accountNumber: number }) => ({
        status,
        onlineOperationCompleted,
        attributes,
        lastError,
        hasNumber: number === accountNumber,
      }),
    ),
    isBlocked: head?.blockedBy !== '',
    isQueued: await isQueued(customer),
  };
}

describe('A6 A7 E5 a sync job that dies is taken up again', () => {
  it('gives the same end, once each, after whatever write it died', async () => {
    const defaults = await makeAccount(hq, { group: '30', currency: 'NOK' });
    await makeAffiliation(hq, defaults.value.id, 'vip');
    const channel = addChannel(hq, 'c', defaults.value.id);
    const undisturbed = await stageStory(channel);
    await applyAll(hq);
    const expected = await outcome(undisturbed);
    expect(expected.operations.map(({ status }) => status)).toEqual([
      'Completed',
      'Completed',
      'Completed',
      'Completed',
      'Failed',
      'Held',
    ]);
    expect(expected).toMatchObject({ isFoundByNumber: true, isQueued: false, account: { version: 2 } });

    let deaths = 0;
    for (const atWrite of writesToDieAt(0)) {
      const customer = await stageStory(channel);
      const crash = crashAfter(atWrite);
      await applyAll(hq.reopen([crash.policy]), 'run').catch(() => undefined);
      await applyAll(hq.reopen(), 'run');
      expect(await outcome(customer), `after write ${atWrite}`).toEqual(expected);
      if (!crash.isDead) break;
      deaths++;
    }
    expect(deaths).toBeGreaterThan(6);
  }, 180_000);

  it('keeps the right old values when somebody changes the record between two attempts', async () => {
    const account = await makeAccount(hq, { phone: '1' });
    const customer = account.value.id;
    hq.staged.add(addChannel(hq, 'c'), 'editCustomer', { customer }, { phone: '2' });
    await uploadAll(hq);
    const by = { by: 'admin', on: '2026-02-01T00:00:00.000Z' };
    for (let atWrite = 0; ; atWrite++) {
      const crash = crashAfter(atWrite);
      await applyAll(hq.reopen([crash.policy]), 'run').catch(() => undefined);
      const phone = (await hq.records.get('account', customer)).value.columns.phone;
      // As soon as the plan stands, another hand is on the record.
      const [stored] = await new StagingTables(hq.storage).after(customer, '');
      if (stored?.plan && phone === '1') {
        await hq.records.change('account', customer, { columns: { phone: 'by hand' } }, by);
        break;
      }
    }
    await applyAll(hq, 'run');
    expect((await operationsOf(hq, customer))[0]?.attributes).toEqual([{ name: 'phone', old: 'by hand', new: '2' }]);
    expect((await hq.records.get('account', customer)).value.columns.phone).toBe('2');
  });
});

describe('A6 sync jobs at the same time', () => {
  it('apply each operation once between them', async () => {
    const channel = addChannel(hq, 'c');
    const customers = Array.from({ length: 6 }, () => randomUUID());
    for (const customer of customers) hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
    for (const customer of customers) hq.staged.add(channel, 'editCustomer', { customer }, { phone: '1' });
    await uploadAll(hq);
    // The same holder: nothing keeps them apart but the ETags and stamps.
    await Promise.all([hq, hq.reopen(), hq.reopen()].map((each) => applyAll(each, 'same')));
    await applyAll(hq, 'same');
    const states = await Promise.all(customers.map((customer) => customerState(hq, customer)));
    expect(states.map(({ account }) => account?.version)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(new Set(states.map(({ account }) => account?.columns.accountNumber)).size).toBe(6);
    for (const customer of customers) {
      expect((await operationsOf(hq, customer)).map(({ status }) => status)).toEqual(['Completed', 'Completed']);
      expect(await isQueued(customer)).toBe(false);
    }
  });

  it('leave a customer that another job has leased, and take it over when the lease has run out', async () => {
    const customer = randomUUID();
    hq.staged.add(addChannel(hq, 'c'), 'createCustomer', { customer }, { name: 'Anna' });
    await uploadAll(hq);
    await new CustomerHeads(hq.storage, () => hq.clock.nowMs).lease(customer, 'a job that died');
    expect(await applyAll(hq)).toMatchObject({ applied: 0, busy: 1 });
    hq.clock.nowMs += 30_000;
    expect(await applyAll(hq)).toMatchObject({ applied: 1, busy: 0 });
  });

  it('wait for a locked record, and try again in the next run', async () => {
    const account = await makeAccount(hq, { phone: '1' });
    const customer = account.value.id;
    hq.staged.add(addChannel(hq, 'c'), 'editCustomer', { customer }, { phone: '2' });
    await uploadAll(hq);
    const rows = hq.storage.table('recordsaccount');
    const transactions = new TransactionStore(hq.storage);
    await transactions.begin('j', 60, []);
    for await (const row of rows.rows({})) {
      await rows.write([
        {
          kind: 'merge',
          row: { partitionKey: row.partitionKey, rowKey: row.rowKey, lockKind: 'transaction', lockJob: 'j' },
          etag: row.etag,
        },
      ]);
    }
    expect(await applyAll(hq)).toEqual({ applied: 0, failed: 0, held: 0, busy: 0 });
    expect((await operationsOf(hq, customer))[0]).toMatchObject({ status: 'Uploaded', lastError: null });
    expect(await isQueued(customer)).toBe(true);
    await transactions.abort('j');
    expect(await applyAll(hq)).toMatchObject({ applied: 1 });
  });
});
