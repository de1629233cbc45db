import { beforeEach, describe, expect, it } from 'vitest';
import type { JobEvent } from '../../../../shared/cascade/jobs/job-transitions.ts';
import { NO_COUNTS } from '../../../../shared/cascade/jobs/progress.ts';
import type { RecordOutcome } from '../../../../shared/cascade/ports.ts';
import { testJob } from '../../../unit/orchestrations/orchestration-fixture.ts';
import { asUser, createJobFixture, type JobFixture, START_MS } from './job-fixture.ts';

let fixture: JobFixture;
beforeEach(() => {
  fixture = createJobFixture();
});

const idOf = (number: number) => `${String(number).padStart(8, '0')}-1111-4111-8111-111111111111`;

/** A stored job with a claim on its root and a running orchestration. */
async function put(number: number, by = 'ann', ...events: readonly JobEvent[]): Promise<string> {
  const jobId = idOf(number);
  const createdOn = new Date(START_MS + number * 1000).toISOString();
  const job = testJob({ jobId, recordId: jobId, by, createdOn });
  await fixture.rootClaims.claim({ table: 'account', recordId: jobId }, jobId, createdOn);
  await fixture.jobs.insert(job);
  fixture.durable.statuses.set(jobId, 'Running');
  await fixture.live(jobId, ...events);
  return jobId;
}

const run: JobEvent = { type: 'run', processed: 0 };
const identified: JobEvent = { type: 'found', from: null, cursor: null, total: 60, totalByTable: { contact: 60 } };
const failing: JobEvent = {
  type: 'failing',
  reason: { code: 'user-removed', user: 'ann' },
  text: 'User ann was removed.',
};
const stopped: JobEvent = { type: 'stopped', counts: NO_COUNTS };
const PAUSED = [run, identified, failing, stopped];

describe('C13 GET /system-jobs', () => {
  const idsOf = (body: unknown) => (body as { items: { id: string }[] }).items.map(({ id }) => id);

  it('lists newest first, a page at a time, each job once', async () => {
    for (const number of [1, 2, 3, 4, 5]) await put(number);
    const call = fixture.callAs();
    const pages: string[][] = [];
    let next: string | undefined = '/api/system-jobs?view=cascade&pageSize=2';
    while (next) {
      const { body } = await call('GET', next);
      pages.push(idsOf(body));
      const token = (body as { continuationToken?: string }).continuationToken;
      next = token && `/api/system-jobs?view=cascade&pageSize=2&continuationToken=${token}`;
    }
    expect(pages).toEqual([[idOf(5), idOf(4)], [idOf(3), idOf(2)], [idOf(1)]]);
  });

  it('filters by status, action and creator', async () => {
    await put(1, 'ann', ...PAUSED);
    await put(2, 'kim', run);
    await put(3, 'kim');
    const list = async (query: string) => idsOf((await fixture.callAs()('GET', `/api/system-jobs?${query}`)).body);
    expect(await list('status=Paused')).toEqual([idOf(1)]);
    expect(await list('createdBy=kim')).toEqual([idOf(3), idOf(2)]);
    expect(await list('createdBy=kim&status=InProgress')).toEqual([idOf(2)]);
    expect(await list('action=delete')).toEqual([]);
    expect(await list('action=assign')).toHaveLength(3);
  });

  it('shows a User its own jobs only', async () => {
    await put(1, 'ann');
    await put(2, 'kim');
    const call = fixture.callAs(asUser('kim'));
    expect(idsOf((await call('GET', '/api/system-jobs')).body)).toEqual([idOf(2)]);
    expect(idsOf((await call('GET', '/api/system-jobs?createdBy=ann')).body)).toEqual([]);
    expect(await call('GET', `/api/system-jobs/${idOf(1)}`)).toMatchObject({ status: 404 });
    expect(await call('POST', `/api/system-jobs/${idOf(1)}/cancel`)).toMatchObject({ status: 404 });
    expect(await call('GET', `/api/system-jobs/${idOf(1)}/changes`)).toMatchObject({ status: 404 });
    expect(await call('GET', `/api/system-jobs/${idOf(2)}`)).toMatchObject({ status: 200 });
  });

  it('is closed to channels, and refuses unknown filters', async () => {
    const channel = fixture.callAs({ role: 'Channel', id: 'channel:s', channel: 's' });
    expect(await channel('GET', '/api/system-jobs')).toMatchObject({ status: 403 });
    expect(await fixture.callAs()('GET', '/api/system-jobs?status=Broken')).toMatchObject({ status: 400 });
    expect(await fixture.callAs()('GET', '/api/system-jobs?owner=ann')).toMatchObject({ status: 400 });
  });
});

