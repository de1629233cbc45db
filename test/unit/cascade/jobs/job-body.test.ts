import { describe, expect, it } from 'vitest';
import { FIRST_PACE } from '../../../../shared/cascade/jobs/batch-pace.ts';
import type { EndCounts, Job } from '../../../../shared/cascade/jobs/job.ts';
import { toJobBody } from '../../../../shared/cascade/jobs/job-body.ts';
import { NO_COUNTS, sumLanes } from '../../../../shared/cascade/jobs/progress.ts';
import { JOB_ID, ROOT_ID, testJob } from '../../orchestrations/orchestration-fixture.ts';

const START = '2026-03-01T12:00:00.000Z';
const startMs = Date.parse(START);
const counts: EndCounts = {
  done: 30,
  failed: 1,
  skipped: 9,
  byTable: { contact: { done: 29, failed: 1, skipped: 9 }, account: { done: 1, failed: 0, skipped: 0 } },
  heartbeatOn: '2026-03-01T12:00:09.000Z',
};
const running: Job = {
  ...testJob(),
  status: 'InProgress',
  phase: 'applying',
  startedOn: START,
  roundOn: START,
  round: 1,
  total: 100,
  totalByTable: { account: 1, contact: 99 },
  heartbeatOn: START,
  retries: { 0: 2, identify: 1 },
};

describe('C13, C18 the JSON of a job', () => {
  it('has all that the interface promises', () => {
    expect(toJobBody(running, counts, FIRST_PACE, startMs + 10_000)).toEqual({
      id: JOB_ID,
      name: `Assign account ${ROOT_ID} to kim`,
      action: 'assign',
      table: 'account',
      recordId: ROOT_ID,
      mode: 'async',
      phase: 'applying',
      status: 'InProgress',
      label: 'In Progress',
      stateCode: 2,
      statusCode: 20,
      createdBy: 'ann',
      createdOn: START,
      startedOn: START,
      completedOn: null,
      retryCount: 3,
      progress: {
        total: 100,
        done: 30,
        failed: 1,
        skipped: 9,
        perSecond: 4,
        secondsLeft: 15,
        heartbeatOn: '2026-03-01T12:00:09.000Z',
      },
      byTable: {
        account: { total: 1, done: 1, failed: 0, skipped: 0 },
        contact: { total: 99, done: 29, failed: 1, skipped: 9 },
      },
      batchSize: 2376,
      throttledBy: null,
      pauseReason: null,
      messages: [],
      legalCommands: ['pause', 'cancel'],
      request: { ownerId: 'kim' },
    });
  });

  it('tells the rate of the round at hand, not of the time in which the job rested', () => {
    const resumed = { ...running, roundOn: '2026-03-01T13:00:00.000Z', roundProcessed: 20 };
    const body = toJobBody(resumed, counts, FIRST_PACE, Date.parse('2026-03-01T13:00:10.000Z'));
    expect(body.progress).toMatchObject({ perSecond: 2, secondsLeft: 30 });
  });

  it('tells no time left while there is no telling', () => {
    expect(toJobBody(running, NO_COUNTS, FIRST_PACE, startMs).progress).toMatchObject({
      perSecond: 0,
      secondsLeft: null,
    });
    expect(toJobBody({ ...running, status: 'Paused' }, counts, FIRST_PACE, startMs + 10_000).progress).toMatchObject({
      perSecond: 0,
      secondsLeft: null,
    });
  });

  it('shows an ended job as it ended', () => {
    const ended: Job = {
      ...running,
      status: 'Completed',
      completedOn: '2026-03-01T12:00:20.000Z',
      endCounts: { ...counts, done: 91, failed: 0 },
    };
    const body = toJobBody(ended, NO_COUNTS, FIRST_PACE, startMs + 1_000_000);
    expect(body.progress).toMatchObject({ done: 91, perSecond: 5, secondsLeft: 0 });
  });

  it('adds up the lanes', () => {
    const lane = { done: 1, failed: 2, skipped: 3, byTable: { contact: { done: 1, failed: 2, skipped: 3 } } };
    expect(
      sumLanes([
        { ...lane, heartbeatOn: '2026-01-02' },
        { ...lane, heartbeatOn: '2026-01-01' },
      ]),
    ).toEqual({
      done: 2,
      failed: 4,
      skipped: 6,
      byTable: { contact: { done: 2, failed: 4, skipped: 6 } },
      heartbeatOn: '2026-01-02',
    });
  });
});

describe('C22 what holds a job back', () => {
  const throttledBy = (job: Partial<Job>, isBusy = false) =>
    toJobBody({ ...running, ...job }, counts, { ...FIRST_PACE, isBusy }, startMs).throttledBy;

  it.each([
    ['a running job whose storage is busy', {}, true, 'storage'],
    ['a running job', {}, false, null],
    ['one that is held with all others', { status: 'Waiting', idle: true }, false, 'pauseAllJobs'],
    ['one that waits for its beginning', { status: 'Waiting', idle: false }, false, null],
    ['a paused one whose storage was busy', { status: 'Paused' }, true, null],
  ] as const)('%s', (_name, job, isBusy, by) => {
    expect(throttledBy(job, isBusy)).toBe(by);
  });
});
