import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndCounts, Job } from '../../../../shared/cascade/jobs/job.ts';
import { MAX_MESSAGES, withMessage } from '../../../../shared/cascade/jobs/job-messages.ts';
import { type JobCommand, STATUS } from '../../../../shared/cascade/jobs/job-status.ts';
import { type JobEvent, NONE_FAILING, transition } from '../../../../shared/cascade/jobs/job-transitions.ts';
import { testJob } from '../../orchestrations/orchestration-fixture.ts';

const ON = '2026-03-01T12:00:01.000Z';
const counts: EndCounts = { done: 7, failed: 0, skipped: 1, byTable: {}, heartbeatOn: null };

function through(job: Job, ...events: readonly JobEvent[]): Job {
  return events.reduce((before, event) => {
    const next = transition(before, event, ON);
    if (!next) throw new Error(`${event.type} is not possible in ${before.status}`);
    return next;
  }, job);
}

const run: JobEvent = { type: 'run', processed: 0 };
const failing = (records: string[]): JobEvent => ({
  type: 'failing',
  reason: { code: 'permanent-error', records },
  text: `${records.join(', ')} fail.`,
});
const command = (name: JobCommand): JobEvent => ({ type: 'command', command: name, by: 'ann' });

describe('C11, C15 the life of a job', () => {
  it('keeps its first start over all rounds, and counts the rounds', () => {
    const first = through(testJob(), run);
    const later = transition({ ...first, status: 'InProgress' }, run, '2026-03-01T13:00:00.000Z');
    expect(later).toMatchObject({ startedOn: ON, round: 2, roundOn: '2026-03-01T13:00:00.000Z' });
  });

  it('has no rate between its resume and its next round', () => {
    const paused = through(testJob(), run, command('pause'), { type: 'stopped', counts });
    expect(through(paused, command('resume'))).toMatchObject({ status: 'InProgress', roundOn: null });
    expect(through(paused, command('resume'), run)).toMatchObject({ round: 2, roundOn: ON });
  });

  it('says of a job that was cancelled how many records it changed', () => {
    const cancelled = through(testJob(), run, command('cancel'));
    const last = (done: number, skipped: number) =>
      through(cancelled, { type: 'stopped', counts: { ...counts, done, skipped } }).messages.at(-1)?.text;
    expect(last(7, 1)).toBe('Canceled after 8 records, which keep their new value.');
    expect(last(0, 0)).toBe('Canceled before any record was changed.');
  });

  it('a failure outranks the command to pause as the reason, and of several the records are collected', () => {
    const job = through(testJob(), run, command('pause'), failing(['a', 'b']), failing(['b', 'c']));
    expect(job.pauseReason).toEqual({ code: 'permanent-error', records: ['a', 'b', 'c'] });
    const security: JobEvent = { type: 'failing', reason: { code: 'user-disabled', user: 'ann' }, text: 'Disabled.' };
    expect(through(job, security).pauseReason?.code).toBe('permanent-error');
    expect(through(testJob(), run, security, failing(['a'])).pauseReason).toEqual({
      code: 'user-disabled',
      user: 'ann',
      records: ['a'],
    });
  });

  it('a failure says nothing to a job that is being cancelled', () => {
    expect(transition(through(testJob(), run, command('cancel')), failing(['a']), ON)).toBeUndefined();
  });

  it('the reason goes with the resume', () => {
    const paused = through(testJob(), run, command('pause'), { type: 'stopped', counts });
    expect(paused).toMatchObject({ status: 'Paused', pausedOn: ON, pauseReason: { code: 'by-command', user: 'ann' } });
    expect(through(paused, command('resume'))).toMatchObject({
      status: 'InProgress',
      pausedOn: null,
      pauseReason: null,
    });
  });

  it('C19 does not complete while records fail, and names them', () => {
    const failing = { ids: ['a', 'b'], problem: 'It is too large.' };
    const job = through(testJob(), run, { type: 'drained', counts: { ...counts, failed: 2 }, failing });
    expect(job).toMatchObject({
      status: 'Pausing',
      pauseReason: { code: 'permanent-error', records: ['a', 'b'] },
    });
    expect(job.messages.at(-1)).toMatchObject({
      records: ['a', 'b'],
      text: '2 records fail and nothing else is left to do. The first one: It is too large. Remove the cause and retry, or skip them.',
    });
  });

  it('C19 speaks of one record as of one', () => {
    const failing = { ids: ['a'], problem: 'Storage refused it (bad value)' };
    const job = through(testJob(), run, { type: 'drained', counts: { ...counts, failed: 1 }, failing });
    expect(job.messages.at(-1)?.text).toBe(
      '1 record fails and nothing else is left to do. Storage refused it (bad value). Remove the cause and retry, or skip it.',
    );
  });

  it('C18 a job that skipped records says where the reasons are', () => {
    const end = (skipped: number) =>
      through(testJob(), run, { type: 'drained', counts: { ...counts, done: 1, skipped }, failing: NONE_FAILING });
    expect(end(2).messages.at(-1)?.text).toBe('1 record done, 2 skipped. Its changes with outcome=skipped say why.');
    expect(end(0).messages.at(-1)?.text).toBe('1 record done, 0 skipped.');
  });

  it.each([
    ['retry', ['a'], { kind: 'retry', records: ['a'] }],
    ['skip', undefined, { kind: 'skip', records: null }],
    ['resume', undefined, { kind: 'retry', records: null }],
  ] as const)(
    'C19 %s of %j is a command that stays until it is applied, and no round begins before',
    (name, records, command) => {
      const paused = through(testJob(), run, failing(['a', 'b']), { type: 'stopped', counts });
      const commanded = through(paused, { type: 'command', command: name, by: 'ann', records });
      expect(commanded).toMatchObject({
        status: 'InProgress',
        pauseReason: null,
        pausedOn: null,
        failedRecordsCommand: command,
      });
      expect(transition(commanded, run, ON)).toBeUndefined();
      expect(through(commanded, { type: 'commandApplied' }, run)).toMatchObject({
        failedRecordsCommand: null,
        round: 2,
      });
    },
  );

  it('C19 a job that names no records takes no retry and no skip, and its resume asks nothing for records', () => {
    const paused = through(testJob(), run, command('pause'), { type: 'stopped', counts });
    expect(transition(paused, command('retry'), ON)).toBeUndefined();
    expect(transition(paused, command('skip'), ON)).toBeUndefined();
    expect(through(paused, command('resume')).failedRecordsCommand).toBeNull();
  });

  it('C7, C20 rerun and undo leave an ended job as it is, and say which job came of it', () => {
    const ended = through(testJob(), run, { type: 'broken', text: 'Gone.' });
    const noted = through(ended, { type: 'command', command: 'rerun', by: 'kim', successorId: 'j2' });
    expect(noted).toEqual({ ...ended, messages: noted.messages, rerunAs: 'j2' });
    expect(noted.messages.at(-1)?.text).toBe('kim ran it again: job j2.');
    expect(transition(through(testJob(), run), command('undo'), ON)).toBeUndefined();
  });
});