describe('C13, C18 GET /system-jobs/{id}', () => {
  it('shows state, progress from the lanes, and the version as ETag', async () => {
    const id = await put(1, 'ann', run, identified);
    await fixture.cascades.applyBatch(testJob({ jobId: id }).plan, 0, 10, async () => undefined);
    fixture.clock.nowMs += 5000;
    expect(await fixture.callAs()('GET', `/api/system-jobs/${id}`)).toMatchObject({
      status: 200,
      headers: { ETag: '"3"' },
      body: {
        id,
        status: 'InProgress',
        label: 'In Progress',
        progress: { total: 60, done: 10, failed: 0, skipped: 0, perSecond: 2, secondsLeft: 25 },
        byTable: { contact: { total: 60, done: 10, failed: 0, skipped: 0 } },
        messages: [{ code: 'started' }, { code: 'identified' }],
      },
    });
  });

  it('takes the id in any case, and answers 404 for another', async () => {
    const id = await put(10);
    expect(await fixture.callAs()('GET', `/api/system-jobs/${id.toUpperCase()}`)).toMatchObject({ status: 200 });
    expect(await fixture.callAs()('GET', `/api/system-jobs/${idOf(99)}`)).toMatchObject({ status: 404 });
    expect(await fixture.callAs()('GET', '/api/system-jobs/nothing')).toMatchObject({ status: 404 });
  });
});

describe('C15 commands', () => {
  const command = (id: string, name: string, headers: Record<string, string> = {}) =>
    fixture.callAs()('POST', `/api/system-jobs/${id}/${name}`, { headers });

  it('pause a running job without waking its orchestration: its batches look by themselves', async () => {
    const id = await put(1, 'ann', run);
    expect(await command(id, 'pause')).toMatchObject({
      status: 202,
      body: { id, status: 'Pausing', pauseReason: { code: 'by-command', user: 'admin' } },
    });
    expect(fixture.durable.raised).toEqual([]);
    expect(await fixture.jobs.commands(id)).toMatchObject([{ command: 'pause', by: 'admin' }]);
  });

  it('resume a paused job and wake its orchestration', async () => {
    const id = await put(1, 'ann', ...PAUSED);
    expect(await command(id, 'resume')).toMatchObject({
      status: 202,
      body: { status: 'InProgress', pauseReason: null },
    });
    expect(fixture.durable.raised).toEqual([`wake ${id}`]);
  });

  it('succeed although the orchestration is gone or can’t be reached', async () => {
    const id = await put(1, 'ann', ...PAUSED);
    fixture.durable.statuses.delete(id);
    expect(await command(id, 'resume')).toMatchObject({ status: 202, errors: [] });
    expect(await command(id, 'cancel')).toMatchObject({ status: 202, body: { status: 'Canceling' } });
  });

  it.each([
    ['pause', PAUSED, ['resume', 'cancel', 'handover']],
    ['resume', [run], ['pause', 'cancel']],
    ['handover', [run], ['pause', 'cancel']],
    ['pause', [], ['cancel']],
    ['cancel', [{ type: 'broken', text: 'Gone.' }], ['rerun', 'undo']],
  ] as const)(
    '%s where it is not legal is answered with 409 that lists what is',
    async (name, events, legalCommands) => {
      const id = await put(1, 'ann', ...(events as readonly JobEvent[]));
      expect(await command(id, name)).toMatchObject({ status: 409, body: { legalCommands } });
      expect(await fixture.jobs.commands(id)).toEqual([]);
    },
  );

  it('A11 are applied once for one Idempotency-Key, also when the first answer was lost on the way', async () => {
    const id = await put(1, 'ann', run);
    const key = { 'Idempotency-Key': 'k' };
    const first = await command(id, 'pause', key);
    await fixture.live(id, stopped);
    expect(await command(id, 'pause', key)).toMatchObject({ status: 202, body: first.body as object });
    expect(await fixture.jobs.commands(id)).toHaveLength(1);
  });

  it('honour If-Match', async () => {
    const id = await put(1, 'ann', run);
    expect(await command(id, 'pause', { 'If-Match': '"1"' })).toMatchObject({ status: 412 });
    expect(await command(id, 'pause', { 'If-Match': '"2"' })).toMatchObject({ status: 202, headers: { ETag: '"3"' } });
  });

  it('are for the job’s user too', async () => {
    const id = await put(1, 'ann', run);
    expect(await fixture.callAs(asUser('ann'))('POST', `/api/system-jobs/${id}/cancel`)).toMatchObject({ status: 202 });
  });
});

