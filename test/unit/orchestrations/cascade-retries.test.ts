/**
 * What the orchestrations make of failures. The bugs hunted: retries that nobody sees, a job that dies because its books
 * couldn't be written, work that is done again after a resume.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { StorageUnavailable } from '../../../shared/storage/storage-errors.ts';
import { busy, JOB_ID, OrchestrationFixture } from './orchestration-fixture.ts';

let fixture: OrchestrationFixture;
beforeEach(() => {
  fixture = new OrchestrationFixture();
});

describe('C22 the pace', () => {
  it('many failing batches over all lanes pause the job before any lane has used up its attempts', async () => {
    fixture.settings = { ...fixture.settings, retry: { maxAttempts: 50, firstDelaySeconds: 1, maxDelaySeconds: 1 } };
    fixture.cascadeRecords.batchesPerLane = 100;
    fixture.cascadeRecords.onBatch = ({ call }) => (call % 2 === 0 ? busy() : undefined);
    await fixture.start();
    await fixture.untilStatus('Paused');
    expect(fixture.job.pauseReason).toEqual({ code: 'circuit-breaker' });
    expect(fixture.job.messages.find(({ code }) => code === 'circuit-breaker')?.text).toMatch(
      /^10 of the last 20 batches failed, the last one: Storage is busy\./,
    );
    fixture.cascadeRecords.onBatch = () => undefined;
    await fixture.command('resume');
    await fixture.untilStatus('Completed', 600);
  });

  it('batches get smaller while storage is busy, and grow again after', async () => {
    fixture.cascadeRecords.batchesPerLane = 40;
    fixture.cascadeRecords.onBatch = ({ call }) => {
      if (call <= 2) fixture.busyCount++;
      return undefined;
    };
    await fixture.start();
    await fixture.untilStatus('Completed', 600);
    const { sizes } = fixture.cascadeRecords;
    expect(Math.min(...sizes)).toBeLessThan(sizes[0] ?? 0);
    expect(sizes.at(-1)).toBe(40);
  });
});

describe('C11 a failing batch', () => {
  it('is tried again after growing waits that the job counts and tells while they last', async () => {
    fixture.cascadeRecords.onBatch = ({ lane, call }) => (lane === 0 && call <= 2 ? busy() : undefined);
    await fixture.start();
    await fixture.hub.pass(0);
    expect(fixture.job).toMatchObject({ status: 'InProgress', retries: { 0: 1 } });
    expect(fixture.job.messages.at(-1)).toMatchObject({
      level: 'warning',
      code: 'retry',
      text: 'Storage is busy. Attempt 2 of 5 in 1 s.',
    });
    await fixture.hub.pass(1);
    expect(fixture.job.retries).toEqual({ 0: 2 });
    await fixture.untilStatus('Completed');
    expect(fixture.cascadeRecords.batches.filter((lane) => lane === 0)).toHaveLength(5);
  });

  it('pauses the job with the reason once the attempts are used up; resumed it goes on from there', async () => {
    let isBroken = true;
    fixture.cascadeRecords.onBatch = ({ lane, call }) => (lane === 1 && call > 1 && isBroken ? busy() : undefined);
    await fixture.start();
    await fixture.untilStatus('Paused');
    expect(fixture.job).toMatchObject({ pauseReason: { code: 'retries-exhausted' }, retries: { 1: 4 }, idle: true });
    expect(fixture.job.messages.filter(({ level }) => level === 'error')).toHaveLength(1);
    const doneBefore = [...fixture.cascadeRecords.batches];
    expect(doneBefore.filter((lane) => lane === 1)).toHaveLength(1 + 5);
    isBroken = false;
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
    expect(fixture.cascadeRecords.batches.slice(doneBefore.length).filter((lane) => lane === 1)).toHaveLength(2);
    expect(fixture.cascadeRecords.cursors, 'identifying is not done again').toHaveLength(2);
    expect(fixture.job).toMatchObject({ pauseReason: null, endCounts: { done: 60 }, retries: { 1: 4 } });
  });

  it('stops the other lanes at the edge of their batches', async () => {
    fixture.cascadeRecords.batchesPerLane = 1000;
    fixture.cascadeRecords.onBatch = ({ lane, call }) =>
      lane === 0 && call === 2 ? { kind: 'permanent', text: 'No.', recordIds: ['r1'] } : undefined;
    await fixture.start();
    await fixture.untilStatus('Paused');
    expect(fixture.cascadeRecords.batches.filter((lane) => lane === 1).length).toBeLessThan(20);
    expect(fixture.job.pauseReason).toEqual({ code: 'permanent-error', records: ['r1'] });
  });

  it('that throws is treated like one that says so', async () => {
    fixture.cascadeRecords.onBatch = ({ call }) => {
      if (call === 1) throw new StorageUnavailable('write account', new Error('503'));
      return undefined;
    };
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect(fixture.job.retries).toEqual({ 0: 1, 1: 1 });
    expect(fixture.job.messages.find(({ code }) => code === 'retry')?.text).toContain("Storage didn't answer");
  });

  it('whose host dies is tried again', async () => {
    let deaths = 0;
    fixture.beforeActivity = (name) => {
      if (name === 'cascadeApplyBatch' && ++deaths === 1) throw new Error('The host went away');
    };
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect(Object.values(fixture.job.retries)).toEqual([1]);
  });

  it('counts a retry that could not be told when the next attempt reaches the job', async () => {
    fixture.cascadeRecords.onBatch = ({ lane, call }) => (lane === 0 && call === 1 ? busy() : undefined);
    fixture.beforeActivity = (name) => {
      if (name === 'cascadeNoteRetry') throw new StorageUnavailable('change job', new Error('503'));
    };
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect(fixture.job.retries).toEqual({ 0: 1 });
  });

  it('while storage is away altogether leaves the job standing, and it pauses when storage is back', async () => {
    let isAway = false;
    fixture.beforeActivity = () => {
      if (isAway) throw new StorageUnavailable('read jobs', new Error('503'));
    };
    fixture.cascadeRecords.onBatch = ({ lane, call }) => {
      if (lane === 0 && call === 2) isAway = true;
      return undefined;
    };
    await fixture.start();
    await fixture.hub.pass(300);
    expect(fixture.job.status).toBe('InProgress');
    isAway = false;
    await fixture.untilStatus('Paused');
    expect(fixture.job.pauseReason?.code).toBe('retries-exhausted');
    expect(fixture.hub.instance(JOB_ID)?.status).toBe('Running');
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
  });

  it('of identifying pauses the job, and it goes on from its cursor', async () => {
    let isBroken = true;
    fixture.cascadeRecords.onIdentify = (cursor) => {
      if (cursor === '1' && isBroken) throw new StorageUnavailable('query hints', new Error('503'));
    };
    await fixture.start();
    await fixture.untilStatus('Paused');
    expect(fixture.job).toMatchObject({ phase: 'identifying', cursor: '1', retries: { identify: 4 } });
    expect(fixture.hub.ids()).toEqual([JOB_ID, `${JOB_ID}:identify:1`]);
    isBroken = false;
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
    expect(fixture.cascadeRecords.cursors).toEqual([undefined, '1', '1', '1', '1', '1', '1']);
  });
});
