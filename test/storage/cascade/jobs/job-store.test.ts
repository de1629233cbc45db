import { beforeEach, describe, expect, it } from 'vitest';
import type { Job, RecordedCommand } from '../../../../shared/cascade/jobs/job.ts';
import { type JobStore, openJobs } from '../../../../shared/cascade/jobs/job-store.ts';
import { openRootClaims, type RootClaims } from '../../../../shared/cascade/jobs/root-claims.ts';
import { createFailingStorage, type FailingStorage } from '../../../support/failing-storage.ts';
import { openTestStorage } from '../../../support/test-storage.ts';
import { JOB_ID, ROOT_ID, testJob } from '../../../unit/orchestrations/orchestration-fixture.ts';

let failing: FailingStorage;
let jobs: JobStore;
let rootClaims: RootClaims;
beforeEach(() => {
  failing = createFailingStorage();
  const storage = openTestStorage({ policies: [failing.policy] });
  jobs = openJobs(storage);
  rootClaims = openRootClaims(storage);
});

const ON = '2026-03-01T12:00:00.000Z';
const OTHER_ID = '99999999-9999-4999-8999-999999999999';
const cancel: RecordedCommand = { id: 'c1', command: 'cancel', by: 'ann', on: ON };
const canceling = (job: Job) => ({ job: { ...job, status: 'Canceling' as const }, commands: [cancel] });

describe('C13 stored jobs', () => {
  it('come back as they were put in, also with long messages', async () => {
    const text = 'ä'.repeat(1000);
    const messages = Array.from({ length: 50 }, (_, at) => ({ on: ON, level: 'info' as const, code: `c${at}`, text }));
    const job = { ...testJob(), messages };
    expect(await jobs.insert(job)).toBe('inserted');
    expect(await jobs.find(JOB_ID)).toEqual(job);
    expect(await jobs.find(OTHER_ID)).toBeUndefined();
  });

  it('are made once', async () => {
    await jobs.insert(testJob());
    expect(await jobs.insert({ ...testJob(), total: 7 })).toBe('exists');
    expect((await jobs.find(JOB_ID))?.total).toBe(0);
  });

  it('change by what is stored when the change is written: of many at once none is lost', async () => {
    await jobs.insert(testJob());
    await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        jobs.change(JOB_ID, (job) => ({ job: { ...job, retries: { ...job.retries, [at]: 1 } } })),
      ),
    );
    const job = await jobs.find(JOB_ID);
    expect(Object.keys(job?.retries ?? {})).toHaveLength(8);
    expect(job?.version).toBe(9);
  });

  it('keep their version when nothing is changed', async () => {
    await jobs.insert(testJob());
    expect((await jobs.change(JOB_ID, () => undefined))?.job.version).toBe(1);
    expect((await jobs.change(JOB_ID, (job) => ({ job })))?.job.version).toBe(1);
    expect(await jobs.change(OTHER_ID, (job) => ({ job }))).toBeUndefined();
  });

  it('record a command together with the change it makes, once', async () => {
    await jobs.insert(testJob());
    const first = await jobs.change(JOB_ID, canceling);
    expect(first?.job).toMatchObject({ status: 'Canceling', version: 2 });
    const again = await jobs.change(JOB_ID, canceling);
    expect(again?.job).toMatchObject({ status: 'Canceling', version: 2 });
    expect(await jobs.commands(JOB_ID)).toEqual([cancel]);
    expect(await jobs.findCommand(JOB_ID, 'c1')).toEqual(cancel);
  });

  it('know their own change again whose answer was lost', async () => {
    await jobs.insert(testJob());
    failing.loseAnswers(1);
    expect((await jobs.change(JOB_ID, canceling))?.job).toMatchObject({ status: 'Canceling', version: 2 });
    expect(await jobs.commands(JOB_ID)).toHaveLength(1);
  });

  it('that were abandoned can’t be made any more, and those that were made can’t be abandoned', async () => {
    expect(await jobs.abandon(JOB_ID)).toBe(true);
    expect(await jobs.abandon(JOB_ID)).toBe(true);
    expect(await jobs.insert(testJob())).toBe('abandoned');
    expect(await jobs.find(JOB_ID)).toBeUndefined();
    expect(await jobs.change(JOB_ID, canceling)).toBeUndefined();
    await jobs.insert(testJob({ jobId: OTHER_ID }));
    expect(await jobs.abandon(OTHER_ID)).toBe(false);
  });
});

describe('C21 claims on roots', () => {
  const root = { table: 'account', recordId: ROOT_ID } as const;

  it('go to one of many who ask at the same time, and the others learn whose it is', async () => {
    const asked = ['a', 'b', 'c', 'd'].map((jobId) => rootClaims.claim(root, jobId, ON));
    const holders = new Set(await Promise.all(asked));
    expect(holders.size).toBe(1);
  });

  it('are the job’s own when it asks again, also when the first answer was lost', async () => {
    failing.loseAnswers(1);
    expect(await rootClaims.claim(root, 'a', ON)).toBe('a');
    expect(await rootClaims.claim(root, 'a', ON)).toBe('a');
    expect(await rootClaims.claim(root, 'b', ON)).toBe('a');
  });

  it('are given up by their job alone', async () => {
    await rootClaims.claim(root, 'a', ON);
    await rootClaims.free(root, 'b');
    expect(await rootClaims.claim(root, 'b', ON)).toBe('a');
    await rootClaims.free(root, 'a');
    await rootClaims.free(root, 'a');
    expect(await rootClaims.claim(root, 'b', ON)).toBe('b');
  });

  it('are about one record of one table', async () => {
    await rootClaims.claim(root, 'a', ON);
    expect(await rootClaims.claim({ ...root, table: 'contact' }, 'b', ON)).toBe('b');
    const all: string[] = [];
    for await (const claim of rootClaims.all())
      all.push(`${claim.table} ${claim.recordId} ${claim.jobId} ${claim.claimedOn}`);
    expect(all).toEqual([`account ${ROOT_ID} a ${ON}`, `contact ${ROOT_ID} b ${ON}`]);
  });
});
