/**
 * The way of a job through its orchestrations, when nothing goes wrong and when somebody else has a say.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { busy, JOB_ID, OrchestrationFixture, testJob } from './orchestration-fixture.ts';

let fixture: OrchestrationFixture;
beforeEach(() => {
  fixture = new OrchestrationFixture();
});

describe('C4 an asynchronous cascade', () => {
  it('identifies, applies every batch of every lane once, and ends Completed with its root free', async () => {
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect(fixture.cascadeRecords.cursors).toEqual([undefined, '1']);
    expect([...fixture.cascadeRecords.batches].sort()).toEqual([0, 0, 0, 1, 1, 1]);
    expect(fixture.path).toEqual(['InProgress', 'Completed']);
    expect(fixture.job).toMatchObject({
      phase: 'finishing',
      total: 60,
      endCounts: { done: 60, failed: 0, skipped: 0 },
    });
    expect(fixture.job.completedOn).not.toBeNull();
    expect(fixture.rootClaims.claims.size).toBe(0);
    await fixture.hub.pass(60);
    expect(fixture.hub.instance(JOB_ID)?.status).toBe('Completed');
  });

  it('of few records changes them right after they were identified, without lanes of their own', async () => {
    fixture.cascadeRecords.batchesPerLane = 1;
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect([...fixture.cascadeRecords.batches].sort()).toEqual([0, 1]);
    expect(fixture.hub.ids()).toEqual([JOB_ID, `${JOB_ID}:identify:1`]);
    expect(fixture.job).toMatchObject({
      phase: 'finishing',
      total: 20,
      endCounts: { done: 20, failed: 0, skipped: 0 },
    });
  });

  it('of few records leaves to its lanes what failed, and is paused and resumed like any other', async () => {
    fixture.cascadeRecords.batchesPerLane = 1;
    let isBusy = true;
    fixture.cascadeRecords.onBatch = ({ lane }) => (lane === 1 && isBusy ? busy() : undefined);
    await fixture.start();
    await fixture.untilStatus('Paused');
    expect(fixture.job).toMatchObject({ pauseReason: { code: 'retries-exhausted' }, retries: { 1: 4 } });
    isBusy = false;
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
    expect(fixture.job.endCounts).toMatchObject({ done: 20 });
  });

  it('of few records, cut off right after identifying, changes them without identifying again', async () => {
    fixture.cascadeRecords.batchesPerLane = 1;
    fixture.cascadeRecords.identifySteps = 1;
    fixture.cascadeRecords.onBatch = ({ call }) => {
      if (call === 1) throw new Error('The host went away');
      return undefined;
    };
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect(fixture.cascadeRecords.cursors).toEqual([undefined]);
    expect(fixture.job.endCounts).toMatchObject({ done: 20 });
  });

  it('of few records that is to pause while it identifies changes nothing before it is resumed', async () => {
    fixture.cascadeRecords.batchesPerLane = 1;
    fixture.cascadeRecords.onIdentify = async (cursor) => {
      if (cursor === '1' && fixture.job.status === 'InProgress') await fixture.command('pause');
    };
    await fixture.start();
    await fixture.untilStatus('Paused');
    expect(fixture.cascadeRecords.batches).toEqual([]);
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
  });

  it('names its children by job, lane and round, and the instance by the job', async () => {
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect(fixture.hub.ids()).toEqual([JOB_ID, `${JOB_ID}:identify:1`, `${JOB_ID}:0:1`, `${JOB_ID}:1:1`]);
  });

  it('goes on over executions when a lane has more batches than one execution takes', async () => {
    fixture.cascadeRecords.batchesPerLane = 120;
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect(fixture.cascadeRecords.batches).toHaveLength(240);
    const lane = fixture.hub.instance(`${JOB_ID}:0:1`);
    expect(lane?.history.length).toBeLessThan(50 * 6);
  });

  it('counts retries on over the executions of a lane', async () => {
    fixture.cascadeRecords.batchesPerLane = 70;
    fixture.cascadeRecords.onBatch = ({ lane, call }) =>
      lane === 0 && (call === 2 || call === 60) ? busy() : undefined;
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect(fixture.job.retries).toEqual({ 0: 2 });
  });

  it('has its total before the first change', async () => {
    const seen: unknown[] = [];
    fixture.cascadeRecords.onBatch = () => {
      seen.push([fixture.job.phase, fixture.job.total]);
      return undefined;
    };
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(new Set(['["applying",60]']));
  });
});

describe('C12 a job whose user may no longer do it', () => {
  it('pauses at the next batch, without retries, and finishes once resumed', async () => {
    fixture.cascadeRecords.onBatch = async ({ call, check }) => {
      if (call === 2) fixture.enabled.delete('ann');
      return check(['contact'], new Set());
    };
    await fixture.start();
    await fixture.untilStatus('Paused');
    expect(fixture.job).toMatchObject({ pauseReason: { code: 'user-disabled', user: 'ann' }, retries: {} });
    expect(fixture.job.messages.filter(({ code }) => code === 'user-disabled')).toHaveLength(1);
    fixture.enabled.add('ann');
    fixture.cascadeRecords.onBatch = () => undefined;
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
  });
});

describe('C22 the switch that pauses all jobs', () => {
  it('keeps a new job waiting, and lets it go when it is off', async () => {
    fixture.settings = { ...fixture.settings, pauseAllJobs: true };
    await fixture.start();
    await fixture.hub.pass(3);
    expect(fixture.job).toMatchObject({ status: 'Waiting', startedOn: null });
    expect(fixture.cascadeRecords.cursors).toEqual([]);
    fixture.settings = { ...fixture.settings, pauseAllJobs: false };
    expect(await fixture.reconcile()).toMatchObject({ woken: 1 });
    await fixture.untilStatus('Completed');
  });

  it('stops a running job at the edge of its batches', async () => {
    fixture.cascadeRecords.onBatch = ({ call }) => {
      if (call === 2) fixture.settings = { ...fixture.settings, pauseAllJobs: true };
      return undefined;
    };
    await fixture.start();
    await fixture.untilStatus('Waiting');
    const asked = fixture.cascadeRecords.batches.length;
    expect(asked).toBeLessThanOrEqual(4);
    await fixture.hub.pass(3600);
    expect(fixture.cascadeRecords.batches).toHaveLength(asked);
    await fixture.hub.raise(JOB_ID, 'cancel');
    await fixture.hub.pass(1);
    expect(fixture.job.status, 'raw events count while paused only').toBe('Waiting');
    await fixture.command('cancel');
    await fixture.untilStatus('Canceled');
  });
});

describe('C21 a second cascade', () => {
  it('on the same root is refused with the id of the job at work, and goes once that has ended', async () => {
    const second = testJob({ jobId: '33333333-3333-4333-8333-333333333333' });
    await fixture.start();
    await expect(fixture.start(second)).rejects.toMatchObject({ status: 409, extra: { jobId: JOB_ID } });
    expect(await fixture.jobs.find(second.id)).toBeUndefined();
    await fixture.untilStatus('Completed');
    await fixture.start(second);
    await fixture.hub.until(() => fixture.jobs.stored.get(second.id)?.status === 'Completed');
  });
});
