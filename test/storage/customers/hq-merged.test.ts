/**
 * Bugs hunted here: an operation of a merged customer taken for applied because the master's own operations were uploaded
 * later, or the other way round; one applied to both; one that changes what nobody looks at any more.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationBody } from '../../../shared/customers/customer-operation.ts';
import { bucketOf } from '../../../shared/records/record-ids.ts';
import { crashAfter } from '../../support/crashing-storage.ts';
import { writesToDieAt } from '../../support/writes-to-die-at.ts';
import {
  addChannel,
  applyAll,
  customerState,
  downloadAll,
  type Hq,
  makeAccount,
  mergeByHand,
  openHq,
  operationsOf,
  partsOf,
  uploadAll,
} from './hq-fixture.ts';

let hq: Hq;
let merged: string;
let master: string;

beforeEach(async () => {
  hq = openHq();
  [merged, master] = [randomUUID(), randomUUID()];
  addChannel(hq, 'c');
  for (const customer of [merged, master]) hq.staged.add('c', 'createCustomer', { customer }, { name: customer });
});

const edit = (customer: string, body: OperationBody) => hq.staged.add('c', 'editCustomer', { customer }, body);

async function sync() {
  await uploadAll(hq);
  return applyAll(hq);
}

const statuses = async (customer: string) => (await operationsOf(hq, customer)).map(({ status }) => status);

describe('A15 operations of a merged customer', () => {
  it('are applied to the master, say so, and come back to the channel', async () => {
    const address = randomUUID();
    hq.staged.add('c', 'createAddress', { customer: merged, target: address }, { street: 'Ring 1' });
    await sync();
    await mergeByHand(hq, merged, master);
    edit(merged, { phone: '7' });
    hq.staged.add('c', 'editAddress', { customer: merged, target: address }, { city: 'Graz' });
    hq.staged.add('c', 'setAffiliation', { customer: merged, target: randomUUID() }, { affiliationId: 'vip' });
    expect(await sync()).toMatchObject({ applied: 3, failed: 0 });
    expect((await customerState(hq, master)).account?.columns).toMatchObject({ phone: '7' });
    expect((await customerState(hq, merged)).account?.columns).not.toHaveProperty('phone');
    expect(await partsOf(hq, 'affiliation', master)).toEqual([{ affiliationId: 'vip' }]);
    expect(await partsOf(hq, 'address', master)).toMatchObject([{ street: 'Ring 1', city: 'Graz' }]);
    const number = (await customerState(hq, master)).account?.columns.accountNumber;
    for (const each of (await operationsOf(hq, merged)).slice(2)) {
      expect(each.description).toContain(`was merged into ${number}; the operation was applied there`);
    }
    await downloadAll(hq);
    const copy = hq.channelDatabase.newest('c', merged);
    expect(copy).toMatchObject({ columns: { phone: '7' }, affiliations: ['vip'], masterId: master });
  });

  it.each(['master first', 'merged first'])('are lost on neither side, %s', async (order) => {
    await sync();
    // Uploaded in turns, applied one customer after the other.
    edit(merged, { phone: 'm1' });
    edit(master, { title: 's1' });
    edit(merged, { group: 'm2' });
    edit(master, { language: 'de' });
    await uploadAll(hq);
    await mergeByHand(hq, merged, master);
    for (const customer of order === 'master first' ? [master, merged] : [merged, master]) {
      expect(await hq.applyJob.applyCustomers([customer], 'run')).toMatchObject({ applied: 2, failed: 0 });
    }
    const { columns } = (await customerState(hq, master)).account ?? {};
    expect(columns).toMatchObject({ phone: 'm1', title: 's1', group: 'm2', language: 'de' });
  });

  it('are applied once, to one of the two, whatever write is the last before a death and a merge', async () => {
    await sync();
    for (const at of writesToDieAt(0)) {
      const before = (await customerState(hq, master)).account?.version ?? 0;
      const one = randomUUID();
      hq.staged.add('c', 'createCustomer', { customer: one }, { name: 'One' });
      await sync();
      edit(one, { phone: `p${at}` });
      await uploadAll(hq);
      const crash = crashAfter(at);
      await applyAll(hq.reopen([crash.policy]), 'run').catch(() => undefined);
      await mergeByHand(hq, one, master);
      expect(await applyAll(hq.reopen(), 'run')).toMatchObject({ failed: 0 });
      expect(await statuses(one)).toEqual(['Completed', 'Completed']);
      const after = await customerState(hq, master);
      const own = (await customerState(hq, one)).account?.columns.phone === `p${at}`;
      expect(own).not.toBe(after.account?.columns.phone === `p${at}`);
      expect((after.account?.version ?? 0) - before).toBe(own ? 0 : 1);
      if (!crash.isDead) return;
    }
  });

  it('fail with the reason when the master was deleted, or the customer without one is inactive', async () => {
    await sync();
    const gone = await makeAccount(hq, {});
    await mergeByHand(hq, merged, gone.value.id);
    await hq.storage.table('recordsaccount').write([
      {
        kind: 'merge',
        row: {
          partitionKey: (await rowOf(gone.value.id)).partitionKey,
          rowKey: gone.value.id,
          deletedOn: 'today',
          deletedBy: 'ann',
        },
        etag: (await rowOf(gone.value.id)).etag,
      },
    ]);
    edit(merged, { phone: '1' });
    expect(await sync()).toMatchObject({ applied: 0, failed: 1 });
    const failed = (await operationsOf(hq, merged)).at(-1);
    expect(failed?.lastError).toMatch(/was deleted on today by ann.*was merged into it/);
  });

  it('wait for a locked record, say so, and are applied when it is free', async () => {
    await sync();
    const { transactions } = hq.records.tables.locks;
    await transactions.begin('j', 60, []);
    const { etag, ...key } = await rowOf(master);
    const row = { ...key, lockKind: 'transaction', lockJob: 'j' };
    await hq.storage.table('recordsaccount').write([{ kind: 'merge', row, etag }]);
    edit(master, { phone: '1' });
    expect(await sync()).toMatchObject({ applied: 0, failed: 0 });
    expect((await operationsOf(hq, master)).at(-1)).toMatchObject({
      status: 'Uploaded',
      description: expect.stringContaining('locked'),
    });
    await transactions.abort('j');
    expect(await applyAll(hq)).toMatchObject({ applied: 1 });
  });
});

async function rowOf(id: string) {
  const { etag } = await hq.records.get('account', id);
  const partitionKey = bucketOf(id);
  return { partitionKey, rowKey: id, etag };
}
