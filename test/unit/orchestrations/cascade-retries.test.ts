/**
 * What the orchestrations make of failures. The bugs hunted: retries that nobody sees, a job that dies because its books
 * couldn't be written, work that is done again after a resume.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { StorageUnavailable } from '../../../shared/storage/storage-errors.ts';
import { busy, CascadeWorld, JOB_ID } from './cascade-world.ts';

let world: CascadeWorld;
beforeEach(() => {
  world = new CascadeWorld();
});

describe('C22 the pace', () => {
  it('many failing batches over all lanes pause the job before any lane has used up its attempts', async () => {
    world.settings = { ...world.settings, retry: { maxAttempts: 50, firstDelaySeconds: 1, maxDelaySeconds: 1 } };
    world.records.batchesPerLane = 100;
    world.records.onBatch = ({ call }) => (call % 2 === 0 ? busy() : undefined);
    await world.start();
    await world.untilStatus('Paused');
    expect(world.job.pauseReason).toEqual({ code: 'circuit-breaker' });
    expect(world.job.messages.find(({ code }) => code === 'circuit-breaker')?.text).toMatch(
      /^10 of the last 20 batches failed, the last one: Storage is busy\./,
    );
    world.records.onBatch = () => undefined;
    await world.command('resume');
    await world.untilStatus('Completed', 600);
  });

  it('batches get smaller while storage is busy, and grow again after', async () => {
    world.records.batchesPerLane = 40;
    world.records.onBatch = ({ call }) => {
      if (call <= 2) world.busyCount++;
      return undefined;
    };
    await world.start();
    await world.untilStatus('Completed', 600);
    const { sizes } = world.records;
    expect(Math.min(...sizes)).toBeLessThan(sizes[0] ?? 0);
    expect(sizes.at(-1)).toBe(40);
  });
});

describe('C11 a failing batch', () => {
  it('is tried again after growing waits that the job counts and tells while they last', async () => {
    world.records.onBatch = ({ lane, call }) => (lane === 0 && call <= 2 ? busy() : undefined);
    await world.start();
    await world.lab.pass(0);
    expect(world.job).toMatchObject({ status: 'InProgress', retries: { 0: 1 } });
    expect(world.job.messages.at(-1)).toMatchObject({
      level: 'warning',
      code: 'retry',
      text: 'Storage is busy. Attempt 2 of 5 in 1 s.',
    });
    await world.lab.pass(1);
    expect(world.job.retries).toEqual({ 0: 2 });
    await world.untilStatus('Completed');
    expect(world.records.batches.filter((lane) => lane === 0)).toHaveLength(5);
  });

  it('pauses the job with the reason once the attempts are used up; resumed it goes on from there', async () => {
    let isBroken = true;
    world.records.onBatch = ({ lane, call }) => (lane === 1 && call > 1 && isBroken ? busy() : undefined);
    await world.start();
    await world.untilStatus('Paused');
    expect(world.job).toMatchObject({ pauseReason: { code: 'retries-exhausted' }, retries: { 1: 4 }, idle: true });
    expect(world.job.messages.filter(({ level }) => level === 'error')).toHaveLength(1);
    const doneBefore = [...world.records.batches];
    expect(doneBefore.filter((lane) => lane === 1)).toHaveLength(1 + 5);
    isBroken = false;
    await world.command('resume');
    await world.untilStatus('Completed');
    expect(world.records.batches.slice(doneBefore.length).filter((lane) => lane === 1)).toHaveLength(2);
    expect(world.records.cursors, 'the walk is not walked again').toHaveLength(2);
    expect(world.job).toMatchObject({ pauseReason: null, endCounts: { done: 60 }, retries: { 1: 4 } });
  });

  it('stops the other lanes at the edge of their batches', async () => {
    world.records.batchesPerLane = 1000;
    world.records.onBatch = ({ lane, call }) =>
      lane === 0 && call === 2 ? { kind: 'permanent', text: 'No.', recordIds: ['r1'] } : undefined;
    await world.start();
    await world.untilStatus('Paused');
    expect(world.records.batches.filter((lane) => lane === 1).length).toBeLessThan(20);
    expect(world.job.pauseReason).toEqual({ code: 'permanent-error', records: ['r1'] });
  });

  it('that throws is treated like one that says so', async () => {
    world.records.onBatch = ({ call }) => {
      if (call === 1) throw new StorageUnavailable('write account', new Error('503'));
      return undefined;
    };
    await world.start();
    await world.untilStatus('Completed');
    expect(world.job.retries).toEqual({ 0: 1, 1: 1 });
    expect(world.job.messages.find(({ code }) => code === 'retry')?.text).toContain("Storage didn't answer");
  });

  it('whose host dies is tried again', async () => {
    let deaths = 0;
    world.beforeActivity = (name) => {
      if (name === 'cascadeApplyBatch' && ++deaths === 1) throw new Error('The host went away');
    };
    await world.start();
    await world.untilStatus('Completed');
    expect(Object.values(world.job.retries)).toEqual([1]);
  });

  it('counts a retry that could not be told when the next attempt reaches the job', async () => {
    world.records.onBatch = ({ lane, call }) => (lane === 0 && call === 1 ? busy() : undefined);
    world.beforeActivity = (name) => {
      if (name === 'cascadeNoteRetry') throw new StorageUnavailable('change job', new Error('503'));
    };
    await world.start();
    await world.untilStatus('Completed');
    expect(world.job.retries).toEqual({ 0: 1 });
  });

  it('while storage is away altogether leaves the job standing, and it pauses when storage is back', async () => {
    let isAway = false;
    world.beforeActivity = () => {
      if (isAway) throw new StorageUnavailable('read jobs', new Error('503'));
    };
    world.records.onBatch = ({ lane, call }) => {
      if (lane === 0 && call === 2) isAway = true;
      return undefined;
    };
    await world.start();
    await world.lab.pass(300);
    expect(world.job.status).toBe('InProgress');
    isAway = false;
    await world.untilStatus('Paused');
    expect(world.job.pauseReason?.code).toBe('retries-exhausted');
    expect(world.lab.instance(JOB_ID)?.status).toBe('Running');
    await world.command('resume');
    await world.untilStatus('Completed');
  });

  it('of the walk pauses the job, and the walk goes on from its cursor', async () => {
    let isBroken = true;
    world.records.onIdentify = (cursor) => {
      if (cursor === '1' && isBroken) throw new StorageUnavailable('query hints', new Error('503'));
    };
    await world.start();
    await world.untilStatus('Paused');
    expect(world.job).toMatchObject({ phase: 'identifying', cursor: '1', retries: { identify: 4 } });
    expect(world.lab.ids()).toEqual([JOB_ID, `${JOB_ID}:identify:1`]);
    isBroken = false;
    await world.command('resume');
    await world.untilStatus('Completed');
    expect(world.records.cursors).toEqual([undefined, '1', '1', '1', '1', '1', '1']);
  });
});