describe('C19 retry and skip', () => {
  const poisoned = (...records: string[]): JobEvent => ({
    type: 'failing',
    reason: { code: 'permanent-error', records },
    text: 'They fail.',
  });
  const ask = (id: string, name: string, body?: unknown) =>
    fixture.callAs()('POST', `/api/system-jobs/${id}/${name}`, { body });

  it.each(['retry', 'skip'])('%s records of a job that names them, all of them without a body', async (name) => {
    const id = await put(1, 'ann', run, identified, poisoned(idOf(7), idOf(8)), stopped);
    expect(await ask(id, name, { records: [idOf(7)] })).toMatchObject({ status: 202, body: { status: 'InProgress' } });
    expect(await fixture.jobs.find(id)).toMatchObject({ failedRecordsCommand: { kind: name, records: [idOf(7)] } });
    expect(await fixture.jobs.commands(id)).toMatchObject([{ command: name, by: 'admin', records: [idOf(7)] }]);
    expect(fixture.durable.raised).toEqual([`wake ${id}`]);
    const other = await put(2, 'ann', run, identified, poisoned(idOf(7)), stopped);
    expect(await ask(other, name)).toMatchObject({ status: 202 });
    expect(await fixture.jobs.find(other)).toMatchObject({ failedRecordsCommand: { kind: name, records: null } });
  });

  it('refuse a record that the job doesn’t name, a bad body, and a job that names none', async () => {
    const id = await put(1, 'ann', run, identified, poisoned(idOf(7)), stopped);
    expect(await ask(id, 'skip', { records: [idOf(9)] })).toMatchObject({ status: 422 });
    expect(await ask(id, 'skip', { records: [] })).toMatchObject({ status: 400 });
    expect(await ask(id, 'skip', { record: idOf(7) })).toMatchObject({ status: 400 });
    const other = await put(2, 'ann', ...PAUSED);
    expect(await ask(other, 'retry')).toMatchObject({
      status: 409,
      body: {
        detail: expect.stringContaining('names no records that failed, so there is nothing to retry'),
        legalCommands: ['resume', 'cancel', 'handover'],
      },
    });
  });
});

