/** Bugs hunted here: a run that, after a kill, counts too little or something twice. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { crashAfter } from '../../support/crashing-storage.ts';
import { writesToDieAt } from '../../support/writes-to-die-at.ts';
import { addChannel, makeAccount, openHq, operationsOf, uploadAll } from './hq-fixture.ts';

describe('A6 the counts of a run', () => {
  it('are the same after whatever write an attempt at the activity died, and not repeated by the next page', async () => {
    const hq = openHq();
    const channel = addChannel(hq, 'c');
    let deaths = 0;
    for (const atWrite of writesToDieAt(0)) {
      const [customer, good] = [randomUUID(), (await makeAccount(hq, {})).value.id];
      hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
      hq.staged.add(channel, 'editCustomer', { customer }, { phone: '1' });
      hq.staged.add(channel, 'editCustomer', { customer }, { currency: 'EURO' });
      hq.staged.add(channel, 'editCustomer', { customer }, { phone: '2' });
      hq.staged.add(channel, 'editCustomer', { customer: good }, { phone: '3' });
      await uploadAll(hq);
      const crash = crashAfter(atWrite);
      const customers = [customer, good];
      const dying = hq.reopen([crash.policy]).applyJob.applyCustomers(customers, 'run', `run|${atWrite}`);
      await dying.catch(() => undefined);
      const counts = { applied: 3, failed: 1, held: 1, busy: 0 };
      expect(await hq.applyJob.applyCustomers(customers, 'run', `run|${atWrite}`), `after ${atWrite}`).toEqual(counts);
      // The activity's answer may be lost as well.
      expect(await hq.applyJob.applyCustomers(customers, 'run', `run|${atWrite}`)).toEqual(counts);
      const nothing = { applied: 0, failed: 0, held: 0, busy: 0 };
      expect(await hq.applyJob.applyCustomers(customers, 'run', `run|${atWrite}|next`)).toEqual(nothing);
      expect((await operationsOf(hq, good)).map(({ status }) => status)).toEqual(['Completed']);
      if (!crash.isDead) break;
      deaths++;
    }
    expect(deaths).toBeGreaterThan(4);
  }, 120_000);
});
