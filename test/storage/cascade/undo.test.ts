/** Hunts undos that overwrite a later change, miss a record, count one twice, or leave a record in half. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CascadePlan, UndoPlan } from '../../../shared/cascade/plans.ts';
import { World } from './cascade-world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

function undoOf({ jobId, table, recordId, lanes, by, createdOn, formerOwnerId, ...plan }: CascadePlan): UndoPlan {
  const undoneAction = plan.action === 'undo' ? plan.undoneAction : plan.action;
  const common = { table, recordId, lanes, by, createdOn, formerOwnerId, behaviors: {} };
  return { ...common, jobId: randomUUID(), action: 'undo', undoneJobId: jobId, undoneAction };
}

async function assigned(contacts: number) {
  const account = await world.make('account');
  const ids = await world.makeMany(
    'contact',
    { account_contacts: account },
    Array.from({ length: contacts }, (_, at) => ({ ownerId: at % 10 === 0 ? 'bert' : 'anna' })),
  );
  const plan = world.plan('account', account, 'zoe', { lanes: 3 });
  await world.run(plan);
  return { account, ids, plan };
}

describe('C20 undo of an Assign', () => {
  it('gives every record back to whom it had, and counts each once', async () => {
    const { account, ids, plan } = await assigned(350);
    const undo = undoOf(plan);
    expect(await world.run(undo)).toMatchObject({ found: 351, byTable: { account: 1, contact: 350 } });
    expect(await world.totals(undo)).toEqual({ done: 351, skipped: 0, failed: 0 });
    expect((await world.value('account', account)).ownerId).toBe('anna');
    const owners = await Promise.all(ids.map(async (id) => (await world.value('contact', id)).ownerId));
    expect(owners).toEqual(ids.map((_, at) => (at % 10 === 0 ? 'bert' : 'anna')));
  });

  it('leaves alone what was changed since, and says so', async () => {
    const { ids, plan } = await assigned(20);
    const [touched = '', back = ''] = ids;
    await world.assignOne('contact', touched, 'kim');
    await world.assignOne('contact', back, 'kim');
    await world.assignOne('contact', back, 'zoe');
    const undo = undoOf(plan);
    await world.run(undo);
    expect(await world.totals(undo)).toEqual({ done: 19, skipped: 2, failed: 0 });
    expect((await world.value('contact', touched)).ownerId).toBe('kim');
    expect((await world.value('contact', back)).ownerId).toBe('zoe');
    const skipped = await world.log(undo, 'skipped');
    expect(skipped.map(({ recordId }) => recordId).sort()).toEqual([touched, back].sort());
    expect(skipped[0]?.problem).toMatch(/changed since/);
  });

  it('takes of a cancelled job what it had done, and nothing of what it kept', async () => {
    const account = await world.make('account');
    await world.makeMany('contact', { account_contacts: account }, [{ ownerId: 'zoe' }, { ownerId: 'anna' }]);
    const plan = world.plan('account', account, 'zoe', { lanes: 1 });
    await world.run(plan);
    expect(await world.run(undoOf(plan))).toMatchObject({ found: 2 });
    const never = world.plan('account', account, 'kim', { lanes: 1 });
    await world.identify(never);
    expect(await world.run(undoOf(never))).toMatchObject({ found: 0 });
  });

  it('can itself be undone', async () => {
    const { ids, plan } = await assigned(15);
    const undo = undoOf(plan);
    await world.run(undo);
    const redo = undoOf(undo);
    await world.run(redo);
    expect(await world.totals(redo)).toEqual({ done: 16, skipped: 0, failed: 0 });
    for (const id of ids) expect((await world.value('contact', id)).ownerId).toBe('zoe');
  });

  it('begun again after its steps were cut off finds and writes everything once', async () => {
    const { plan, ids } = await assigned(120);
    const undo = undoOf(plan);
    await world.identify(undo);
    await world.open().apply(undo, 1);
    expect(await world.open().identify(undo)).toMatchObject({ found: 121 });
    await world.open().apply(undo);
    expect(await world.totals(undo)).toEqual({ done: 121, skipped: 0, failed: 0 });
    expect((await world.value('contact', ids[1] ?? '')).version).toBe(3);
  });
});
