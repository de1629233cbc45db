/**
 * The way of a job through its orchestrations, when nothing goes wrong and when somebody else has a say.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { busy, CascadeWorld, JOB_ID, testJob } from './cascade-world.ts';

let world: CascadeWorld;
beforeEach(() => {
  world = new CascadeWorld();
});

describe('C4 an asynchronous cascade', () => {
  it('walks, applies every batch of every lane once, and ends Completed with its root free', async () => {
    await world.start();
    await world.untilStatus('Completed');
    expect(world.records.cursors).toEqual([undefined, '1']);
    expect([...world.records.batches].sort()).toEqual([0, 0, 0, 1, 1, 1]);
    expect(world.path).toEqual(['InProgress', 'Completed']);
    expect(world.job).toMatchObject({ phase: 'finishing', total: 60, endCounts: { done: 60, failed: 0, skipped: 0 } });
    expect(world.job.completedOn).not.toBeNull();
    expect(world.roots.claims.size).toBe(0);
    await world.lab.pass(60);
    expect(world.lab.instance(JOB_ID)?.status).toBe('Completed');
  });

  it('of few records changes them right after its walk, without lanes of their own', async () => {
    world.records.batchesPerLane = 1;
    await world.start();
    await world.untilStatus('Completed');
    expect([...world.records.batches].sort()).toEqual([0, 1]);
    expect(world.lab.ids()).toEqual([JOB_ID, `${JOB_ID}:identify:1`]);
    expect(world.job).toMatchObject({ phase: 'finishing', total: 20, endCounts: { done: 20, failed: 0, skipped: 0 } });
  });

  it('of few records leaves to its lanes what failed, and is paused and resumed like any other', async () => {
    world.records.batchesPerLane = 1;
    let isBusy = true;
    world.records.onBatch = ({ lane }) => (lane === 1 && isBusy ? busy() : undefined);
    await world.start();
    await world.untilStatus('Paused');
    expect(world.job).toMatchObject({ pauseReason: { code: 'retries-exhausted' }, retries: { 1: 4 } });
    isBusy = false;
    await world.command('resume');
    await world.untilStatus('Completed');
    expect(world.job.endCounts).toMatchObject({ done: 20 });
  });

  it('of few records, cut off right after its walk, changes them without walking again', async () => {
    world.records.batchesPerLane = 1;
    world.records.identifySteps = 1;
    world.records.onBatch = ({ call }) => {
      if (call === 1) throw new Error('The host went away');
      return undefined;
    };
    await world.start();
    await world.untilStatus('Completed');
    expect(world.records.cursors).toEqual([undefined]);
    expect(world.job.endCounts).toMatchObject({ done: 20 });
  });

  it('of few records that is to pause while it walks changes nothing before it is resumed', async () => {
    world.records.batchesPerLane = 1;
    world.records.onIdentify = async (cursor) => {
      if (cursor === '1' && world.job.status === 'InProgress') await world.command('pause');
    };
    await world.start();
    await world.untilStatus('Paused');
    expect(world.records.batches).toEqual([]);
    await world.command('resume');
    await world.untilStatus('Completed');
  });

  it('names its children by job, lane and round, and the instance by the job', async () => {
    await world.start();
    await world.untilStatus('Completed');
    expect(world.lab.ids()).toEqual([JOB_ID, `${JOB_ID}:identify:1`, `${JOB_ID}:0:1`, `${JOB_ID}:1:1`]);
  });

  it('goes on over executions when a lane has more batches than one execution takes', async () => {
    world.records.batchesPerLane = 120;
    await world.start();
    await world.untilStatus('Completed');
    expect(world.records.batches).toHaveLength(240);
    const lane = world.lab.instance(`${JOB_ID}:0:1`);
    expect(lane?.history.length).toBeLessThan(50 * 6);
  });

  it('counts retries on over the executions of a lane', async () => {
    world.records.batchesPerLane = 70;
    world.records.onBatch = ({ lane, call }) => (lane === 0 && (call === 2 || call === 60) ? busy() : undefined);
    await world.start();
    await world.untilStatus('Completed');
    expect(world.job.retries).toEqual({ 0: 2 });
  });

  it('has its total before the first change', async () => {
    const seen: unknown[] = [];
    world.records.onBatch = () => {
      seen.push([world.job.phase, world.job.total]);
      return undefined;
    };
    await world.start();
    await world.untilStatus('Completed');
    expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(new Set(['["applying",60]']));
  });
});

describe('C12 a job whose user may no longer do it', () => {
  it('pauses at the next batch, without retries, and finishes once resumed', async () => {
    world.records.onBatch = async ({ call, check }) => {
      if (call === 2) world.enabled.delete('ann');
      return check(['contact'], new Set());
    };
    await world.start();
    await world.untilStatus('Paused');
    expect(world.job).toMatchObject({ pauseReason: { code: 'user-disabled', user: 'ann' }, retries: {} });
    expect(world.job.messages.filter(({ code }) => code === 'user-disabled')).toHaveLength(1);
    world.enabled.add('ann');
    world.records.onBatch = () => undefined;
    await world.command('resume');
    await world.untilStatus('Completed');
  });
});

describe('C22 the switch that pauses all jobs', () => {
  it('keeps a new job waiting, and lets it go when it is off', async () => {
    world.settings = { ...world.settings, pauseAllJobs: true };
    await world.start();
    await world.lab.pass(3);
    expect(world.job).toMatchObject({ status: 'Waiting', startedOn: null });
    expect(world.records.cursors).toEqual([]);
    world.settings = { ...world.settings, pauseAllJobs: false };
    expect(await world.reconcile()).toMatchObject({ woken: 1 });
    await world.untilStatus('Completed');
  });

  it('stops a running job at the edge of its batches', async () => {
    world.records.onBatch = ({ call }) => {
      if (call === 2) world.settings = { ...world.settings, pauseAllJobs: true };
      return undefined;
    };
    await world.start();
    await world.untilStatus('Waiting');
    const asked = world.records.batches.length;
    expect(asked).toBeLessThanOrEqual(4);
    await world.lab.pass(3600);
    expect(world.records.batches).toHaveLength(asked);
    await world.lab.raise(JOB_ID, 'cancel');
    await world.lab.pass(1);
    expect(world.job.status, 'raw events count while paused only').toBe('Waiting');
    await world.command('cancel');
    await world.untilStatus('Canceled');
  });
});

describe('C21 a second cascade', () => {
  it('on the same root is refused with the id of the job at work, and goes once that has ended', async () => {
    const second = testJob({ jobId: '33333333-3333-4333-8333-333333333333' });
    await world.start();
    await expect(world.start(second)).rejects.toMatchObject({ status: 409, extra: { jobId: JOB_ID } });
    expect(await world.jobs.find(second.id)).toBeUndefined();
    await world.untilStatus('Completed');
    await world.start(second);
    await world.lab.until(() => world.jobs.stored.get(second.id)?.status === 'Completed');
  });
});
