import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReparentPlan, SharePlan, UndoPlan, UnsharePlan } from '../../../../shared/cascade/plans.ts';
import { CascadeFixture } from '../../cascade/cascade-fixture.ts';
import { reparentPlan, sharePlan, told, unsharePlan } from './sharing-plans.ts';

let fixture: CascadeFixture;
let account: string;
let contact: string;
beforeEach(async () => {
  fixture = new CascadeFixture();
  account = await fixture.make('account');
  contact = await fixture.make('contact', { account_contacts: account });
});

function undoOf(plan: SharePlan | UnsharePlan | ReparentPlan): UndoPlan {
  const { jobId, table, recordId, lanes, by, createdOn, formerOwnerId, action } = plan;
  const common = { table, recordId, lanes, by, createdOn, formerOwnerId, behaviors: {} };
  return { ...common, jobId: randomUUID(), action: 'undo', undoneJobId: jobId, undoneAction: action };
}

describe('C20 undo of actions that change shares', () => {
  it('takes a share back, and an unshare, and leaves versions as they are', async () => {
    const share = sharePlan('account', account, 'bob', ['Read', 'Write']);
    await fixture.run(share);
    const unshare = unsharePlan('account', account, 'bob');
    await fixture.run(unshare);
    await fixture.run(undoOf(unshare));
    expect(await told(fixture, 'account', account)).toEqual(['bob: direct Read, Write']);
    expect(await told(fixture, 'contact', contact)).toEqual([`bob: ${account} Read, Write`]);
    await fixture.run(undoOf(share));
    expect(await told(fixture, 'contact', contact)).toEqual([]);
    expect((await fixture.value('contact', contact)).version).toBe(1);
  });

  it('leaves alone rights that were given since, and what other sources gave', async () => {
    const share = sharePlan('account', account, 'bob', ['Read']);
    await fixture.run(share);
    await fixture.run(sharePlan('contact', contact, 'bob', ['Write']));
    await fixture.run(sharePlan('account', account, 'bob', ['Read', 'Append']));
    const undo = undoOf(share);
    await fixture.run(undo);
    expect(await fixture.totals(undo)).toEqual({ done: 0, skipped: 2, failed: 0 });
    expect(await told(fixture, 'account', account)).toEqual(['bob: direct Read, Append']);
    expect(await told(fixture, 'contact', contact)).toEqual([`bob: direct Write; ${account} Read, Append`]);
  });

  it('brings a record back under its old parent, with the rights of that line', async () => {
    const other = await fixture.make('account');
    await fixture.run(sharePlan('account', account, 'bob', ['Read']));
    const move = await reparentPlan(fixture, 'contact', contact, 'account_contacts', other);
    await fixture.run(move);
    expect(await told(fixture, 'contact', contact)).toEqual([]);
    await fixture.run(undoOf(move));
    expect((await fixture.value('contact', contact)).lookups).toEqual({ account_contacts: account });
    expect(await told(fixture, 'contact', contact)).toEqual([`bob: ${account} Read`]);
  });
});
