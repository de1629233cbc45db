/** Hunts undos that overwrite a later change, miss a record, count one twice, or leave a record in half. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CascadePlan, UndoPlan } from '../../../shared/cascade/plans.ts';
import { CascadeFixture } from './cascade-fixture.ts';

let fixture: CascadeFixture;
beforeEach(() => {
  fixture = new CascadeFixture();
});

function undoOf({ jobId, table, recordId, lanes, by, createdOn, formerOwnerId, ...plan }: CascadePlan): UndoPlan {
  const undoneAction = plan.action === 'undo' ? plan.undoneAction : plan.action;
  const common = { table, recordId, lanes, by, createdOn, formerOwnerId, behaviors: {} };
  return { ...common, jobId: randomUUID(), action: 'undo', undoneJobId: jobId, undoneAction };
}

async function assigned(contacts: number) {
  const account = await fixture.make('account');
  const ids = await fixture.makeMany(
    'contact',
    { account_contacts: account },
    Array.from({ length: contacts }, (_, at) => ({ ownerId: at % 10 === 0 ? 'bert' : 'anna' })),
  );
  const plan = fixture.plan('account', account, 'zoe', { lanes: 3 });
  await fixture.run(plan);
  return { account, ids, plan };
}

describe('C27 what an undo would come to', () => {
  it('is what it comes to, and is found out without a trace', async () => {
    const { plan } = await assigned(120);
    const undo = undoOf(plan);
    const foreseen = await fixture.cascades.survey(undo);
    expect(foreseen).toMatchObject({ complete: true, total: 121, byTable: { account: 1, contact: 120 } });
    expect(await fixture.cascades.progress(undo)).toMatchObject([{ done: 0 }, { done: 0 }, { done: 0 }]);
    const { items } = await fixture.cascades.changes(undo, { pageSize: 10 });
    expect(items).toEqual([]);
    expect(await fixture.run(undo)).toMatchObject({ found: foreseen.total, byTable: foreseen.byTable });
  });
});

describe('C20 undo of an Assign', () => {
  it('gives every record back to whom it had, and counts each once', async () => {
    const { account, ids, plan } = await assigned(350);
    const undo = undoOf(plan);
    expect(await fixture.run(undo)).toMatchObject({ found: 351, byTable: { account: 1, contact: 350 } });
    expect(await fixture.totals(undo)).toEqual({ done: 351, skipped: 0, failed: 0 });
    expect((await fixture.value('account', account)).ownerId).toBe('anna');
    const owners = await Promise.all(ids.map(async (id) => (await fixture.value('contact', id)).ownerId));
    expect(owners).toEqual(ids.map((_, at) => (at % 10 === 0 ? 'bert' : 'anna')));
  });

  it('leaves alone what was changed since, and says so', async () => {
    const { ids, plan } = await assigned(20);
    const [touched = '', back = ''] = ids;
    await fixture.assignOne('contact', touched, 'kim');
    await fixture.assignOne('contact', back, 'kim');
    await fixture.assignOne('contact', back, 'zoe');
    const undo = undoOf(plan);
    await fixture.run(undo);
    expect(await fixture.totals(undo)).toEqual({ done: 19, skipped: 2, failed: 0 });
    expect((await fixture.value('contact', touched)).ownerId).toBe('kim');
    expect((await fixture.value('contact', back)).ownerId).toBe('zoe');
    const skipped = await fixture.log(undo, 'skipped');
    expect(skipped.map(({ recordId }) => recordId).sort()).toEqual([touched, back].sort());
    expect(skipped[0]?.problem).toMatch(/changed since/);
  });

  it('takes of a cancelled job what it had done, and nothing of what it kept', async () => {
    const account = await fixture.make('account');
    await fixture.makeMany('contact', { account_contacts: account }, [{ ownerId: 'zoe' }, { ownerId: 'anna' }]);
    const plan = fixture.plan('account', account, 'zoe', { lanes: 1 });
    await fixture.run(plan);
    expect(await fixture.run(undoOf(plan))).toMatchObject({ found: 2 });
    const never = fixture.plan('account', account, 'kim', { lanes: 1 });
    await fixture.identify(never);
    expect(await fixture.run(undoOf(never))).toMatchObject({ found: 0 });
  });

  it('can itself be undone', async () => {
    const { ids, plan } = await assigned(15);
    const undo = undoOf(plan);
    await fixture.run(undo);
    const redo = undoOf(undo);
    await fixture.run(redo);
    expect(await fixture.totals(redo)).toEqual({ done: 16, skipped: 0, failed: 0 });
    for (const id of ids) expect((await fixture.value('contact', id)).ownerId).toBe('zoe');
  });

  it('begun again after its steps were cut off finds and writes everything once', async () => {
    const { plan, ids } = await assigned(120);
    const undo = undoOf(plan);
    await fixture.identify(undo);
    await fixture.open().apply(undo, 1);
    expect(await fixture.open().identify(undo)).toMatchObject({ found: 121 });
    await fixture.open().apply(undo);
    expect(await fixture.totals(undo)).toEqual({ done: 121, skipped: 0, failed: 0 });
    expect((await fixture.value('contact', ids[1] ?? '')).version).toBe(3);
  });
});