describe('C7 rerun', () => {
  const broken: JobEvent = { type: 'broken', text: 'A record was gone.' };
  const path = `/api/system-jobs/${idOf(1)}/rerun`;

  it('makes a new job of the same request, as the caller, and notes it at the old one', async () => {
    await fixture.putUser('ann');
    const id = await put(1, 'ann', run, identified, broken);
    const answer = await fixture.callAs(asUser('ann'))('POST', path);
    const { jobId } = answer.body as { jobId: string };
    expect(answer).toMatchObject({ status: 202, body: { id: jobId, status: 'Waiting', rerunOf: id } });
    expect(answer.headers.Location).toBe(`/api/system-jobs/${jobId}`);
    const [old, next] = await Promise.all([fixture.jobs.find(id), fixture.jobs.find(jobId)]);
    expect(next).toMatchObject({ status: 'Waiting', phase: 'identifying', total: 0 });
    expect(next?.plan).toEqual({ ...old?.plan, jobId, createdOn: next?.plan.createdOn, rerunOf: id });
    expect(old?.messages.at(-1)?.text).toBe(`ann ran it again: job ${jobId}.`);
    expect(fixture.durable.started).toEqual([`cascadeJob ${jobId}`]);
  });

  it('is refused with the job that has the root, and leaves no trace then', async () => {
    const id = await put(1, 'ann', run, identified, broken);
    const first = (await fixture.callAs()('POST', path)).body as { jobId: string };
    expect(await fixture.callAs()('POST', path)).toMatchObject({ status: 409, body: { jobId: first.jobId } });
    expect(await fixture.jobs.commands(id)).toHaveLength(1);
  });

  it('is for failed and cancelled jobs', async () => {
    await put(1, 'ann', run);
    expect(await fixture.callAs()('POST', path)).toMatchObject({
      status: 409,
      body: { legalCommands: ['pause', 'cancel'] },
    });
  });

  it('A11 makes one new job for one Idempotency-Key, also when storage failed in between', async () => {
    await put(1, 'ann', run, identified, broken);
    const keyed = { headers: { 'Idempotency-Key': 'k' } };
    fixture.failing.refuse(100, (request: { url: string }) => request.url.includes('jobindex'));
    expect(await fixture.callAs()('POST', path, keyed)).toMatchObject({ status: 503 });
    fixture.failing.refuse(0);
    expect(await fixture.callAs()('POST', path, keyed)).toMatchObject({ status: 202 });
    expect(fixture.durable.started).toHaveLength(1);
  });
});

describe('C12 rerun and undo take what the action takes', () => {
  const broken: JobEvent = { type: 'broken', text: 'A record was gone.' };
  const lacking = (privilege: string) => ({
    status: 403,
    body: { privilege, table: 'account', detail: expect.stringContaining(`prv${privilege}Account`) },
  });

  it('a privilege on the table that is gone: 403 that names it, and no job is made', async () => {
    const privileges = [{ table: '*', action: 'Read', depth: 'Organization' }] as const;
    await fixture.roles.putRole({ name: 'Reader', privileges, by: 'admin', ifMatch: undefined });
    await fixture.putUser('ann', ['Reader']);
    const id = await put(1, 'ann', run, identified, broken);
    for (const command of ['rerun', 'undo']) {
      const answer = await fixture.callAs(asUser('ann'))('POST', `/api/system-jobs/${id}/${command}`);
      expect(answer).toMatchObject(lacking('Assign'));
    }
    expect(fixture.durable.started).toEqual([]);
    expect(await fixture.jobs.commands(id)).toEqual([]);
  });

  it('a root that is another user’s by now: 403 too, for those whose roles reach their own records', async () => {
    await fixture.putUser('ann');
    const id = await put(1, 'ann', run, identified, broken);
    await fixture.putAccount(id, 'kim');
    for (const command of ['rerun', 'undo']) {
      const path = `/api/system-jobs/${id}/${command}`;
      expect(await fixture.callAs(asUser('ann'))('POST', path)).toMatchObject(lacking('Read'));
    }
    expect(await fixture.callAs()('POST', `/api/system-jobs/${id}/undo`)).toMatchObject({ status: 202 });
  });
});

