import { describe, expect, it } from 'vitest';
import { decideNext, type NextFacts, PAUSED_LIMIT_MS } from '../../../../shared/cascade/jobs/decide-next.ts';
import type { EndCounts, Job } from '../../../../shared/cascade/jobs/job.ts';
import { NONE_FAILING } from '../../../../shared/cascade/jobs/job-transitions.ts';
import { testJob } from '../../orchestrations/orchestration-fixture.ts';

const ON = '2026-03-01T12:00:00.000Z';
const counts: EndCounts = { done: 4, failed: 0, skipped: 1, byTable: {}, heartbeatOn: null };
const facts: NextFacts = {
  commands: [],
  drained: false,
  pauseAllJobs: false,
  counts,
  failing: NONE_FAILING,
  processed: 5,
  on: ON,
};
const paused: Partial<Job> = { status: 'Paused', pausedOn: ON, pauseReason: { code: 'by-command' }, idle: true };
const naming: Partial<Job> = { ...paused, pauseReason: { code: 'permanent-error', records: ['r'] } };
const SKIP = { kind: 'skip', records: null } as const;
const job = (change: Partial<Job> = {}): Job => ({ ...testJob(), ...change });

describe('what a job wants next when none of its lanes runs', () => {
  it.each<[string, Partial<Job>, Partial<NextFacts>, string, string]>([
    ['a new job', {}, {}, 'run', 'InProgress'],
    ['a new job while all are paused', {}, { pauseAllJobs: true }, 'wait', 'Waiting'],
    ['a running job while all are paused', { status: 'InProgress' }, { pauseAllJobs: true }, 'wait', 'Waiting'],
    ['one that was held, when they no longer are', { status: 'Waiting', idle: true }, {}, 'run', 'InProgress'],
    ['one that is to pause', { status: 'Pausing' }, {}, 'wait', 'Paused'],
    ['one that is to pause while all are paused', { status: 'Pausing' }, { pauseAllJobs: true }, 'wait', 'Paused'],
    ['one that is to be cancelled', { status: 'Canceling' }, {}, 'end', 'Canceled'],
    ['a paused one', paused, {}, 'wait', 'Paused'],
    ['a paused one with resume', paused, { commands: ['resume'] }, 'run', 'InProgress'],
    ['a paused one with cancel', paused, { commands: ['cancel'] }, 'end', 'Canceled'],
    ['a paused one with both', paused, { commands: ['resume', 'cancel'] }, 'end', 'Canceled'],
    [
      'a paused one with resume while all are paused',
      paused,
      { commands: ['resume'], pauseAllJobs: true },
      'wait',
      'Waiting',
    ],
    ['a paused one with all three', naming, { commands: ['skip', 'resume', 'cancel'] }, 'end', 'Canceled'],
    ['a paused one that names records, with skip', naming, { commands: ['skip'] }, 'applyCommand', 'InProgress'],
    ['a paused one that names none, with skip', paused, { commands: ['skip'] }, 'wait', 'Paused'],
    [
      'one with a command for records',
      { status: 'InProgress', failedRecordsCommand: SKIP },
      {},
      'applyCommand',
      'InProgress',
    ],
    [
      'one with a command for records while all are paused',
      { failedRecordsCommand: SKIP },
      { pauseAllJobs: true },
      'applyCommand',
      'Waiting',
    ],
    [
      'one with a command that is to pause',
      { status: 'Pausing', failedRecordsCommand: SKIP },
      {},
      'applyCommand',
      'Paused',
    ],
    [
      'one with a command for records that is cancelled',
      { status: 'Canceling', failedRecordsCommand: SKIP },
      {},
      'end',
      'Canceled',
    ],
    ['a running one with resume', { status: 'InProgress' }, { commands: ['resume'] }, 'run', 'InProgress'],
    ['a drained one', { status: 'InProgress' }, { drained: true }, 'end', 'Completed'],
    ['a drained one that is to pause', { status: 'Pausing' }, { drained: true }, 'end', 'Completed'],
    ['a drained one that is to be cancelled', { status: 'Canceling' }, { drained: true }, 'end', 'Canceled'],
    [
      'a drained one with failing records',
      { status: 'InProgress' },
      { drained: true, counts: { ...counts, failed: 1 } },
      'wait',
      'Paused',
    ],
    ['an ended one', { status: 'Failed' }, {}, 'end', 'Failed'],
  ])('%s', (_name, change, given, next, status) => {
    const decided = decideNext(job(change), { ...facts, ...given });
    expect([decided.next, decided.job.status]).toEqual([next, status]);
  });

  it('nothing is written for a job that rests and goes on resting', () => {
    const resting = job(paused);
    expect(decideNext(resting, facts).job).toBe(resting);
    const held = job({ status: 'Waiting', idle: true });
    expect(decideNext(held, { ...facts, pauseAllJobs: true }).job).toBe(held);
  });

  it('what is over 30 days paused ends Failed; what is so for just 30 days doesn’t', () => {
    const at = (ms: number) => new Date(Date.parse(ON) + ms).toISOString();
    expect(decideNext(job(paused), { ...facts, on: at(PAUSED_LIMIT_MS) }).next).toBe('wait');
    expect(decideNext(job(paused), { ...facts, on: at(PAUSED_LIMIT_MS + 1) }).job.status).toBe('Failed');
  });

  it('of raw events resume outranks skip: the failed records are tried again, not passed over', () => {
    const decided = decideNext(job(naming), { ...facts, commands: ['skip', 'resume'] });
    expect(decided.job.failedRecordsCommand).toEqual({ kind: 'retry', records: null });
    expect(decided.commands).toMatchObject([{ command: 'resume' }]);
  });

  it('C15 a raw event becomes a command by durable-event; one that does nothing becomes none', () => {
    expect(decideNext(job(paused), { ...facts, commands: ['resume'] }).commands).toEqual([
      { command: 'resume', by: 'durable-event', on: ON },
    ]);
    expect(decideNext(job({ status: 'InProgress' }), { ...facts, commands: ['resume'] }).commands).toEqual([]);
  });
});
