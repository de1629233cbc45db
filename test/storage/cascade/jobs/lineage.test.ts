/** Hunts undos that are done twice, descents that are lost or fork, and jobs that a list can't find. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../../../shared/cascade/jobs/job.ts';
import { openJobs } from '../../../../shared/cascade/jobs/job-store.ts';
import type { JobEvent } from '../../../../shared/cascade/jobs/job-transitions.ts';
import { NO_COUNTS } from '../../../../shared/cascade/jobs/progress.ts';
import { CLAIM_GRACE_MS, reconcileJobs } from '../../../../shared/cascade/jobs/reconcile-jobs.ts';
import type { AssignPlan } from '../../../../shared/cascade/plans.ts';
import { testJob } from '../../../unit/orchestrations/orchestration-fixture.ts';
import { asUser, createJobFixture, type JobFixture, START_MS } from './job-fixture.ts';

let fixture: JobFixture;
beforeEach(() => {
  fixture = createJobFixture();
});

const idOf = (number: number) => `${String(number).padStart(8, '0')}-1111-4111-8111-111111111111`;
const ROOT = idOf(77);
const run: JobEvent = { type: 'run', processed: 0 };
const broken: JobEvent = { type: 'broken', text: 'A record was gone.' };
const paused: readonly JobEvent[] = [
  run,
  { type: 'failing', reason: { code: 'user-removed', user: 'ann' }, text: 'Gone.' },
  { type: 'stopped', counts: NO_COUNTS },
];

async function put(number: number, events: readonly JobEvent[], plan: Partial<AssignPlan> = {}): Promise<string> {
  const jobId = idOf(number);
  const createdOn = new Date(START_MS + number * 1000).toISOString();
  await fixture.jobs.insert(testJob({ jobId, recordId: ROOT, createdOn, ...plan }));
  await fixture.live(jobId, ...events);
  return jobId;
}

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown> & { readonly jobId: string; readonly id: string };
}
const call = async (method: string, path: string): Promise<Answered> =>
  (await fixture.callAs()(method, `/api/system-jobs${path}`)) as unknown as Answered;
const command = (id: string, name: string) => call('POST', `/${id}/${name}`);
const job = async (id: string) => (await call('GET', `/${id}`)).body;

/** Ends a job, as its orchestration would, and gives its root free. */
async function end(id: string): Promise<void> {
  await fixture.live(id, run, broken);
  await fixture.rootClaims.free({ table: 'account', recordId: ROOT }, id);
}

describe('C26 what a job came from, and what came of it', () => {
  it.each([
    ['rerun', 'rerunOf', 'rerunAs', [run, broken]],
    ['undo', 'undoOf', 'undoneBy', [run, broken]],
    ['handover', 'handoverOf', 'handedOverTo', paused],
  ] as const)('%s answers with the new job, and both name each other', async (name, from, to, events) => {
    const id = await put(1, events);
    const answer = await command(id, name);
    const { jobId } = answer.body;
    expect(answer).toMatchObject({
      status: 202,
      headers: { Location: `/api/system-jobs/${jobId}`, ETag: '"1"' },
      body: { id: jobId, status: 'Waiting', [from]: id },
    });
    expect(await job(id)).toMatchObject({ [to]: jobId });
    expect(await job(jobId)).toMatchObject({ [from]: id });
  });

  it('a job names the nearest it came from: the rerun of one that was handed over', async () => {
    const first = await put(1, paused);
    const { jobId: second } = (await command(first, 'handover')).body;
    await end(second);
    const third = (await command(second, 'rerun')).body;
    expect(third).toMatchObject({ rerunOf: second });
    expect(third).not.toHaveProperty('handoverOf');
  });

  it('a second undo is refused with the first one’s id, and is not offered', async () => {
    const id = await put(1, [run, broken]);
    const { jobId } = (await command(id, 'undo')).body;
    await end(jobId);
    expect(await job(id)).toMatchObject({ legalCommands: ['rerun'] });
    expect(await command(id, 'undo')).toMatchObject({
      status: 409,
      body: { jobId, detail: expect.stringContaining(`undone by job ${jobId}`) },
    });
    expect(await command(jobId, 'undo')).toMatchObject({ status: 202, body: { undoOf: jobId } });
  });

  it('an undo that was cut off before its job was made gives way, and never comes later', async () => {
    const id = await put(1, [run, broken]);
    fixture.failing.refuse(100, (request: { url: string }) => request.url.includes('jobindex'));
    expect(await command(id, 'undo')).toMatchObject({ status: 503 });
    fixture.failing.refuse(0);
    const cutOff = (await fixture.jobs.find(id))?.undoneBy ?? '';
    expect(cutOff).not.toBe('');
    const shown = await job(id);
    expect(shown).toMatchObject({ legalCommands: ['rerun', 'undo'] });
    expect(shown).not.toHaveProperty('undoneBy');
    expect(await command(id, 'undo')).toMatchObject({ status: 409, body: { jobId: cutOff } });

    fixture.clock.nowMs += CLAIM_GRACE_MS + 1000;
    const instances = { start: async () => {}, wake: async () => {}, state: async () => 'none' as const };
    const { jobs, rootClaims, sync, cascades: cascadeRecords, clock } = fixture;
    const now = () => clock.nowMs;
    await reconcileJobs({ jobs, rootClaims, sync, cascadeRecords, now, areJobsPaused: async () => false }, instances);
    const { jobId } = (await command(id, 'undo')).body;
    expect(await job(id)).toMatchObject({ undoneBy: jobId });
    expect(await fixture.jobs.insert({ ...testJob(), id: cutOff })).toBe('abandoned');
  });

  it('jobs from before this was kept have none of it, and take the same commands', async () => {
    const id = await put(1, [run, broken]);
    const table = fixture.storage.table('jobs');
    const row = await table.get(id, 'job');
    const stored = JSON.parse(String((row as unknown as { body0: string }).body0)) as Job;
    expect(Object.keys(stored)).not.toContain('undoneBy');
    expect(Object.keys(stored.plan)).not.toContain('askedMode');
    expect((await openJobs(fixture.storage).find(id))?.rerunAs).toBeUndefined();
    expect((await job(id)).request).toEqual({ ownerId: 'kim' });
    expect(await command(id, 'rerun')).toMatchObject({ status: 202, body: { rerunOf: id } });
  });
});