describe('C12 handover', () => {
  const path = `/api/system-jobs/${idOf(1)}/handover`;

  it('ends the paused job and has a new one do the same as the caller', async () => {
    const id = await put(1, 'ann', ...PAUSED);
    const answer = await fixture.callAs()('POST', path);
    const { jobId } = answer.body as { jobId: string };
    expect(answer).toMatchObject({ status: 202, body: { id: jobId, handoverOf: id, createdBy: 'admin' } });
    expect(answer.headers.Location).toBe(`/api/system-jobs/${jobId}`);
    expect(fixture.durable.started).toEqual([`cascadeJob ${jobId}`]);
    const [old, next] = await Promise.all([fixture.jobs.find(id), fixture.jobs.find(jobId)]);
    expect(next).toMatchObject({ status: 'Waiting', tokenRole: 'Administrator' });
    expect(old).toMatchObject({ status: 'Canceled', handedOverTo: jobId });
    expect(next?.plan).toEqual({
      ...old?.plan,
      ...{ jobId, by: 'admin', createdOn: next?.plan.createdOn, handoverOf: id },
    });
    expect(await fixture.rootClaims.claim({ table: 'account', recordId: id }, 'other', '')).toBe(jobId);
    expect(await fixture.jobs.commands(id)).toMatchObject([{ command: 'handover', by: 'admin', successorId: jobId }]);
    expect(fixture.durable.raised).toEqual([`wake ${id}`]);
  });

  it('makes one new job for one Idempotency-Key, also when storage failed in between', async () => {
    await put(1, 'ann', ...PAUSED);
    const keyed = { headers: { 'Idempotency-Key': 'k' } };
    const isRoots = (request: { url: string }) => request.url.includes('jobroots');
    fixture.failing.refuse(100, isRoots);
    expect(await fixture.callAs()('POST', path, keyed)).toMatchObject({ status: 503 });
    fixture.failing.refuse(0);
    const answer = await fixture.callAs()('POST', path, keyed);
    expect(answer).toMatchObject({ status: 202, body: { status: 'Waiting', handoverOf: idOf(1) } });
    expect(fixture.durable.started).toHaveLength(1);
  });

  it('is for administrators', async () => {
    await put(1, 'ann', ...PAUSED);
    expect(await fixture.callAs(asUser('ann'))('POST', path)).toMatchObject({ status: 403 });
  });
});

describe('C20 GET /system-jobs/{id}/changes', () => {
  const outcome = (number: number, kind: RecordOutcome['outcome']): RecordOutcome => ({
    recordId: idOf(number),
    table: 'contact',
    outcome: kind,
    changes: kind === 'done' ? [{ name: 'ownerId', old: '=ann', new: 'kim' }] : [],
    version: kind === 'done' ? 2 : null,
    changedOn: null,
  });

  it('pages through the change log, by outcome if asked', async () => {
    const id = await put(1);
    fixture.cascades.outcomes = [1, 2, 3].map((number) => outcome(number, 'done')).concat(outcome(4, 'skipped'));
    const call = fixture.callAs();
    const first = await call('GET', `/api/system-jobs/${id}/changes?outcome=done&pageSize=2`);
    expect(first.body).toMatchObject({ items: [{ recordId: idOf(1) }, { recordId: idOf(2) }] });
    const { continuationToken } = first.body as { continuationToken: string };
    const rest = await call(
      'GET',
      `/api/system-jobs/${id}/changes?outcome=done&pageSize=2&continuationToken=${continuationToken}`,
    );
    expect(rest.body).toEqual({ items: [outcome(3, 'done')] });
    expect(await call('GET', `/api/system-jobs/${id}/changes?continuationToken=***`)).toMatchObject({ status: 400 });
    expect(await call('GET', `/api/system-jobs/${id}/changes?outcome=lost`)).toMatchObject({ status: 400 });
  });

  it('gives the whole as CSV, formulas made harmless', async () => {
    const id = await put(1);
    fixture.cascades.outcomes = Array.from({ length: 1203 }, (_, at) => outcome(at, at % 2 ? 'done' : 'unprocessed'));
    const answer = await fixture.callAs()('GET', `/api/system-jobs/${id}/changes`, { headers: { Accept: 'text/csv' } });
    expect(answer.headers['Content-Type']).toBe('text/csv; charset=utf-8');
    const lines = String(answer.body).split('\r\n');
    expect(lines).toHaveLength(1 + 1203 + 1);
    expect(lines[0]).toBe('recordId,table,outcome,name,old,new,version,changedOn,problem');
    expect(lines[2]).toBe(`${idOf(1)},contact,done,ownerId,'=ann,kim,2,,`);
    const done = await fixture.callAs()('GET', `/api/system-jobs/${id}/changes?outcome=done`, {
      headers: { Accept: 'text/csv' },
    });
    expect(String(done.body).split('\r\n')).toHaveLength(1 + 601 + 1);
  });
});
