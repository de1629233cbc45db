/** System jobs over HTTP on the local host, with a storage service that refuses what a test says. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { batchSizeOf, FIRST_PACE } from '../../../shared/cascade/jobs/batch-pace.ts';
import { JobsHost } from './jobs-host.ts';

let jobs: JobsHost;
beforeAll(async () => {
  jobs = await JobsHost.start();
});
afterAll(() => jobs?.dispose());
afterEach(() => jobs.faults.end());

/** Ids of the records in a job's change log, as CSV, of one outcome or of all. */
async function csvOf(id: string, outcome?: string): Promise<string[]> {
  const path = `/system-jobs/${id}/changes${outcome ? `?outcome=${outcome}` : ''}`;
  const { status, text } = await jobs.call('GET', path, undefined, { accept: 'text/csv' });
  expect(status).toBe(200);
  const [head, ...lines] = text.trimEnd().split('\r\n');
  expect(head).toBe('recordId,table,outcome,name,old,new,version,changedOn,problem');
  return lines.map((line) => line.split(',')[0] ?? '').sort();
}

describe('C19 C20 poison records', () => {
  it('stand alone: the rest completes, the job names exactly those, retry and skip bring it to its end', async () => {
    const family = await jobs.family(120);
    const poison = family.contacts.slice(50, 53);
    jobs.faults.make({ poison });
    const id = await jobs.assign(family);
    const paused = await jobs.untilStatus(id, 'Paused');
    expect([...(paused.pauseReason?.records ?? [])].sort()).toEqual([...poison].sort());
    expect(paused).toMatchObject({
      label: 'Failed',
      progress: { total: 121, done: 118, failed: 3, skipped: 0 },
      legalCommands: ['resume', 'cancel', 'handover', 'retry', 'skip'],
    });
    expect(await jobs.ownerOf('contact', family.contacts[51] ?? '')).toBe('ann');
    expect(await jobs.ownerOf('contact', family.contacts[54] ?? '')).toBe('kim');

    expect(await csvOf(id, 'failed')).toEqual([...poison].sort());
    expect(await csvOf(id, 'unprocessed')).toEqual([]);

    jobs.faults.make({ poison: poison.slice(1) });
    expect(await jobs.command(id, 'retry', { records: poison.slice(0, 2) })).toMatchObject({ status: 202 });
    const again = await jobs.until(id, ({ status, progress }) => status === 'Paused' && progress.done === 119);
    expect([...(again.pauseReason?.records ?? [])].sort()).toEqual(poison.slice(1).sort());

    expect(await jobs.command(id, 'skip', { records: [family.contacts[0]] })).toMatchObject({ status: 422 });
    expect(await jobs.command(id, 'skip')).toMatchObject({ status: 202 });
    expect(await jobs.untilStatus(id, 'Completed')).toMatchObject({
      progress: { total: 121, done: 119, failed: 0, skipped: 2 },
    });
    expect(await csvOf(id, 'skipped')).toEqual(poison.slice(1).sort());
    expect(await csvOf(id, 'failed')).toEqual([]);
    expect(await csvOf(id, 'done')).toHaveLength(119);
    expect(await csvOf(id)).toHaveLength(121);
  });
});

describe('C22 busy storage', () => {
  it('makes batches smaller and is shown while it lasts; the job pauses, is resumed, and completes', async () => {
    await jobs.settings({ retry: { maxAttempts: 2, firstDelaySeconds: 0.2, maxDelaySeconds: 0.2 } });
    const family = await jobs.family(200);
    jobs.faults.make({ busy: ['recordscontact'] });
    const id = await jobs.assign(family);
    const throttled = await jobs.until(id, ({ throttledBy }) => throttledBy === 'storage');
    expect(throttled.batchSize).toBeLessThan(batchSizeOf(FIRST_PACE));
    const paused = await jobs.untilStatus(id, 'Paused');
    expect(paused).toMatchObject({ pauseReason: { code: 'retries-exhausted' }, throttledBy: null });
    expect(paused.retryCount).toBeGreaterThan(0);
    jobs.faults.end();
    await jobs.command(id, 'resume');
    const done = await jobs.untilStatus(id, 'Completed');
    expect(done).toMatchObject({ throttledBy: null, progress: { total: 201, done: 201 } });
    await jobs.settings({ retry: null });
  });
});

describe('C22 one switch for all jobs', () => {
  it('holds them back, and lets them go on', async () => {
    await jobs.settings({ pauseAllJobs: true });
    const id = await jobs.assign(await jobs.family(10));
    expect(await jobs.until(id, ({ throttledBy }) => throttledBy === 'pauseAllJobs')).toMatchObject({
      status: 'Waiting',
      label: 'In Progress',
      legalCommands: ['cancel'],
    });
    await jobs.settings({ pauseAllJobs: false });
    await jobs.untilStatus(id, 'Completed');
  });
});

describe('C15, C7 cancel and rerun', () => {
  it('a cancelled job keeps what it did, and its rerun does the rest', async () => {
    await jobs.settings({ pauseAllJobs: true });
    const family = await jobs.family(30);
    const id = await jobs.assign(family);
    expect(await jobs.command(id, 'rerun')).toMatchObject({ status: 409, body: { legalCommands: ['cancel'] } });
    await jobs.command(id, 'cancel');
    await jobs.settings({ pauseAllJobs: false });
    await jobs.untilStatus(id, 'Canceled');
    const rerun = await jobs.command(id, 'rerun');
    const jobId = rerun.body.jobId ?? '';
    expect(rerun).toMatchObject({ status: 202, body: { id: jobId, rerunOf: id } });
    expect(rerun.headers.get('location')).toBe(`/api/system-jobs/${jobId}`);
    expect(await jobs.untilStatus(jobId, 'Completed')).toMatchObject({ progress: { total: 31, done: 31 } });
    expect((await jobs.job(id)).messages.at(-1)?.text).toContain(jobId);
  });
});

describe('C20 undo', () => {
  it('is a job of its own, leaves alone what was changed since, and can be undone', async () => {
    const family = await jobs.family(120);
    const [touched = ''] = family.contacts;
    const id = await jobs.assign(family);
    await jobs.untilStatus(id, 'Completed');
    await jobs.call('PATCH', `/tables/contact/${touched}`, { phone: '1' }, { 'if-match': '"2"' });

    const undo = await jobs.command(id, 'undo');
    const undoId = undo.body.jobId ?? '';
    expect(undo).toMatchObject({ status: 202, body: { id: undoId, action: 'undo', undoOf: id } });
    const done = await jobs.untilStatus(undoId, 'Completed');
    expect(done).toMatchObject({ action: 'undo', progress: { total: 121, done: 120, failed: 0, skipped: 1 } });
    expect(await jobs.ownerOf('account', family.root)).toBe('ann');
    expect(await jobs.ownerOf('contact', family.contacts[7] ?? '')).toBe('ann');
    expect(await jobs.ownerOf('contact', touched)).toBe('kim');
    const skipped = await jobs.call('GET', `/system-jobs/${undoId}/changes?outcome=skipped`, undefined, {
      accept: 'text/csv',
    });
    expect(skipped.text).toContain(touched);
    expect(skipped.text).toContain('changed since');

    const redo = await jobs.command(undoId, 'undo');
    const redone = await jobs.untilStatus(redo.body.jobId ?? '', 'Completed');
    expect(redone.progress).toMatchObject({ total: 120, done: 120 });
    expect(await jobs.ownerOf('account', family.root)).toBe('kim');
  });
});
