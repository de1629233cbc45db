/**
 * What is left after a crash or a termination, and what becomes of it.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { CascadeWorld, gate, JOB_ID } from './cascade-world.ts';

let world: CascadeWorld;
beforeEach(() => {
  world = new CascadeWorld();
});

describe('E5 jobs, claims and orchestrations after a crash', () => {
  it('a terminated job ends Failed by reconciliation, and its lanes, which live on, stop at their next batch', async () => {
    const open = await world.startHeld(2);
    await world.lab.terminate(JOB_ID);
    await world.lab.pass(1);
    expect(world.lab.instance(`${JOB_ID}:0:1`)?.status).toBe('Running');
    expect(await world.reconcile()).toMatchObject({ ended: 1 });
    expect(world.job.status).toBe('Failed');
    expect(world.roots.claims.size).toBe(0);
    open();
    await world.lab.pass(1);
    expect(world.lab.instance(`${JOB_ID}:0:1`)?.status).toBe('Completed');
    expect(world.records.batches).toHaveLength(4);
  });

  it('a job that was stored and never started is started by reconciliation', async () => {
    const start = world.instances.start;
    Object.assign(world.instances, { start: async () => undefined });
    await world.start();
    Object.assign(world.instances, { start });
    expect(await world.reconcile()).toMatchObject({ started: 0 });
    await world.lab.pass(11);
    expect(await world.reconcile()).toMatchObject({ started: 1 });
    await world.untilStatus('Completed');
  });

  it('lanes that outlived their orchestration do nothing more once another one has begun a round', async () => {
    const first = gate();
    const second = gate();
    world.records.batchesPerLane = 10;
    world.records.onBatch = async ({ call }) => {
      if (call === 2) await first.opened;
      if (call === 4) await second.opened;
      return undefined;
    };
    await world.start();
    await world.lab.pass(1);
    await world.lab.terminate(JOB_ID);
    await world.lab.pass(1);
    await world.instances.start(JOB_ID);
    await world.lab.pass(1);
    expect(world.lab.ids()).toContain(`${JOB_ID}:0:2`);
    const batches = world.records.batches.length;
    first.open();
    await world.lab.pass(1);
    expect(world.lab.instance(`${JOB_ID}:0:1`)?.output).toBe('"stopped"');
    expect(world.records.batches).toHaveLength(batches);
    second.open();
    await world.untilStatus('Completed');
  });

  it('a second start of a job that has ended does nothing', async () => {
    await world.start();
    await world.untilStatus('Completed');
    await world.lab.start('cascadeJob', JOB_ID, { jobId: JOB_ID });
    await world.lab.pass(60);
    expect(world.job.status).toBe('Completed');
    expect(world.records.batches).toHaveLength(6);
  });

  it('books that are kept twice, as after a crash before an answer, change nothing', async () => {
    const crashed = new Set<string>();
    world.afterActivity = (name) => {
      if (crashed.has(name)) return;
      crashed.add(name);
      throw new Error('The host went away before it answered');
    };
    world.records.onBatch = ({ lane, call }) =>
      lane === 0 && call === 3 ? { kind: 'permanent', text: 'No.', recordIds: ['r'] } : undefined;
    await world.start();
    await world.untilStatus('Paused');
    await world.command('resume');
    await world.untilStatus('Completed');
    expect(crashed).toContain('cascadeNotePause');
    expect(world.job.messages.filter(({ code }) => code === 'permanent-error')).toHaveLength(1);
  });
});
