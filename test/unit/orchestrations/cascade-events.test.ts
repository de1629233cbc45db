/**
 * Raw events on a job's instance: they count while the job is paused, each once, and never before or after.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { failsOnce, JOB_ID, OrchestrationFixture } from './orchestration-fixture.ts';

let fixture: OrchestrationFixture;
beforeEach(() => {
  fixture = new OrchestrationFixture();
});

describe('C11 Durable’s own events on the instance', () => {
  it.each([
    ['resume', 'Completed'],
    ['cancel', 'Canceled'],
  ] as const)(
    '%s does while the job is paused what the command does, and is recorded as by durable-event',
    async (name, status) => {
      fixture.cascadeRecords.onBatch = failsOnce;
      await fixture.start();
      await fixture.untilStatus('Paused');
      await fixture.hub.raise(JOB_ID, name);
      await fixture.untilStatus(status);
      expect(fixture.jobs.recorded).toMatchObject([{ command: name, by: 'durable-event' }]);
    },
  );

  it('resume twice resumes once', async () => {
    fixture.cascadeRecords.onBatch = failsOnce;
    await fixture.start();
    await fixture.untilStatus('Paused');
    await fixture.hub.raise(JOB_ID, 'resume');
    await fixture.hub.raise(JOB_ID, 'resume');
    await fixture.untilStatus('Completed');
    expect(fixture.jobs.recorded).toHaveLength(1);
  });

  it('cancel outranks a resume that came just before', async () => {
    fixture.cascadeRecords.onBatch = failsOnce;
    await fixture.start();
    await fixture.untilStatus('Paused');
    const batches = fixture.cascadeRecords.batches.length;
    await fixture.hub.raise(JOB_ID, 'resume');
    await fixture.hub.raise(JOB_ID, 'cancel');
    await fixture.untilStatus('Canceled');
    expect(fixture.cascadeRecords.batches).toHaveLength(batches);
  });

  it('do nothing while the job runs, also not when it pauses later', async () => {
    const open = await fixture.startHeld(2);
    for (const name of ['resume', 'cancel', 'skip', 'resume', 'resume']) await fixture.hub.raise(JOB_ID, name);
    await fixture.hub.pass(1);
    expect(fixture.job.status).toBe('InProgress');
    await fixture.command('pause');
    open();
    await fixture.untilStatus('Paused');
    await fixture.hub.pass(3600);
    expect(fixture.job.status).toBe('Paused');
    await fixture.hub.raise(JOB_ID, 'resume');
    await fixture.untilStatus('Completed');
    expect(fixture.jobs.recorded.map(({ by }) => by)).toEqual(['ann', 'durable-event']);
  });

  it('work again and again: paused and resumed several times', async () => {
    fixture.cascadeRecords.batchesPerLane = 10;
    fixture.cascadeRecords.onBatch = ({ lane, call }) =>
      lane === 0 && call % 3 === 0 ? { kind: 'permanent', text: 'No.', recordIds: ['r'] } : undefined;
    await fixture.start();
    for (let round = 1; round <= 4; round++) {
      await fixture.untilStatus('Paused');
      expect(fixture.job.round).toBe(round);
      await fixture.hub.raise(JOB_ID, 'resume');
      await fixture.hub.until(() => fixture.job.round > round);
    }
    await fixture.untilStatus('Completed');
  });

  it('a resume that comes while the job is being looked at is not lost', async () => {
    fixture.cascadeRecords.onBatch = failsOnce;
    await fixture.start();
    await fixture.untilStatus('Paused');
    let raised = false;
    fixture.afterActivity = async (name) => {
      if (raised || name !== 'cascadeSettleJob') return;
      raised = true;
      await fixture.hub.raise(JOB_ID, 'resume');
    };
    await fixture.hub.pass(5);
    expect(raised).toBe(true);
    await fixture.untilStatus('Completed', 5);
  });

  it('a resume that comes in the moment in which the job becomes paused is not lost', async () => {
    fixture.cascadeRecords.onBatch = failsOnce;
    let raised = false;
    fixture.afterActivity = async (name, output) => {
      if (raised || name !== 'cascadeSettleJob' || (output as { next: string }).next !== 'wait') return;
      raised = true;
      await fixture.hub.raise(JOB_ID, 'resume');
    };
    await fixture.start();
    await fixture.untilStatus('Completed');
    expect(fixture.jobs.recorded).toMatchObject([{ command: 'resume', by: 'durable-event' }]);
  });
});
