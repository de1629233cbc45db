/**
 * Commands. The bugs hunted: a command that is overseen because its event came too early, too late, twice or not at all; a job
 * that ends while a lane of it still works.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { busy, failsOnce, gate, JOB_ID, OrchestrationFixture } from './orchestration-fixture.ts';

let fixture: OrchestrationFixture;
beforeEach(() => {
  fixture = new OrchestrationFixture();
});

describe('C15 pause and cancel', () => {
  it('take effect at the edge of the batch: what runs ends, nothing more begins', async () => {
    const open = await fixture.startHeld();
    expect(fixture.cascadeRecords.batches).toHaveLength(2);
    expect((await fixture.command('pause')).status).toBe('Pausing');
    await fixture.hub.pass(5);
    expect(fixture.job.status).toBe('Pausing');
    open();
    await fixture.untilStatus('Paused');
    expect(fixture.cascadeRecords.batches).toHaveLength(2);
    expect(fixture.job.messages.at(-1)?.text).toBe(
      'Paused after 20 of 60 records. Finished records keep their new value.',
    );
  });

  it('met while a lane waits to retry take effect before it tries again', async () => {
    fixture.settings = { ...fixture.settings, retry: { maxAttempts: 5, firstDelaySeconds: 20, maxDelaySeconds: 20 } };
    fixture.cascadeRecords.onBatch = busy;
    await fixture.start();
    await fixture.hub.pass(5);
    await fixture.command('pause');
    const asked = fixture.cascadeRecords.batches.length;
    await fixture.untilStatus('Paused', 30);
    expect(fixture.cascadeRecords.batches).toHaveLength(asked);
    expect(fixture.job.pauseReason).toEqual({ code: 'by-command', user: 'ann' });
  });

  it.each(['InProgress', 'Pausing', 'Paused'] as const)(
    'cancel ends a job that is %s, and says how many it changed',
    async (status) => {
      const open = await fixture.startHeld(2);
      if (status !== 'InProgress') await fixture.command('pause');
      if (status === 'Paused') open();
      await fixture.untilStatus(status);
      expect((await fixture.command('cancel')).status).toBe('Canceling');
      open();
      await fixture.untilStatus('Canceled');
      expect(fixture.job.endCounts).toMatchObject({ done: 40 });
      expect(fixture.job.messages.at(-1)).toMatchObject({
        code: 'canceled',
        text: expect.stringContaining('40 records'),
      });
      expect(fixture.rootClaims.claims.size).toBe(0);
      expect(fixture.cascadeRecords.notedLanes).toEqual(expect.arrayContaining([0, 1]));
      await fixture.hub.pass(60);
      expect(fixture.hub.instance(JOB_ID)?.status).toBe('Completed');
    },
  );

  it('cancel outranks a resume that is asked for at the same time', async () => {
    fixture.cascadeRecords.onBatch = failsOnce;
    await fixture.start();
    await fixture.untilStatus('Paused');
    const batches = fixture.cascadeRecords.batches.length;
    await Promise.all([fixture.command('resume'), fixture.command('cancel')]);
    await fixture.untilStatus('Canceled');
    expect(fixture.cascadeRecords.batches).toHaveLength(batches);
  });

  it('a pause that comes when nothing is left doesn’t keep the job from completing', async () => {
    const open = await fixture.startHeld(3);
    await fixture.command('pause');
    open();
    await fixture.untilStatus('Completed');
  });

  it('a paused job that nobody resumes ends Failed after 30 days, with few looks at it on the way', async () => {
    fixture.cascadeRecords.onBatch = failsOnce;
    await fixture.start();
    await fixture.untilStatus('Paused');
    await fixture.hub.pass(29 * 24 * 3600);
    expect(fixture.job.status).toBe('Paused');
    await fixture.hub.pass(2 * 24 * 3600);
    expect(fixture.job.status).toBe('Failed');
    expect(fixture.hub.instance(JOB_ID)?.history.length).toBeLessThan(1500);
    expect(fixture.rootClaims.claims.size).toBe(0);
  });
});

describe('C15 a command is stored, its event only wakes', () => {
  it('a resume whose wake is lost is seen by the next look at the job', async () => {
    fixture.cascadeRecords.onBatch = failsOnce;
    await fixture.start();
    await fixture.untilStatus('Paused');
    fixture.loseWakes = true;
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
  });

  it('a resume whose wake is lost is seen at once when reconciliation wakes the job', async () => {
    fixture.cascadeRecords.onBatch = failsOnce;
    await fixture.start();
    await fixture.untilStatus('Paused');
    await fixture.hub.pass(24 * 3600);
    fixture.loseWakes = true;
    await fixture.command('resume');
    fixture.loseWakes = false;
    expect(await fixture.reconcile()).toMatchObject({ woken: 1 });
    await fixture.untilStatus('Completed', 5);
    await fixture.hub.pass(1);
    expect(fixture.hub.instance(JOB_ID)?.status, 'no timer keeps the instance alive').toBe('Completed');
  });

  it('the same command asked for again under its id is applied once', async () => {
    const { opened, open } = gate();
    fixture.cascadeRecords.onBatch = async () => {
      await opened;
      return undefined;
    };
    await fixture.start();
    await fixture.hub.pass(0);
    const first = await fixture.command('cancel', 'once');
    open();
    await fixture.untilStatus('Canceled');
    const again = await fixture.command('cancel', 'once');
    expect(again.version).toBeGreaterThanOrEqual(first.version);
    expect(fixture.jobs.recorded.filter(({ command }) => command === 'cancel')).toHaveLength(1);
  });

  it('a command that the state doesn’t allow is refused with those that it does', async () => {
    await fixture.start();
    await expect(fixture.command('resume')).rejects.toMatchObject({
      status: 409,
      extra: { legalCommands: ['cancel'] },
    });
    await fixture.untilStatus('Completed');
    await expect(fixture.command('cancel')).rejects.toMatchObject({ status: 409, extra: { legalCommands: ['undo'] } });
  });
});
