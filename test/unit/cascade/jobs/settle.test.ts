import { describe, expect, it } from 'vitest';
import type { EndCounts, Job } from '../../../../shared/cascade/jobs/job.ts';
import { NONE_FAILING } from '../../../../shared/cascade/jobs/job-transitions.ts';
import { PAUSED_LIMIT_MS, type SettleFacts, settle } from '../../../../shared/cascade/jobs/settle.ts';
import { testJob } from '../../orchestrations/orchestration-fixture.ts';

const ON = '2026-03-01T12:00:00.000Z';
const counts: EndCounts = { done: 4, failed: 0, skipped: 1, byTable: {}, heartbeatOn: null };
const facts: SettleFacts = {
  wishes: [],
  drained: false,
  holdAll: false,
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
  it.each<[string, Partial<Job>, Partial<SettleFacts>, string, string]>([
    ['a new job', {}, {}, 'run', 'InProgress'],
    ['a new job while all are held', {}, { holdAll: true }, 'wait', 'Waiting'],
    ['a running job while all are held', { status: 'InProgress' }, { holdAll: true }, 'wait', 'Waiting'],
    ['one that was held, when they no longer are', { status: 'Waiting', idle: true }, {}, 'run', 'InProgress'],
    ['one that is to pause', { status: 'Pausing' }, {}, 'wait', 'Paused'],
    ['one that is to pause while all are held', { status: 'Pausing' }, { holdAll: true }, 'wait', 'Paused'],
    ['one that is to be cancelled', { status: 'Canceling' }, {}, 'end', 'Canceled'],
    ['a paused one', paused, {}, 'wait', 'Paused'],
    ['a paused one with resume', paused, { wishes: ['resume'] }, 'run', 'InProgress'],
    ['a paused one with cancel', paused, { wishes: ['cancel'] }, 'end', 'Canceled'],
    ['a paused one with both', paused, { wishes: ['resume', 'cancel'] }, 'end', 'Canceled'],
    ['a paused one with resume while all are held', paused, { wishes: ['resume'], holdAll: true }, 'wait', 'Waiting'],
    ['a paused one with all three', naming, { wishes: ['skip', 'resume', 'cancel'] }, 'end', 'Canceled'],
    ['a paused one that names records, with skip', naming, { wishes: ['skip'] }, 'tend', 'InProgress'],
    ['a paused one that names none, with skip', paused, { wishes: ['skip'] }, 'wait', 'Paused'],
    ['one with a wish for records', { status: 'InProgress', recordsWish: SKIP }, {}, 'tend', 'InProgress'],
    ['one with a wish for records while all are held', { recordsWish: SKIP }, { holdAll: true }, 'tend', 'Waiting'],
    ['one with a wish that is to pause', { status: 'Pausing', recordsWish: SKIP }, {}, 'tend', 'Paused'],
    [
      'one with a wish for records that is cancelled',
      { status: 'Canceling', recordsWish: SKIP },
      {},
      'end',
      'Canceled',
    ],
    ['a running one with resume', { status: 'InProgress' }, { wishes: ['resume'] }, 'run', 'InProgress'],
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
    const settled = settle(job(change), { ...facts, ...given });
    expect([settled.next, settled.job.status]).toEqual([next, status]);
  });

  it('nothing is written for a job that rests and goes on resting', () => {
    const resting = job(paused);
    expect(settle(resting, facts).job).toBe(resting);
    const held = job({ status: 'Waiting', idle: true });
    expect(settle(held, { ...facts, holdAll: true }).job).toBe(held);
  });

  it('what is over 30 days paused ends Failed; what is so for just 30 days doesn’t', () => {
    const at = (ms: number) => new Date(Date.parse(ON) + ms).toISOString();
    expect(settle(job(paused), { ...facts, on: at(PAUSED_LIMIT_MS) }).next).toBe('wait');
    expect(settle(job(paused), { ...facts, on: at(PAUSED_LIMIT_MS + 1) }).job.status).toBe('Failed');
  });

  it('of raw events resume outranks skip: the failed records are tried again, not passed over', () => {
    const settled = settle(job(naming), { ...facts, wishes: ['skip', 'resume'] });
    expect(settled.job.recordsWish).toEqual({ kind: 'retry', records: null });
    expect(settled.commands).toMatchObject([{ command: 'resume' }]);
  });

  it('C15 a raw event becomes a command by durable-event; one that does nothing becomes none', () => {
    expect(settle(job(paused), { ...facts, wishes: ['resume'] }).commands).toEqual([
      { command: 'resume', by: 'durable-event', on: ON },
    ]);
    expect(settle(job({ status: 'InProgress' }), { ...facts, wishes: ['resume'] }).commands).toEqual([]);
  });
});
