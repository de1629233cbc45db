/**
 * What is left after a crash or a termination, and what becomes of it.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { gate, JOB_ID, OrchestrationFixture } from './orchestration-fixture.ts';

let fixture: OrchestrationFixture;
beforeEach(() => {
  fixture = new OrchestrationFixture();
});

describe('E5 jobs, claims and orchestrations after a crash', () => {
  it('a terminated job ends Failed by reconciliation, and its lanes, which live on, stop at their next batch', async () => {
    const open = await fixture.startHeld(2);
    await fixture.hub.terminate(JOB_ID);
    await fixture.hub.pass(1);
    expect(fixture.hub.instance(`${JOB_ID}:0:1`)?.status).toBe('Running');
    expect(await fixture.reconcile()).toMatchObject({ ended: 1 });
    expect(fixture.job.status).toBe('Failed');
    expect(fixture.rootClaims.claims.size).toBe(0);
    open();
    await fixture.hub.pass(1);
    expect(fixture.hub.instance(`${JOB_ID}:0:1`)?.status).toBe('Completed');
    expect(fixture.cascadeRecords.batches).toHaveLength(4);
  });

  it('a job that was stored and never started is started by reconciliation', async () => {
    const start = fixture.instances.start;
    Object.assign(fixture.instances, { start: async () => undefined });
    await fixture.start();
    Object.assign(fixture.instances, { start });
    expect(await fixture.reconcile()).toMatchObject({ started: 0 });
    await fixture.hub.pass(11);
    expect(await fixture.reconcile()).toMatchObject({ started: 1 });
    await fixture.untilStatus('Completed');
  });

  it('lanes that outlived their orchestration do nothing more once another one has begun a round', async () => {
    const first = gate();
    const second = gate();
    fixture.cascadeRecords.batchesPerLane = 10;
    fixture.cascadeRecords.onBatch = async ({ call }) => {
      if (call === 2) await first.opened;
      if (call === 4) await second.opened;
      return undefined;
    };
    await fixture.start();
    await fixture.hub.pass(1);
    await fixture.hub.terminate(JOB_ID);
    await fixture.hub.pass(1);
    await fixture.instances.start(JOB_ID);
    await fixture.hub.pass(1);
    expect(fixture.hub.ids()).toContain(`${JOB_ID}:0:2`);
    const batches = fixture.cascadeRecords.batches.length;
    first.open();
    await fixture.hub.pass(1);
    expect(fixture.hub.instance(`${JOB_ID}:0:1`)?.output).toBe('"stopped"');
    expect(fixture.cascadeRecords.batches).toHaveLength(batches);
    second.open();
    await fixture.untilStatus('Completed');
  });

  it('a second start of a job that has ended does nothing', async () => {
    await fixture.start();
    await fixture.untilStatus('Completed');
    await fixture.hub.start('cascadeJob', JOB_ID, { jobId: JOB_ID });
    await fixture.hub.pass(60);
    expect(fixture.job.status).toBe('Completed');
    expect(fixture.cascadeRecords.batches).toHaveLength(6);
  });

  it('books that are kept twice, as after a crash before an answer, change nothing', async () => {
    const crashed = new Set<string>();
    fixture.afterActivity = (name) => {
      if (crashed.has(name)) return;
      crashed.add(name);
      throw new Error('The host went away before it answered');
    };
    fixture.cascadeRecords.onBatch = ({ lane, call }) =>
      lane === 0 && call === 3 ? { kind: 'permanent', text: 'No.', recordIds: ['r'] } : undefined;
    await fixture.start();
    await fixture.untilStatus('Paused');
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
    expect(crashed).toContain('cascadeNotePause');
    expect(fixture.job.messages.filter(({ code }) => code === 'permanent-error')).toHaveLength(1);
  });
});