describe('C18 the total', () => {
  const found = (from: string | null, cursor: string | null, total: number): JobEvent => ({
    type: 'found',
    from,
    cursor,
    total,
    totalByTable: { contact: total },
  });

  it('is final once identifying is at its end', () => {
    const identified = through(testJob(), run, found(null, '1', 5), found('1', null, 9));
    expect(identified).toMatchObject({ phase: 'applying', total: 9 });
    expect(through(identified, found(null, '1', 5))).toBe(identified);
  });

  it('is not set back by a step that ran a second time', () => {
    const identified = through(testJob(), run, found(null, '1', 5), found('1', '2', 7));
    expect(through(identified, found(null, '1', 5))).toBe(identified);
  });
});

describe('C11 the count of retries', () => {
  it('only rises, and telling it again changes nothing', () => {
    const retried = (retries: number): JobEvent => ({ type: 'retried', lane: '0', retries, text: `Try ${retries}.` });
    const job = through(testJob(), run, retried(2));
    expect(job.retries).toEqual({ 0: 2 });
    expect(through(job, retried(1), retried(2))).toBe(job);
    expect(through(job, retried(3)).retries).toEqual({ 0: 3 });
  });
});

describe('C13 messages', () => {
  const message = (code: string, text: string) => ({ on: ON, level: 'warning' as const, code, text });

  it('that say the same in a row are kept once', () => {
    const twice = [message('retry', 'a'), message('retry', 'b'), message('retry', 'a')];
    expect(twice.reduce(withMessage, [])).toHaveLength(2);
    const again = [message('retry', 'a'), message('paused', 'p'), message('retry', 'a')];
    expect(again.reduce(withMessage, [])).toHaveLength(3);
  });

  it('are bounded in number and length; the first one and the latest ones stay', () => {
    const many = Array.from({ length: 3 * MAX_MESSAGES }, (_, at) => message('retry', `${at}${'x'.repeat(5000)}`));
    const kept = many.reduce(withMessage, []);
    expect(kept).toHaveLength(MAX_MESSAGES);
    expect(kept[0]?.text.startsWith('0x')).toBe(true);
    expect(kept.at(-1)?.text.startsWith(`${many.length - 1}x`)).toBe(true);
    expect(JSON.stringify(kept).length).toBeLessThan(100_000);
  });
});

