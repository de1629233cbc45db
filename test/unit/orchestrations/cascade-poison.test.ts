/**
 * Failed records: a job works off all the others, pauses with their names, and goes on as it is told. The bugs hunted: a job
 * that completes over failed records; a wish that is lost, fulfilled twice, or after a cancel.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { CascadeWorld, JOB_ID } from './cascade-world.ts';

let world: CascadeWorld;
beforeEach(async () => {
  world = new CascadeWorld();
  for (const id of ['p1', 'p2', 'p3']) world.records.failed.add(id);
  await world.start();
  await world.untilStatus('Paused');
});

describe('C19 a job with failed records', () => {
  it('works off all others, then pauses naming exactly those', () => {
    expect(world.job.pauseReason).toEqual({ code: 'permanent-error', records: ['p1', 'p2', 'p3'] });
    expect(world.job.messages.at(-2)?.text).toContain('It is poison.');
    expect(world.records.batches).toHaveLength(6);
  });

  it('tries those again that are named, and pauses for the others', async () => {
    await world.command('retry', 'c', ['p2', 'p3']);
    await world.lab.until(() => world.job.round === 2 && world.job.status === 'Paused');
    expect(world.records.tended).toEqual(['retry p2 p3']);
    expect(world.job.pauseReason?.records).toEqual(['p1']);
  });

  it('passes over what is skipped, counts it, and completes', async () => {
    await world.command('skip');
    await world.untilStatus('Completed');
    expect(world.records.tended).toEqual(['skip']);
    expect(world.job.endCounts).toMatchObject({ done: 57, failed: 0, skipped: 3 });
  });

  it('tries all again when it is resumed', async () => {
    await world.command('resume');
    await world.untilStatus('Completed');
    expect(world.records.tended).toEqual(['retry']);
    expect(world.job.endCounts).toMatchObject({ done: 60, failed: 0 });
  });

  it('takes the raw event skip as the command', async () => {
    await world.lab.raise(JOB_ID, 'skip');
    await world.untilStatus('Completed');
    expect(world.records.tended).toEqual(['skip']);
    expect(world.jobs.recorded).toMatchObject([{ command: 'skip', by: 'durable-event' }]);
  });

  it('cancelled right after a skip, passes over nothing', async () => {
    await Promise.all([world.command('skip'), world.command('cancel')]);
    await world.untilStatus('Canceled');
    expect(world.records.tended).toEqual([]);
    expect(world.job.endCounts).toMatchObject({ failed: 3, skipped: 0 });
  });

  it('a wish whose host dies right after it was fulfilled counts once', async () => {
    let dead = false;
    world.afterActivity = (name) => {
      if (name !== 'cascadeSettleJob' || dead) return;
      dead = true;
      throw new Error('The host died.');
    };
    await world.command('skip');
    await world.untilStatus('Completed');
    expect(world.job.endCounts).toMatchObject({ skipped: 3 });
    expect(world.job.round).toBe(3);
  });

  it('refuses names that it doesn’t name, and both commands once it goes on', async () => {
    await expect(world.command('skip', 'c1', ['p1', 'other'])).rejects.toMatchObject({ status: 422 });
    await world.command('skip', 'c2', ['p1']);
    await expect(world.command('retry', 'c3', ['p2'])).rejects.toMatchObject({ status: 409 });
  });
});
