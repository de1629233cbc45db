/**
 * Commands. The bugs hunted: a wish that is overseen because its event came too early, too late, twice or not at all; a job
 * that ends while a lane of it still works.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { busy, CascadeWorld, failsOnce, gate, JOB_ID } from './cascade-world.ts';

let world: CascadeWorld;
beforeEach(() => {
  world = new CascadeWorld();
});

describe('C15 pause and cancel', () => {
  it('take effect at the edge of the batch: what runs ends, nothing more begins', async () => {
    const open = await world.startHeld();
    expect(world.records.batches).toHaveLength(2);
    expect((await world.command('pause')).status).toBe('Pausing');
    await world.lab.pass(5);
    expect(world.job.status).toBe('Pausing');
    open();
    await world.untilStatus('Paused');
    expect(world.records.batches).toHaveLength(2);
    expect(world.job.messages.at(-1)?.text).toBe(
      'Paused after 20 of 60 records. Finished records keep their new value.',
    );
  });

  it('met while a lane waits to retry take effect before it tries again', async () => {
    world.settings = { ...world.settings, retry: { maxAttempts: 5, firstDelaySeconds: 20, maxDelaySeconds: 20 } };
    world.records.onBatch = busy;
    await world.start();
    await world.lab.pass(5);
    await world.command('pause');
    const asked = world.records.batches.length;
    await world.untilStatus('Paused', 30);
    expect(world.records.batches).toHaveLength(asked);
    expect(world.job.pauseReason).toEqual({ code: 'by-command', user: 'ann' });
  });

  it.each(['InProgress', 'Pausing', 'Paused'] as const)(
    'cancel ends a job that is %s, and says how many it changed',
    async (status) => {
      const open = await world.startHeld(2);
      if (status !== 'InProgress') await world.command('pause');
      if (status === 'Paused') open();
      await world.untilStatus(status);
      expect((await world.command('cancel')).status).toBe('Canceling');
      open();
      await world.untilStatus('Canceled');
      expect(world.job.endCounts).toMatchObject({ done: 40 });
      expect(world.job.messages.at(-1)).toMatchObject({
        code: 'canceled',
        text: expect.stringContaining('40 records'),
      });
      expect(world.roots.claims.size).toBe(0);
      expect(world.records.settledLanes).toEqual(expect.arrayContaining([0, 1]));
      await world.lab.pass(60);
      expect(world.lab.instance(JOB_ID)?.status).toBe('Completed');
    },
  );

  it('cancel outranks a resume that is asked for at the same time', async () => {
    world.records.onBatch = failsOnce;
    await world.start();
    await world.untilStatus('Paused');
    const batches = world.records.batches.length;
    await Promise.all([world.command('resume'), world.command('cancel')]);
    await world.untilStatus('Canceled');
    expect(world.records.batches).toHaveLength(batches);
  });

  it('a pause that comes when nothing is left doesn’t keep the job from completing', async () => {
    const open = await world.startHeld(3);
    await world.command('pause');
    open();
    await world.untilStatus('Completed');
  });

  it('a paused job that nobody resumes ends Failed after 30 days, with few looks at it on the way', async () => {
    world.records.onBatch = failsOnce;
    await world.start();
    await world.untilStatus('Paused');
    await world.lab.pass(29 * 24 * 3600);
    expect(world.job.status).toBe('Paused');
    await world.lab.pass(2 * 24 * 3600);
    expect(world.job.status).toBe('Failed');
    expect(world.lab.instance(JOB_ID)?.history.length).toBeLessThan(1500);
    expect(world.roots.claims.size).toBe(0);
  });
});

describe('C15 a wish is stored, its event only wakes', () => {
  it('a resume whose wake is lost is seen by the next look at the job', async () => {
    world.records.onBatch = failsOnce;
    await world.start();
    await world.untilStatus('Paused');
    world.loseWakes = true;
    await world.command('resume');
    await world.untilStatus('Completed');
  });

  it('a resume whose wake is lost is seen at once when reconciliation wakes the job', async () => {
    world.records.onBatch = failsOnce;
    await world.start();
    await world.untilStatus('Paused');
    await world.lab.pass(24 * 3600);
    world.loseWakes = true;
    await world.command('resume');
    world.loseWakes = false;
    expect(await world.reconcile()).toMatchObject({ woken: 1 });
    await world.untilStatus('Completed', 5);
    await world.lab.pass(1);
    expect(world.lab.instance(JOB_ID)?.status, 'no timer keeps the instance alive').toBe('Completed');
  });

  it('the same command asked for again under its id is obeyed once', async () => {
    const { opened, open } = gate();
    world.records.onBatch = async () => {
      await opened;
      return undefined;
    };
    await world.start();
    await world.lab.pass(0);
    const first = await world.command('cancel', 'once');
    open();
    await world.untilStatus('Canceled');
    const again = await world.command('cancel', 'once');
    expect(again.version).toBeGreaterThanOrEqual(first.version);
    expect(world.jobs.recorded.filter(({ command }) => command === 'cancel')).toHaveLength(1);
  });

  it('a command that the state doesn’t allow is refused with those that it does', async () => {
    await world.start();
    await expect(world.command('resume')).rejects.toMatchObject({ status: 409, extra: { legalCommands: ['cancel'] } });
    await world.untilStatus('Completed');
    await expect(world.command('cancel')).rejects.toMatchObject({ status: 409, extra: { legalCommands: ['undo'] } });
  });
});
