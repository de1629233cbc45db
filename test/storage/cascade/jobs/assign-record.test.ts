import { beforeEach, describe, expect, it } from 'vitest';
import { asUser, createJobFixture, type JobFixture } from './job-fixture.ts';

let fixture: JobFixture;
beforeEach(() => {
  fixture = createJobFixture();
});

const ID = '22222222-2222-4222-8222-222222222222';
const PATH = `/api/tables/account/${ID}/assign`;
const toKim = { body: { ownerId: 'kim', mode: 'async' } };

async function people(): Promise<void> {
  await fixture.putUser('kim');
  await fixture.putAccount(ID, 'ann');
}

describe('C4 POST /tables/{table}/{id}/assign', () => {
  it('makes a job, starts its orchestration under the job’s id, and answers 202 with Location', async () => {
    await people();
    const answer = await fixture.callAs()('POST', PATH, toKim);
    expect(answer.status).toBe(202);
    const { jobId } = answer.body as { jobId: string };
    expect(answer.headers.Location).toBe(`/api/system-jobs/${jobId}`);
    expect(fixture.durable.started).toEqual([`cascadeJob ${jobId}`]);
    expect(await fixture.jobs.find(jobId)).toMatchObject({
      status: 'Waiting',
      tokenRole: 'Administrator',
      plan: {
        jobId,
        action: 'assign',
        table: 'account',
        recordId: ID,
        ownerId: 'kim',
        formerOwnerId: 'ann',
        lanes: 4,
        by: 'admin',
        behaviors: { account_contacts: 'All', account_cases: 'Active', account_activities: 'UserOwned' },
      },
    });
  });

  it('leaves relationships that it doesn’t follow out of the plan', async () => {
    await people();
    const { body } = await fixture.callAs()('POST', PATH, toKim);
    const job = await fixture.jobs.find((body as { jobId: string }).jobId);
    expect(Object.keys(job?.plan.behaviors ?? {})).not.toContain('contact_cases');
  });

  it('A11 makes one job for one Idempotency-Key, also when the first answer was lost', async () => {
    await people();
    const call = fixture.callAs();
    const keyed = { ...toKim, headers: { 'Idempotency-Key': 'k1' } };
    const first = await call('POST', PATH, keyed);
    const again = await call('POST', PATH, keyed);
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect(fixture.durable.started).toHaveLength(1);
  });

  it('is accepted when the job is stored, although its orchestration can’t be started now', async () => {
    await people();
    fixture.durable.failure = new Error('connection refused');
    const answer = await fixture.callAs()('POST', PATH, toKim);
    expect(answer).toMatchObject({ status: 202, errors: [] });
    expect(await fixture.jobs.find((answer.body as { jobId: string }).jobId)).toMatchObject({ status: 'Waiting' });
  });

  it('C21 answers 409 with the job that is at work on the root', async () => {
    await people();
    const first = await fixture.callAs()('POST', PATH, toKim);
    const second = await fixture.callAs()('POST', PATH, { body: { ownerId: 'admin', mode: 'async' } });
    expect(second).toMatchObject({ status: 409, body: first.body as object });
    expect(fixture.durable.started).toHaveLength(1);
  });

  it('C21 says of a paused job in the way that waiting won’t help', async () => {
    await people();
    const first = (await fixture.callAs()('POST', PATH, toKim)).body as { jobId: string };
    const atWork = await fixture.callAs()('POST', PATH, toKim);
    expect(atWork.body).toMatchObject({ detail: expect.stringContaining('Wait for its end') });
    const counts = { done: 0, failed: 0, skipped: 0, byTable: {}, heartbeatOn: null };
    const pause = { type: 'command', command: 'pause', by: 'kim' } as const;
    await fixture.live(first.jobId, { type: 'run', processed: 0 }, pause, { type: 'stopped', counts });
    const paused = await fixture.callAs()('POST', PATH, toKim);
    expect(paused).toMatchObject({
      status: 409,
      body: { ...first, detail: expect.stringContaining('resume or cancel') },
    });
  });

  it('C21 takes the root of a job that has ended and didn’t come to give it up', async () => {
    await people();
    const first = await fixture.callAs()('POST', PATH, toKim);
    await fixture.live((first.body as { jobId: string }).jobId, { type: 'broken', text: 'Gone.' });
    expect(await fixture.callAs()('POST', PATH, toKim)).toMatchObject({ status: 202 });
  });
});

describe('E4 who may assign', () => {
  const grant = async (name: string, ...actions: readonly ('Assign' | 'Write' | 'Read')[]) => {
    const privileges = actions.map((action) => ({ table: 'account', action, depth: 'Organization' }) as const);
    await fixture.roles.putRole({ name, privileges, by: 'admin', ifMatch: undefined });
    await fixture.putUser('bob', [name]);
  };

  it('answers 404 for a record that isn’t there or that the caller may not read', async () => {
    await people();
    await fixture.putUser('bob');
    const other = '33333333-3333-4333-8333-333333333333';
    expect(await fixture.callAs()('POST', `/api/tables/account/${other}/assign`, toKim)).toMatchObject({ status: 404 });
    expect(await fixture.callAs(asUser('bob'))('POST', PATH, toKim)).toMatchObject({ status: 404 });
    expect(await fixture.callAs()('POST', `/api/tables/nothing/${ID}/assign`, toKim)).toMatchObject({ status: 404 });
  });

  it.each([
    ['Assign', ['Write', 'Read']],
    ['Write', ['Assign', 'Read']],
  ] as const)('answers 403 that names %s and the table', async (lacked, given) => {
    await people();
    await grant('clerk', ...given);
    const answer = await fixture.callAs(asUser('bob'))('POST', PATH, toKim);
    expect(answer).toMatchObject({ status: 403, body: { privilege: lacked, table: 'account' } });
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(`prv${lacked}Account`) });
  });

  it('lets a user assign its own records', async () => {
    await people();
    await fixture.putUser('ann');
    expect(await fixture.callAs(asUser('ann'))('POST', PATH, toKim)).toMatchObject({ status: 202 });
  });

  it.each([
    ['nobody', 'no enabled user'],
    ['lou', 'no enabled user'],
    ['eve', 'may read'],
  ])('answers 422 for %s as the new owner', async (ownerId, words) => {
    await people();
    await fixture.putUser('lou', ['User'], false);
    await fixture.putUser('eve', []);
    const answer = await fixture.callAs()('POST', PATH, { body: { ownerId } });
    expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringContaining(words) } });
  });
});

describe('C5 the mode', () => {
  it.each([
    ['auto', true, 200],
    ['async', true, 202],
    ['sync', true, 200],
    ['auto', false, 200],
    ['async', false, 422],
    ['sync', false, 200],
  ] as const)('%s, with asyncCascades %s, is answered with %i', async (mode, asyncCascades, status) => {
    await people();
    if (!asyncCascades) await fixture.settings.changeSettings({ patch: { asyncCascades }, by: 'admin', ifMatch: 0 });
    expect(await fixture.callAs()('POST', PATH, { body: { ownerId: 'kim', mode } })).toMatchObject({ status });
    expect(fixture.durable.started).toHaveLength(status === 202 ? 1 : 0);
  });

  it.each([{}, { ownerId: 'a b' }, { ownerId: 'kim', mode: 'fast' }, { ownerId: 'kim', owner: 'x' }])(
    'the body %j is answered with 400',
    async (body) => {
      expect(await fixture.callAs()('POST', PATH, { body })).toMatchObject({ status: 400 });
    },
  );
});