describe('C26 jobs are found by record, table and time', () => {
  const list = async (query: string) => {
    const { status, body } = await call('GET', `?${query}`);
    return status === 200 ? (body.items as { id: string }[]).map(({ id }) => id) : status;
  };
  const at = (seconds: number) => encodeURIComponent(new Date(START_MS + seconds * 1000).toISOString());

  it('whatever stands between them', async () => {
    const other = idOf(78);
    await put(1, []);
    await put(2, [], { recordId: other });
    await put(3, [], { recordId: other, table: 'contact' });
    expect(await list(`record=${ROOT}`)).toEqual([idOf(1)]);
    expect(await list(`record=${other.toUpperCase()}`)).toEqual([idOf(3), idOf(2)]);
    expect(await list(`record=${other}&table=contact`)).toEqual([idOf(3)]);
    expect(await list('table=account&pageSize=1')).toEqual([idOf(2)]);
    expect(await list(`from=${at(2)}`)).toEqual([idOf(3), idOf(2)]);
    expect(await list(`to=${at(2)}`)).toEqual([idOf(1)]);
    expect(await list(`from=${at(1.5)}&to=${at(2.5)}`)).toEqual([idOf(2)]);
    expect(await list('table=nothing')).toBe(400);
    expect(await list('from=yesterday')).toBe(400);
  });

  it('a merge under both of its records', async () => {
    const createdOn = new Date(START_MS).toISOString();
    const { plan } = testJob({ jobId: idOf(5), recordId: ROOT, createdOn });
    const merge = { action: 'merge', subordinateId: idOf(79), content: {}, targetTable: 'account' } as const;
    await fixture.jobs.insert({ ...testJob(), id: idOf(5), plan: { ...plan, ...merge, performParentingChecks: true } });
    expect(await list(`record=${ROOT}`)).toEqual([idOf(5)]);
    expect(await list(`record=${idOf(79)}`)).toEqual([idOf(5)]);
  });

  it('entries from before tables were noted', async () => {
    await put(1, []);
    const index = fixture.storage.table('jobindex');
    for await (const { table: _, ...row } of index.rows({})) {
      await index.write([{ kind: 'upsert', row: row as never }]);
    }
    expect(await list('table=account')).toEqual([idOf(1)]);
    expect(await list('table=contact')).toEqual([]);
  });
});

describe('C27 POST /system-jobs/{id}/preview', () => {
  const preview = (id: string, body: unknown, caller = fixture.callAs()) =>
    caller('POST', `/api/system-jobs/${id}/preview`, { body });

  it.each(['undo', 'rerun'])('says what %s would come to, and makes nothing', async (name) => {
    const id = await put(1, [run, broken]);
    const before = await fixture.jobs.find(id);
    expect(await preview(id, { command: name })).toMatchObject({
      status: 200,
      body: { mode: 'async', complete: true, total: 1, missingPrivileges: [] },
    });
    expect(await fixture.jobs.find(id)).toEqual(before);
    expect(fixture.durable.started).toEqual([]);
    expect(await fixture.rootClaims.claim({ table: 'account', recordId: ROOT }, 'other', '')).toBe('other');
  });

  it('names the privileges that the caller lacks', async () => {
    const privileges = [{ table: '*', action: 'Read', depth: 'Organization' }] as const;
    await fixture.roles.putRole({ name: 'Reader', privileges, by: 'admin', ifMatch: undefined });
    await fixture.putUser('ann', ['Reader']);
    const id = await put(1, [run, broken]);
    const { body } = await preview(id, { command: 'rerun' }, fixture.callAs(asUser('ann')));
    expect(body).toMatchObject({
      missingPrivileges: expect.arrayContaining([{ privilege: 'Assign', table: 'account' }]),
    });
  });

  it('is refused where the command would be', async () => {
    const id = await put(1, [run]);
    expect(await preview(id, { command: 'rerun' })).toMatchObject({ status: 409 });
    expect(await preview(id, { command: 'pause' })).toMatchObject({ status: 400 });
    const ended = await put(2, [run, broken]);
    const { jobId } = (await command(ended, 'undo')).body;
    expect(await preview(ended, { command: 'undo' })).toMatchObject({ status: 409, body: { jobId } });
    expect(await preview(idOf(9), { command: 'undo' })).toMatchObject({ status: 404 });
  });
});
