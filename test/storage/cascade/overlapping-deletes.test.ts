/**
 * A synchronous Delete of a contact whose account a job of batches is deleting: it may be faster, under that job's fence.
 * Bugs hunted here: orphans under a record that lost its fence, and a job that goes on as if nothing had happened.
 */
import { RestError } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import { newJob } from '../../../shared/cascade/jobs/job.ts';
import type { CascadePlan } from '../../../shared/cascade/plans.ts';
import { createFailingStorage } from '../../support/failing-storage.ts';
import { createGate } from '../../support/gate.ts';
import { allowed, writesTo } from './cascade-fixture.ts';
import { SyncFixture } from './sync-fixture.ts';

let host: SyncFixture;
let account: string;
let contact: string;
let whole: CascadePlan;

/** A job in batches that has fenced the account and its contacts. */
beforeEach(async () => {
  host = new SyncFixture();
  account = await host.fixture.make('account');
  contact = await host.fixture.make('contact', { account_contacts: account });
  await host.fixture.make('order', { contact_orders: contact });
  whole = host.fixture.deletePlan('account', account);
  await host.ports.jobs.insert(newJob({ ...whole, createdOn: new Date().toISOString() }, 'Administrator', 'async'));
  await host.fixture.identify(whole);
  expect(await host.locks('contact')).toEqual([`fence ${whole.jobId}`]);
});

const applyWhole = () => host.ports.cascadeRecords.applyBatch(whole, 0, 10, allowed);
const remove = (from = host) => from.run(from.fixture.deletePlan('contact', contact));
const addOrder = async () => {
  const common = { ownerId: 'bert', state: 'Active', createdOn: new Date().toISOString(), createdBy: 'bert' } as const;
  const value = { id: host.fixture.newId(), table: 'order', ...common, columns: { orderNumber: 'S-9' } } as const;
  await host.ports.store.create({ value: { ...value, lookups: { contact_orders: contact } }, origin: 'late' });
};

describe('C7, C21 a Delete inside a Delete', () => {
  it('is done at once, and breaks the job, which names what somebody else has removed', async () => {
    expect(await remove()).toMatchObject({ status: 'Completed' });
    expect(await host.fixture.lives('contact', contact)).toBe(false);
    expect(await applyWhole()).toMatchObject({ kind: 'broken', recordIds: [contact] });
    expect(await host.fixture.orphans(['contact', 'order'])).toEqual([]);
  });

  it('is put back where the record changed under it, and the job goes on', async () => {
    const gate = createGate(writesTo('recordscontact'));
    const slow = remove(host.open({ policies: [gate.policy] }));
    await gate.reached;
    await host.fixture.records.change(
      'contact',
      contact,
      { columns: { phone: '1' } },
      { by: 'bert', on: whole.createdOn },
    );
    gate.open();
    await expect(slow).rejects.toMatchObject({ status: 409, extra: { jobId: whole.jobId } });
    expect(await host.fixture.lives('contact', contact)).toBe(true);
    expect(await applyWhole()).toMatchObject({ kind: 'applied' });
    expect(await host.fixture.lives('contact', contact)).toBe(false);
  });

  it('is refused once the job has ended and somebody has put a record under it', async () => {
    const gate = createGate(writesTo('recordscontact'));
    const slow = remove(host.open({ policies: [gate.policy] }));
    await gate.reached;
    await host.ports.jobs.change(whole.jobId, (job) => ({ job: { ...job, status: 'Canceled' } }));
    await addOrder();
    gate.open();
    await expect(slow).rejects.toMatchObject({ status: 409 });
    expect(await host.fixture.lives('contact', contact)).toBe(true);
    expect(await host.fixture.orphans(['order'])).toEqual([]);
  });

  it('that is rolled back leaves no orphans: the job ends, as others may have put records there', async () => {
    const failing = createFailingStorage();
    const isCommit = (request: { body?: unknown }) => String(request.body).includes('"state":"committed"');
    failing.refuse(1, isCommit, new RestError('1:The value is bad', { statusCode: 400 }));
    await expect(remove(host.open({ policies: [failing.policy] }))).rejects.toThrow();
    expect(await host.locks('contact')).toEqual([]);
    await addOrder();
    expect(await applyWhole()).toMatchObject({ kind: 'broken', recordIds: [contact] });
    expect(await host.fixture.lives('contact', contact)).toBe(true);
    expect(await host.fixture.orphans(['contact', 'order'])).toEqual([]);
  });
});