const anyEvent: fc.Arbitrary<JobEvent> = fc.oneof(
  fc.record({ type: fc.constant('run' as const), processed: fc.nat(100) }),
  fc.constant({ type: 'pauseAll' as const }),
  fc.record({
    type: fc.constant('found' as const),
    from: fc.constantFrom(null, '1', '2'),
    cursor: fc.constantFrom(null, '1', '2'),
    total: fc.nat(100),
    totalByTable: fc.constant({}),
  }),
  fc.record({
    type: fc.constant('retried' as const),
    lane: fc.constantFrom('0', '1'),
    retries: fc.nat(9),
    text: fc.constant('t'),
  }),
  fc.record({
    type: fc.constant('failing' as const),
    reason: fc.constantFrom(
      { code: 'retries-exhausted' as const },
      { code: 'permanent-error' as const, records: ['a'] },
    ),
    text: fc.string(),
  }),
  fc.record({ type: fc.constant('stopped' as const), counts: fc.constant(counts) }),
  fc.record({
    type: fc.constant('drained' as const),
    counts: fc.constantFrom(counts, { ...counts, failed: 1 }),
    failing: fc.constant({ ids: ['b'], problem: '' }),
  }),
  fc.constant({ type: 'commandApplied' as const }),
  fc.record({ type: fc.constant('broken' as const), text: fc.string() }),
  fc.record({
    type: fc.constant('command' as const),
    command: fc.constantFrom<JobCommand>('pause', 'resume', 'cancel', 'handover', 'retry', 'skip', 'rerun', 'undo'),
    by: fc.constant('ann'),
    counts: fc.constant(counts),
  }),
);

/** What must hold of a step in a job's life, whatever the event. */
function expectLawful(before: Job, next: Job): void {
  if (STATUS[before.status].ended) {
    expect(next, 'an ended job only notes what was made of it').toEqual({ ...before, messages: next.messages });
  }
  if (before.failedRecordsCommand !== null)
    expect(next.round, 'no round begins before a command is applied').toBe(before.round);
  if (before.status === 'Canceling') expect(['Canceling', 'Canceled']).toContain(next.status);
  if (before.phase !== 'identifying') expect(next.total).toBe(before.total);
  const counts = Object.entries(before.retries).map(([lane, retries]) => (next.retries[lane] ?? 0) - retries);
  expect(Math.min(0, ...counts), 'retries only rise').toBe(0);
}

function expectWhole({ status, pauseReason, pausedOn, completedOn, idle, failedRecordsCommand }: Job): void {
  if (STATUS[status].ended) expect(failedRecordsCommand).toBeNull();
  if (rests(status)) expect(pauseReason).not.toBeNull();
  else if (status !== 'Canceling') expect(pauseReason).toBeNull();
  if (status === 'Paused') expect([pausedOn, idle]).toEqual([ON, true]);
  expect(completedOn !== null).toBe(STATUS[status].ended);
}

function rests(status: Job['status']): boolean {
  return status === 'Pausing' || status === 'Paused';
}

describe('property: whatever happens to a job, in whatever order', () => {
  it('what holds of every job holds', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        events.reduce((job, event) => {
          const next = transition(job, event, ON) ?? job;
          expectLawful(job, next);
          expectWhole(next);
          return next;
        }, testJob());
      }),
      { numRuns: 500 },
    );
  });
});
