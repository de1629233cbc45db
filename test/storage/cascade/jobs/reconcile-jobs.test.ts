import { InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { beforeEach, describe, expect, it } from 'vitest';
import { createReconcileJobs } from '../../../../functions/timers/reconcile-jobs.ts';
import { jobInstances } from '../../../../shared/cascade/jobs/job-instances.ts';
import { type JobEvent, NONE_FAILING } from '../../../../shared/cascade/jobs/job-transitions.ts';
import { NO_COUNTS } from '../../../../shared/cascade/jobs/progress.ts';
import { CLAIM_GRACE_MS, reconcileJobs, START_GRACE_MS } from '../../../../shared/cascade/jobs/reconcile-jobs.ts';
import { startJob } from '../../../../shared/cascade/jobs/start-job.ts';
import { TransactionStore } from '../../../../shared/transactions/transaction-store.ts';
import { JOB_ID, ROOT_ID, testJob } from '../../../unit/orchestrations/orchestration-fixture.ts';
import { createJobFixture, type JobFixture, START_MS } from './job-fixture.ts';

let fixture: JobFixture;
let held: boolean;
beforeEach(() => {
  fixture = createJobFixture();
  held = false;
});

const root = { table: 'account', recordId: ROOT_ID } as const;
const ON = new Date(START_MS).toISOString();
const run: JobEvent = { type: 'run', processed: 0 };
const NOTHING = { freed: 0, started: 0, woken: 0, ended: 0 };

const ports = () => ({
  jobs: fixture.jobs,
  rootClaims: fixture.rootClaims,
  cascadeRecords: fixture.cascades,
  sync: fixture.sync,
  areJobsPaused: async () => held,
  now: () => fixture.clock.nowMs,
});
const reconcile = () =>
  reconcileJobs(
    ports(),
    jobInstances(fixture.durable as unknown as DurableClient, () => {}),
  );

async function claims(): Promise<string[]> {
  const all: string[] = [];
  for await (const { jobId } of fixture.rootClaims.all()) all.push(jobId);
  return all;
}

async function putJob(...events: readonly JobEvent[]): Promise<void> {
  await fixture.rootClaims.claim(root, JOB_ID, ON);
  await fixture.jobs.insert(testJob());
  await fixture.live(JOB_ID, ...events);
}

describe('E5 reconciliation', () => {
  it('frees a claim whose job was never made, after its time of grace, and keeps the job from being made then', async () => {
    await fixture.rootClaims.claim(root, JOB_ID, ON);
    fixture.clock.nowMs += CLAIM_GRACE_MS - 1;
    expect(await reconcile()).toEqual(NOTHING);
    fixture.clock.nowMs += 1;
    expect(await reconcile()).toEqual({ ...NOTHING, freed: 1 });
    expect(await claims()).toEqual([]);
    const late = startJob(
      fixture,
      testJob(),
      jobInstances(fixture.durable as unknown as DurableClient, () => {}),
    );
    await expect(late).rejects.toMatchObject({ status: 409 });
    expect(await claims()).toEqual([]);
    expect(fixture.durable.started).toEqual([]);
  });

  it('leaves a claim whose job was made in the very moment', async () => {
    await putJob();
    fixture.clock.nowMs += CLAIM_GRACE_MS;
    fixture.durable.statuses.set(JOB_ID, 'Running');
    expect(await reconcile()).toEqual(NOTHING);
    expect(await claims()).toEqual([JOB_ID]);
  });

  it('starts a waiting job that has no orchestration, once', async () => {
    await putJob();
    fixture.clock.nowMs += START_GRACE_MS;
    expect(await reconcile()).toEqual({ ...NOTHING, started: 1 });
    expect(fixture.durable.started).toEqual([`cascadeJob ${JOB_ID}`]);
    expect(await reconcile()).toEqual(NOTHING);
  });

  it.each(['Failed', 'Terminated', 'Completed', undefined])(
    'ends a job that is at work and whose orchestration is %s',
    async (status) => {
      await putJob(run);
      if (status) fixture.durable.statuses.set(JOB_ID, status);
      expect(await reconcile()).toEqual({ ...NOTHING, ended: 1 });
      expect(await fixture.jobs.find(JOB_ID)).toMatchObject({ status: 'Failed', completedOn: ON });
      expect((await fixture.jobs.find(JOB_ID))?.messages.at(-1)).toMatchObject({ level: 'error', code: 'failed' });
      expect(await claims()).toEqual([]);
      expect(await reconcile()).toEqual(NOTHING);
    },
  );

  it('ends a job that was to be cancelled Canceled, not Failed', async () => {
    await putJob(run, { type: 'command', command: 'cancel', by: 'ann' });
    expect(await reconcile()).toEqual({ ...NOTHING, ended: 1 });
    expect(await fixture.jobs.find(JOB_ID)).toMatchObject({ status: 'Canceled' });
  });

  it('frees the root of a job that has ended', async () => {
    await putJob(run, { type: 'drained', counts: NO_COUNTS, failing: NONE_FAILING });
    expect(await reconcile()).toEqual({ ...NOTHING, freed: 1 });
    expect(await claims()).toEqual([]);
    expect(await fixture.jobs.find(JOB_ID)).toMatchObject({ status: 'Completed' });
  });

  it('wakes a resting orchestration whose job wants something, and no other', async () => {
    const paused: JobEvent[] = [
      run,
      { type: 'failing', reason: { code: 'retries-exhausted' }, text: 'No.' },
      { type: 'stopped', counts: NO_COUNTS },
    ];
    await putJob(...paused);
    fixture.durable.statuses.set(JOB_ID, 'Running');
    expect(await reconcile()).toEqual(NOTHING);
    await fixture.live(JOB_ID, { type: 'command', command: 'resume', by: 'ann' });
    expect(await reconcile()).toEqual({ ...NOTHING, woken: 1 });
    expect(fixture.durable.raised).toEqual([`wake ${JOB_ID}`]);
    await fixture.live(JOB_ID, run);
    expect(await reconcile()).toEqual(NOTHING);
  });

  it('C22 wakes a job that waits for the switch only once that is off', async () => {
    await putJob({ type: 'pauseAll' });
    fixture.durable.statuses.set(JOB_ID, 'Running');
    held = true;
    expect(await reconcile()).toEqual(NOTHING);
    held = false;
    expect(await reconcile()).toEqual({ ...NOTHING, woken: 1 });
  });

  it('does nothing to a job of whose orchestration it can’t find out, and tells the failure', async () => {
    await putJob(run);
    fixture.durable.failure = new Error('connection refused');
    await expect(reconcile()).rejects.toThrow('connection refused');
    expect(await fixture.jobs.find(JOB_ID)).toMatchObject({ status: 'InProgress' });
  });

  it('is what the timer does, which tells what it has done', async () => {
    await putJob(run);
    const told: unknown[] = [];
    const context = new InvocationContext({ logHandler: (_level, ...args) => told.push(...args) });
    const timer = createReconcileJobs({
      ...ports(),
      storage: fixture.storage,
      transactions: new TransactionStore(fixture.storage),
    });
    await timer({} as never, fixture.durable as unknown as DurableClient, context);
    expect(told).toEqual(['Jobs: 1 ended.']);
    await timer({} as never, fixture.durable as unknown as DurableClient, context);
    expect(told).toHaveLength(1);
  });
});
