/**
 * Bugs hunted here: a contact, affiliation or attribute made twice; two primary ones; one that a person removed and that can't
 * come back; an operation that can never be applied because what it removes is gone; a death between the record that is
 * set and the ones that give way to it.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationBody, OperationName } from '../../../shared/customers/customer-operation.ts';
import { crashAfter } from '../../support/crashing-storage.ts';
import {
  addChannel,
  applyAll,
  type Hq,
  makeAccount,
  makeAffiliation,
  openHq,
  operationsOf,
  partsOf,
  uploadAll,
} from './hq-fixture.ts';

let hq: Hq;
let customer: string;

beforeEach(() => {
  hq = openHq();
  customer = randomUUID();
  hq.staged.add(addChannel(hq, 'c'), 'createCustomer', { customer }, { name: 'Anna' });
});

function stage(name: OperationName, body: OperationBody = {}, target: string = customer): void {
  hq.staged.add('c', name, { customer, target }, body);
}

function stageContact(target: string, value: string, isPrimary: boolean): void {
  stage('setContact', { kind: 'Email', value, isPrimary, marketingConsent: false }, target);
}

async function sync() {
  await uploadAll(hq);
  return applyAll(hq);
}

const attribute = (name: string, dataType: string, value: string | null) =>
  stage('setAttribute', { name, dataType, value }, randomUUID());

describe('A4 A6 contact information', () => {
  it('is made, replaced and removed under its account, and one of a kind is primary', async () => {
    const [first, second, phone] = [randomUUID(), randomUUID(), randomUUID()];
    stageContact(first, 'a@contoso.com', true);
    stage('setContact', { kind: 'Phone', value: '1', isPrimary: true, marketingConsent: true }, phone);
    stageContact(second, 'b@contoso.com', true);
    expect(await sync()).toMatchObject({ applied: 4, failed: 0 });
    const byValue = async () =>
      Object.fromEntries(
        (await partsOf(hq, 'contactInfo', customer)).map(({ value, isPrimary }) => [value, isPrimary]),
      );
    expect(await byValue()).toEqual({ 'a@contoso.com': false, '1': true, 'b@contoso.com': true });
    stageContact(first, 'c@contoso.com', false);
    stage('removeContact', {}, second);
    expect(await sync()).toMatchObject({ applied: 2, failed: 0 });
    expect(await byValue()).toEqual({ 'c@contoso.com': false, '1': true });
    const operations = await operationsOf(hq, customer);
    expect(operations.at(-2)?.attributes).toContainEqual({ name: 'value', old: 'a@contoso.com', new: 'c@contoso.com' });
    expect(operations.at(-1)).toMatchObject({ operationCode: 3, onlineOperationCompleted: 1 });
  });

  it('that is no e-mail address fails alone with its reason, and is mended and tried again', async () => {
    stageContact(randomUUID(), 'nonsense', false);
    expect(await sync()).toMatchObject({ applied: 1, failed: 1 });
    const failed = (await operationsOf(hq, customer))[1];
    expect(failed?.lastError).toContain('value: "nonsense" is not an e-mail address');
    await hq.changes.save({
      id: failed?.id ?? '',
      attributes: { value: 'n@contoso.com' },
      by: 'ann',
      ifMatch: failed?.version,
    });
    await hq.changes.release(failed?.id ?? '');
    expect(await applyAll(hq)).toMatchObject({ applied: 1, failed: 0 });
    expect(await partsOf(hq, 'contactInfo', customer)).toMatchObject([{ value: 'n@contoso.com' }]);
  });

  it('has one primary, whatever write is the last before a death', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    stageContact(first, 'a@contoso.com', true);
    await sync();
    stageContact(second, 'b@contoso.com', true);
    await uploadAll(hq);
    const crash = crashAfter(4);
    await applyAll(hq.reopen([crash.policy]), 'run').catch(() => undefined);
    expect(crash.isDead).toBe(true);
    expect(await applyAll(hq.reopen(), 'run')).toMatchObject({ failed: 0 });
    const contacts = await partsOf(hq, 'contactInfo', customer);
    expect(contacts.filter(({ isPrimary }) => isPrimary)).toMatchObject([{ value: 'b@contoso.com' }]);
  });
});

describe('A4 A6 affiliations and attributes', () => {
  it('are one each, also when people made them, and come back after they were removed', async () => {
    await sync();
    await makeAffiliation(hq, customer, 'vip');
    stage('setAffiliation', { affiliationId: 'vip' }, randomUUID());
    stage('setAffiliation', { affiliationId: 'club' }, randomUUID());
    attribute('shoeSize', 'integer', '42');
    attribute('shoeSize', 'integer', '43');
    expect(await sync()).toMatchObject({ applied: 4, failed: 0 });
    const ids = async () =>
      (await partsOf(hq, 'affiliation', customer)).map(({ affiliationId }) => affiliationId).sort();
    expect(await ids()).toEqual(['club', 'vip']);
    expect(await partsOf(hq, 'attribute', customer)).toEqual([{ name: 'shoeSize', dataType: 'integer', value: '43' }]);
    stage('removeAffiliation', { affiliationId: 'vip' }, randomUUID());
    stage('removeAttribute', { name: 'shoeSize' }, randomUUID());
    stage('removeAttribute', { name: 'never' }, randomUUID());
    expect(await sync()).toMatchObject({ applied: 3, failed: 0 });
    expect(await ids()).toEqual(['club']);
    expect(await partsOf(hq, 'attribute', customer)).toEqual([]);
    stage('setAffiliation', { affiliationId: 'vip' }, randomUUID());
    expect(await sync()).toMatchObject({ applied: 1 });
    expect(await ids()).toEqual(['club', 'vip']);
  });

  it.each([
    ['satisfactionScore', 'valueRange', '11', 'must be from 0 to 10'],
    ['preferredContactTime', 'fixedList', 'Night', 'must be one of Morning'],
    ['satisfactionScore', 'text', '1', 'must be valueRange'],
    ['anything', 'boolean', 'maybe', 'must be true or false'],
  ])('%s of type %s refuses %s', async (name, dataType, value, reason) => {
    attribute(name, dataType, value);
    expect(await sync()).toMatchObject({ applied: 1, failed: 1 });
    expect((await operationsOf(hq, customer))[1]?.lastError).toContain(reason);
  });
});

describe('A7 what new customers and addresses take over', () => {
  it("is the channel's country, and a purpose after the kind of customer", async () => {
    const model = await makeAccount(hq, {});
    const lookups = { account_addresses: model.value.id };
    const common = { ...model.value, table: 'address' as const, lookups };
    const columns = { street: 'Ring 1', country: 'AUT', isPrimary: true };
    await hq.records.create({ value: { ...common, id: randomUUID(), columns }, origin: 'test' });
    addChannel(hq, 'at', model.value.id);
    const shop = randomUUID();
    hq.staged.add('at', 'createCustomer', { customer: shop }, { name: 'Shop', type: 'Organization' });
    hq.staged.add('at', 'createAddress', { customer: shop, target: randomUUID() }, { street: 'A', isPrimary: true });
    hq.staged.add(
      'at',
      'createAddress',
      { customer: shop, target: randomUUID() },
      { street: 'B', country: 'DEU', isPrimary: true },
    );
    stage('createAddress', { street: 'C', purpose: 'Office' }, randomUUID());
    expect(await sync()).toMatchObject({ applied: 5, failed: 0 });
    expect(await partsOf(hq, 'address', shop)).toEqual([
      { street: 'A', country: 'AUT', purpose: 'Business', isPrimary: false },
      { street: 'B', country: 'DEU', purpose: 'Business', isPrimary: true },
    ]);
    expect(await partsOf(hq, 'address', customer)).toEqual([{ street: 'C', purpose: 'Office' }]);
  });
});
