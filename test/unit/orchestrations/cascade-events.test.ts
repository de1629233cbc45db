/**
 * Raw events on a job's instance: they count while the job is paused, each once, and never before or after.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { CascadeWorld, failsOnce, JOB_ID } from './cascade-world.ts';

let world: CascadeWorld;
beforeEach(() => {
  world = new CascadeWorld();
});

describe('C11 Durable’s own events on the instance', () => {
  it.each([
    ['resume', 'Completed'],
    ['cancel', 'Canceled'],
  ] as const)(
    '%s does while the job is paused what the command does, and is recorded as by durable-event',
    async (name, status) => {
      world.records.onBatch = failsOnce;
      await world.start();
      await world.untilStatus('Paused');
      await world.lab.raise(JOB_ID, name);
      await world.untilStatus(status);
      expect(world.jobs.recorded).toMatchObject([{ command: name, by: 'durable-event' }]);
    },
  );

  it('resume twice resumes once', async () => {
    world.records.onBatch = failsOnce;
    await world.start();
    await world.untilStatus('Paused');
    await world.lab.raise(JOB_ID, 'resume');
    await world.lab.raise(JOB_ID, 'resume');
    await world.untilStatus('Completed');
    expect(world.jobs.recorded).toHaveLength(1);
  });

  it('cancel outranks a resume that came just before', async () => {
    world.records.onBatch = failsOnce;
    await world.start();
    await world.untilStatus('Paused');
    const batches = world.records.batches.length;
    await world.lab.raise(JOB_ID, 'resume');
    await world.lab.raise(JOB_ID, 'cancel');
    await world.untilStatus('Canceled');
    expect(world.records.batches).toHaveLength(batches);
  });

  it('do nothing while the job runs, also not when it pauses later', async () => {
    const open = await world.startHeld(2);
    for (const name of ['resume', 'cancel', 'skip', 'resume', 'resume']) await world.lab.raise(JOB_ID, name);
    await world.lab.pass(1);
    expect(world.job.status).toBe('InProgress');
    await world.command('pause');
    open();
    await world.untilStatus('Paused');
    await world.lab.pass(3600);
    expect(world.job.status).toBe('Paused');
    await world.lab.raise(JOB_ID, 'resume');
    await world.untilStatus('Completed');
    expect(world.jobs.recorded.map(({ by }) => by)).toEqual(['ann', 'durable-event']);
  });

  it('work again and again: paused and resumed several times', async () => {
    world.records.batchesPerLane = 10;
    world.records.onBatch = ({ lane, call }) =>
      lane === 0 && call % 3 === 0 ? { kind: 'permanent', text: 'No.', recordIds: ['r'] } : undefined;
    await world.start();
    for (let round = 1; round <= 4; round++) {
      await world.untilStatus('Paused');
      expect(world.job.round).toBe(round);
      await world.lab.raise(JOB_ID, 'resume');
      await world.lab.until(() => world.job.round > round);
    }
    await world.untilStatus('Completed');
  });

  it('a resume that comes while the job is being looked at is not lost', async () => {
    world.records.onBatch = failsOnce;
    await world.start();
    await world.untilStatus('Paused');
    let raised = false;
    world.afterActivity = async (name) => {
      if (raised || name !== 'cascadeSettleJob') return;
      raised = true;
      await world.lab.raise(JOB_ID, 'resume');
    };
    await world.lab.pass(5);
    expect(raised).toBe(true);
    await world.untilStatus('Completed', 5);
  });

  it('a resume that comes in the moment in which the job becomes paused is not lost', async () => {
    world.records.onBatch = failsOnce;
    let raised = false;
    world.afterActivity = async (name, output) => {
      if (raised || name !== 'cascadeSettleJob' || (output as { next: string }).next !== 'wait') return;
      raised = true;
      await world.lab.raise(JOB_ID, 'resume');
    };
    await world.start();
    await world.untilStatus('Completed');
    expect(world.jobs.recorded).toMatchObject([{ command: 'resume', by: 'durable-event' }]);
  });
});
