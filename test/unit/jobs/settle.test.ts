import { describe, expect, it } from 'vitest';
import type { EndCounts, Job } from '../../../shared/jobs/job.ts';
import { PAUSED_LIMIT_MS, type SettleFacts, settle } from '../../../shared/jobs/settle.ts';
import { testJob } from '../orchestrations/cascade-world.ts';

const ON = '2026-03-01T12:00:00.000Z';
const counts: EndCounts = { done: 4, failed: 0, skipped: 1, byTable: {}, heartbeatOn: null };
const facts: SettleFacts = { wishes: [], drained: false, holdAll: false, counts, processed: 5, on: ON };
const paused: Partial<Job> = { status: 'Paused', pausedOn: ON, pauseReason: { code: 'by-command' }, idle: true };
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

  it('C15 a raw event becomes a command by durable-event; one that does nothing becomes none', () => {
    expect(settle(job(paused), { ...facts, wishes: ['resume'] }).commands).toEqual([
      { command: 'resume', by: 'durable-event', on: ON },
    ]);
    expect(settle(job({ status: 'InProgress' }), { ...facts, wishes: ['resume'] }).commands).toEqual([]);
  });
});
