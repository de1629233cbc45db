/**
 * The orchestrations of a cascade, over the real library and the local host's engine. The bugs that these tests hunt: a
 * wish that is overseen because its event came too early, too late, twice or not at all; a job that ends while a lane of
 * it still works; retries that nobody sees; a job that dies because its books couldn't be written.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { StorageUnavailable } from '../../../shared/storage/storage-errors.ts';
import { CascadeWorld, JOB_ID, testJob } from './cascade-world.ts';

let world: CascadeWorld;
beforeEach(() => {
  world = new CascadeWorld();
});

const busy = () => ({ kind: 'transient', text: 'Storage is busy.', durationMs: 1 }) as const;

/** Holds a batch until it is let go. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

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
    isBroken = false;
    await world.command('resume');
    await world.untilStatus('Completed');
    expect(world.records.cursors).toEqual([undefined, '1', '1', '1', '1', '1', '1']);
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

describe('C15 pause and cancel', () => {
  it('take effect at the edge of the batch: what runs ends, nothing more begins', async () => {
    const { opened, open } = gate();
    world.records.onBatch = async () => {
      await opened;
      return undefined;
    };
    await world.start();
    await world.lab.pass(1);
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
      const { opened, open } = gate();
      world.records.onBatch = async ({ call }) => {
        if (call === 2) await opened;
        return undefined;
      };
      await world.start();
      await world.lab.pass(1);
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
    world.records.onBatch = ({ call }) =>
      call === 2 ? { kind: 'permanent', text: 'No.', recordIds: ['r'] } : undefined;
    await world.start();
    await world.untilStatus('Paused');
    const batches = world.records.batches.length;
    await Promise.all([world.command('resume'), world.command('cancel')]);
    await world.untilStatus('Canceled');
    expect(world.records.batches).toHaveLength(batches);
  });

  it('a pause that comes when nothing is left doesn’t keep the job from completing', async () => {
    const { opened, open } = gate();
    world.records.onBatch = async ({ call }) => {
      if (call === 3) await opened;
      return undefined;
    };
    await world.start();
    await world.lab.pass(1);
    await world.command('pause');
    open();
    await world.untilStatus('Completed');
  });

  it('a paused job that nobody resumes ends Failed after 30 days, with few looks at it on the way', async () => {
    world.records.onBatch = ({ call }) =>
      call === 2 ? { kind: 'permanent', text: 'No.', recordIds: ['r'] } : undefined;
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

describe('law 16: a wish is stored, its event only wakes', () => {
  const pausing = () => {
    world.records.onBatch = ({ call }) =>
      call === 2 ? { kind: 'permanent', text: 'No.', recordIds: ['r'] } : undefined;
  };

  it('a resume whose wake is lost is seen by the next look at the job', async () => {
    pausing();
    await world.start();
    await world.untilStatus('Paused');
    world.loseWakes = true;
    await world.command('resume');
    await world.untilStatus('Completed');
  });

  it('a resume whose wake is lost is seen at once when reconciliation wakes the job', async () => {
    pausing();
    await world.start();
    await world.untilStatus('Paused');
    await world.lab.pass(24 * 3600);
    world.loseWakes = true;
    await world.command('resume');
    world.loseWakes = false;
    expect(await world.reconcile()).toMatchObject({ woken: 1 });
    await world.untilStatus('Completed', 5);
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

describe('C11 Durable’s own events on the instance', () => {
  const pausing = () => {
    world.records.onBatch = ({ call }) =>
      call === 2 ? { kind: 'permanent', text: 'No.', recordIds: ['r'] } : undefined;
  };

  it.each([
    ['resume', 'Completed'],
    ['cancel', 'Canceled'],
  ] as const)(
    '%s does while the job is paused what the command does, and is recorded as by durable-event',
    async (name, status) => {
      pausing();
      await world.start();
      await world.untilStatus('Paused');
      await world.lab.raise(JOB_ID, name);
      await world.untilStatus(status);
      expect(world.jobs.recorded).toMatchObject([{ command: name, by: 'durable-event' }]);
    },
  );

  it('resume twice resumes once', async () => {
    pausing();
    await world.start();
    await world.untilStatus('Paused');
    await world.lab.raise(JOB_ID, 'resume');
    await world.lab.raise(JOB_ID, 'resume');
    await world.untilStatus('Completed');
    expect(world.jobs.recorded).toHaveLength(1);
  });

  it('cancel outranks a resume that came just before', async () => {
    pausing();
    await world.start();
    await world.untilStatus('Paused');
    const batches = world.records.batches.length;
    await world.lab.raise(JOB_ID, 'resume');
    await world.lab.raise(JOB_ID, 'cancel');
    await world.untilStatus('Canceled');
    expect(world.records.batches).toHaveLength(batches);
  });

  it('do nothing while the job runs, also not when it pauses later', async () => {
    const { opened, open } = gate();
    world.records.onBatch = async ({ call }) => {
      if (call === 2) await opened;
      return undefined;
    };
    await world.start();
    await world.lab.pass(1);
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
      await world.lab.raise(JOB_ID, 'skip');
      await world.lab.pass(2);
      expect(world.job.status).toBe('Paused');
      await world.lab.raise(JOB_ID, 'resume');
      await world.lab.until(() => world.job.round > round);
    }
    await world.untilStatus('Completed');
  });

  it('a resume that comes in the moment in which the job becomes paused is not lost', async () => {
    pausing();
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

describe('law 15: jobs, claims and orchestrations after a crash', () => {
  it('a terminated job ends Failed by reconciliation, and its lanes, which live on, stop at their next batch', async () => {
    const { opened, open } = gate();
    world.records.onBatch = async ({ call }) => {
      if (call === 2) await opened;
      return undefined;
    };
    await world.start();
    await world.lab.pass(1);
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
