/**
 * Failed records: a job works off all the others, pauses with their names, and goes on as it is told. The bugs hunted: a job
 * that completes over failed records; a command that is lost, applied twice, or after a cancel.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { JOB_ID, OrchestrationFixture } from './orchestration-fixture.ts';

let fixture: OrchestrationFixture;
beforeEach(async () => {
  fixture = new OrchestrationFixture();
  for (const id of ['p1', 'p2', 'p3']) fixture.cascadeRecords.failed.add(id);
  await fixture.start();
  await fixture.untilStatus('Paused');
});

describe('C19 a job with failed records', () => {
  it('works off all others, then pauses naming exactly those', () => {
    expect(fixture.job.pauseReason).toEqual({ code: 'permanent-error', records: ['p1', 'p2', 'p3'] });
    expect(fixture.job.messages.at(-2)?.text).toContain('It is poison.');
    expect(fixture.cascadeRecords.batches).toHaveLength(6);
  });

  it('tries those again that are named, and pauses for the others', async () => {
    await fixture.command('retry', 'c', ['p2', 'p3']);
    await fixture.hub.until(() => fixture.job.round === 2 && fixture.job.status === 'Paused');
    expect(fixture.cascadeRecords.commandsOnFailed).toEqual(['retry p2 p3']);
    expect(fixture.job.pauseReason?.records).toEqual(['p1']);
  });

  it('passes over what is skipped, counts it, and completes', async () => {
    await fixture.command('skip');
    await fixture.untilStatus('Completed');
    expect(fixture.cascadeRecords.commandsOnFailed).toEqual(['skip']);
    expect(fixture.job.endCounts).toMatchObject({ done: 57, failed: 0, skipped: 3 });
  });

  it('tries all again when it is resumed', async () => {
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
    expect(fixture.cascadeRecords.commandsOnFailed).toEqual(['retry']);
    expect(fixture.job.endCounts).toMatchObject({ done: 60, failed: 0 });
  });

  it('takes the raw event skip as the command', async () => {
    await fixture.hub.raise(JOB_ID, 'skip');
    await fixture.untilStatus('Completed');
    expect(fixture.cascadeRecords.commandsOnFailed).toEqual(['skip']);
    expect(fixture.jobs.recorded).toMatchObject([{ command: 'skip', by: 'durable-event' }]);
  });

  it('cancelled right after a skip, passes over nothing', async () => {
    await Promise.all([fixture.command('skip'), fixture.command('cancel')]);
    await fixture.untilStatus('Canceled');
    expect(fixture.cascadeRecords.commandsOnFailed).toEqual([]);
    expect(fixture.job.endCounts).toMatchObject({ failed: 3, skipped: 0 });
  });

  it('a command whose host dies right after it was applied counts once', async () => {
    let dead = false;
    fixture.afterActivity = (name) => {
      if (name !== 'cascadeSettleJob' || dead) return;
      dead = true;
      throw new Error('The host died.');
    };
    await fixture.command('skip');
    await fixture.untilStatus('Completed');
    expect(fixture.job.endCounts).toMatchObject({ skipped: 3 });
    expect(fixture.job.round).toBe(3);
  });

  it('refuses names that it doesn’t name, and both commands once it goes on', async () => {
    await expect(fixture.command('skip', 'c1', ['p1', 'other'])).rejects.toMatchObject({ status: 422 });
    await fixture.command('skip', 'c2', ['p1']);
    await expect(fixture.command('retry', 'c3', ['p2'])).rejects.toMatchObject({ status: 409 });
  });
});
