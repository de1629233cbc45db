import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReparentPlan, SharePlan, UndoPlan, UnsharePlan } from '../../../../shared/cascade/plans.ts';
import { World } from '../../cascade/cascade-world.ts';
import { reparentPlan, sharePlan, told, unsharePlan } from './sharing-plans.ts';

let world: World;
let account: string;
let contact: string;
beforeEach(async () => {
  world = new World();
  account = await world.make('account');
  contact = await world.make('contact', { account_contacts: account });
});

function undoOf(plan: SharePlan | UnsharePlan | ReparentPlan): UndoPlan {
  const { jobId, table, recordId, lanes, by, createdOn, formerOwnerId, action } = plan;
  const common = { table, recordId, lanes, by, createdOn, formerOwnerId, behaviors: {} };
  return { ...common, jobId: randomUUID(), action: 'undo', undoneJobId: jobId, undoneAction: action };
}

describe('C20 undo of actions that change shares', () => {
  it('takes a share back, and an unshare, and leaves versions as they are', async () => {
    const share = sharePlan('account', account, 'bob', ['Read', 'Write']);
    await world.run(share);
    const unshare = unsharePlan('account', account, 'bob');
    await world.run(unshare);
    await world.run(undoOf(unshare));
    expect(await told(world, 'account', account)).toEqual(['bob: direct Read, Write']);
    expect(await told(world, 'contact', contact)).toEqual([`bob: ${account} Read, Write`]);
    await world.run(undoOf(share));
    expect(await told(world, 'contact', contact)).toEqual([]);
    expect((await world.value('contact', contact)).version).toBe(1);
  });

  it('leaves alone rights that were given since, and what other sources gave', async () => {
    const share = sharePlan('account', account, 'bob', ['Read']);
    await world.run(share);
    await world.run(sharePlan('contact', contact, 'bob', ['Write']));
    await world.run(sharePlan('account', account, 'bob', ['Read', 'Append']));
    const undo = undoOf(share);
    await world.run(undo);
    expect(await world.totals(undo)).toEqual({ done: 0, skipped: 2, failed: 0 });
    expect(await told(world, 'account', account)).toEqual(['bob: direct Read, Append']);
    expect(await told(world, 'contact', contact)).toEqual([`bob: direct Write; ${account} Read, Append`]);
  });

  it('brings a record back under its old parent, with the rights of that line', async () => {
    const other = await world.make('account');
    await world.run(sharePlan('account', account, 'bob', ['Read']));
    const move = await reparentPlan(world, 'contact', contact, 'account_contacts', other);
    await world.run(move);
    expect(await told(world, 'contact', contact)).toEqual([]);
    await world.run(undoOf(move));
    expect((await world.value('contact', contact)).lookups).toEqual({ account_contacts: account });
    expect(await told(world, 'contact', contact)).toEqual([`bob: ${account} Read`]);
  });
});
