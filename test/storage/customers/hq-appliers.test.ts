/**
 * Bugs hunted here: two appliers of one customer that overtake each other; an operation that is applied again after a later
 * one; two numbers for a customer. Batch, Synchronize, bulk changes and record calls work at the same time, on hosts of
 * their own, some of which die at any write.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crashAfter } from '../../support/crashing-storage.ts';
import { addChannel, applyAll, customerState, type Hq, openHq, operationsOf, uploadAll } from './hq-fixture.ts';

const applier = fc.record({
  kind: fc.constantFrom('batch' as const, 'synchronize' as const, 'bulk' as const, 'record' as const),
  diesAt: fc.option(fc.nat(20), { nil: undefined }),
});
const plan = fc.record({
  // How many edits each customer has, and whether its creation fails at first.
  customers: fc.array(fc.record({ edits: fc.integer({ min: 1, max: 4 }), fails: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
  appliers: fc.array(applier, { minLength: 2, maxLength: 5 }),
});

describe('A6 A7 A9 appliers at the same time', () => {
  it('keep the order of each customer, and give each one number', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ customers, appliers }) => {
        const hq = openHq();
        addChannel(hq, 'c');
        const ids = customers.map(() => randomUUID());
        for (const [at, { edits, fails }] of customers.entries()) {
          const customer = ids[at] ?? '';
          const body = { name: 'Anna', ...(fails && { currency: 'NONE' }) };
          hq.staged.add('c', 'createCustomer', { customer }, body);
          for (let edit = 1; edit <= edits; edit++)
            hq.staged.add('c', 'editCustomer', { customer }, { phone: `${edit}` });
        }
        await uploadAll(hq);
        const works = appliers.map(({ kind, diesAt }, at) => {
          const host = hq.reopen(diesAt === undefined ? [] : [crashAfter(diesAt).policy]);
          return WORK[kind](host, ids[at % ids.length] ?? '').catch(() => undefined);
        });
        await Promise.all(works);
        // Whoever died has let go of its customers by now.
        hq.clock.nowMs += 60_000;
        await applyAll(hq.reopen());
        await mendAll(hq.reopen());
        expect(await applyAll(hq.reopen())).toMatchObject({ failed: 0, held: 0, busy: 0 });
        const numbers = new Set<unknown>();
        for (const [at, { edits }] of customers.entries()) {
          const { account } = await customerState(hq, ids[at] ?? '');
          numbers.add(account?.columns.accountNumber);
          expect(account).toMatchObject({ columns: { phone: `${edits}` }, version: edits + 1 });
          const operations = await operationsOf(hq, ids[at] ?? '');
          expect(operations.map(({ status }) => status)).toEqual(operations.map(() => 'Completed'));
          const olds = operations.slice(1).map(({ attributes }) => attributes[0]?.old);
          expect(olds).toEqual(Array.from({ length: edits }, (_, edit) => (edit === 0 ? null : `${edit}`)));
        }
        expect(numbers.size).toBe(customers.length);
      }),
      { numRuns: 5 },
    );
  });
});

const WORK: Record<'batch' | 'synchronize' | 'bulk' | 'record', (hq: Hq, customer: string) => Promise<unknown>> = {
  batch: (hq) => applyAll(hq),
  record: (hq, customer) => hq.synchronizeCustomer(customer),
  bulk: (hq) => mendAll(hq),
  async synchronize(hq, customer) {
    await hq.changes.release((await operationsOf(hq, customer))[0]?.id ?? '');
    await applyAll(hq);
  },
};

async function mendAll(hq: Hq): Promise<void> {
  const bulkId = randomUUID();
  const request = { filter: { status: 'Failed' as const }, changes: { currency: 'EUR' }, synchronize: true };
  await hq.bulk.create(bulkId, { ...request, dryRun: false, by: 'ann' }, new Date(hq.clock.nowMs).toISOString());
  while (!(await hq.bulkJob.step(bulkId)).done);
}
