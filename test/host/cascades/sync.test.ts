/** Hunts: halves of a synchronous cascade that somebody can see, locks that stay, changes that it overlooks. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostAnswer } from '../../support/host-call.ts';
import { type Family, JobsHost } from './jobs-host.ts';

type Body = Readonly<Record<string, unknown>> & {
  readonly jobId: string;
  readonly differed?: readonly { readonly recordId: string; readonly name: string }[];
  readonly items?: readonly Readonly<Record<string, unknown>>[];
};

/** Puts the clock of the service past any deadline. */
const LATE = { aheadSeconds: 600 };
const COMMIT = '"state":"committed"';
const BEGIN = '"state":"pending"';
/** All was decided on, nothing is locked yet. */
const DECIDED = 'manifest|';
let jobs: JobsHost;

beforeAll(async () => {
  jobs = await JobsHost.start();
});

afterAll(() => jobs?.dispose());

function assign({ root }: Pick<Family, 'root'>, body: Record<string, unknown> = {}): Promise<HostAnswer<Body>> {
  return jobs.call<Body>('POST', `/tables/account/${root}/assign`, { ownerId: 'kim', ...body });
}

function assignHeldAt(text: string, family: Family, meanwhile: () => Promise<void>): Promise<HostAnswer<Body>> {
  return heldAt(text, () => assign(family, { mode: 'sync' }), meanwhile);
}

/** Calls, and holds the call at its first write that carries a text, while something else is done. */
async function heldAt(
  text: string,
  start: () => Promise<HostAnswer<Body>>,
  meanwhile: () => Promise<void>,
): Promise<HostAnswer<Body>> {
  jobs.faults.make({ hold: { text } });
  const running = start();
  // It may fail before it is waited for.
  running.catch(() => undefined);
  try {
    await jobs.faults.untilHeld();
    await meanwhile();
  } finally {
    jobs.faults.end();
  }
  return running;
}

async function ownersOf({ root, contacts }: Family): Promise<unknown[]> {
  const paths = [`/tables/account/${root}`, ...contacts.map((id) => `/tables/contact/${id}`)];
  const owners = await Promise.all(paths.map(async (path) => (await jobs.call<Body>('GET', path)).body.ownerId));
  return [...new Set(owners)];
}

function patchOf(id: string | undefined, phone: string): Promise<HostAnswer<Body>> {
  return jobs.call<Body>('PATCH', `/tables/contact/${id}`, { phone }, { 'If-Match': '"1"' });
}

describe('C2 a synchronous cascade over HTTP', () => {
  it('is done when it is answered: records, job and change log', async () => {
    const family = await jobs.family(3);
    const answer = await assign(family, { mode: 'sync' });
    expect(answer).toMatchObject({ status: 200, body: { counts: { total: 4, done: 4, failed: 0, skipped: 0 } } });
    expect(await ownersOf(family)).toEqual(['kim']);
    const { jobId } = answer.body;
    expect((await jobs.call('GET', `/system-jobs/${jobId}`)).body).toMatchObject({
      mode: 'sync',
      status: 'Completed',
      phase: 'finishing',
      progress: { total: 4, done: 4 },
      byTable: { account: { total: 1, done: 1 }, contact: { total: 3, done: 3 } },
    });
    const { items = [] } = (await jobs.call<Body>('GET', `/system-jobs/${jobId}/changes`)).body;
    expect(items).toHaveLength(4);
    for (const item of items) {
      const changes = [{ name: 'ownerId', old: 'ann', new: 'kim' }];
      expect(item).toMatchObject({ outcome: 'done', version: 2, changes });
    }
    expect(await assign(family, { mode: 'sync' })).toMatchObject({ status: 200, body: { counts: { done: 4 } } });
    expect((await jobs.call<Body>('GET', `/tables/account/${family.root}`)).body).toMatchObject({ version: 2 });
  });

  it('lets nobody see it before its commit, nor write what it has locked or put something under it', async () => {
    const family = await jobs.family(3);
    const answer = await assignHeldAt(COMMIT, family, async () => {
      expect(await ownersOf(family)).toEqual(['ann']);
      const refused = await patchOf(family.contacts[0], '1');
      expect(refused).toMatchObject({ status: 423, body: { jobId: expect.any(String) } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      const { jobId } = refused.body;
      expect((await jobs.call('GET', `/system-jobs/${jobId}`)).body).toMatchObject({
        status: 'InProgress',
        legalCommands: [],
      });
      expect(await jobs.call('POST', `/system-jobs/${jobId}/cancel`, {})).toMatchObject({ status: 409 });
      const child = { fullName: 'Late', lookups: { account_contacts: family.root } };
      expect(await jobs.call('POST', '/tables/contact', child)).toMatchObject({ status: 423, body: { jobId } });
      expect(await assign(family)).toMatchObject({ status: 409, body: { jobId } });
      const under = await jobs.call<Body>('POST', `/tables/contact/${family.contacts[0]}/assign`, { ownerId: 'lee' });
      expect(under).toMatchObject({ status: 423, body: { jobId } });
      const { items } = (await jobs.call<Body>('GET', `/system-jobs/${jobId}/changes?outcome=done`)).body;
      expect(items).toEqual([]);
    });
    expect(answer).toMatchObject({ status: 200, body: { counts: { done: 4 } } });
    expect(await ownersOf(family)).toEqual(['kim']);
  });

  it.each([
    [
      'ownerId',
      async (id: string) => {
        const { body } = await jobs.call('POST', `/tables/contact/${id}/assign`, { ownerId: 'lee', mode: 'async' });
        await jobs.untilStatus(String(body.jobId), 'Completed');
      },
    ],
    [
      'state',
      (id: string) => jobs.call('PATCH', `/tables/contact/${id}`, { state: 'Inactive' }, { 'If-Match': '"1"' }),
    ],
  ])('puts everything back when %s of a record was changed meanwhile, and says so', async (name, change) => {
    const family = await jobs.family(3);
    const [first = ''] = family.contacts;
    const answer = await assignHeldAt(DECIDED, family, async () => {
      await change(first);
    });
    expect(answer).toMatchObject({ status: 409, body: { jobId: expect.any(String) } });
    expect(answer.body.differed).toMatchObject([{ recordId: first, name }]);
    expect(await ownersOf({ ...family, contacts: family.contacts.slice(1) })).toEqual(['ann']);
    const job = await jobs.call<Body>('GET', `/system-jobs/${answer.body.jobId}`);
    expect(job.body).toMatchObject({ status: 'Failed', mode: 'sync', progress: { total: 4, done: 0 } });
    expect(await assign(family, { mode: 'sync' })).toMatchObject({ status: 200 });
  });

  it('puts everything back when a record came to the set meanwhile; other columns may change', async () => {
    const family = await jobs.family(2);
    const child = { fullName: 'New', ownerId: 'ann', lookups: { account_contacts: family.root } };
    let newcomer = '';
    const answer = await assignHeldAt(DECIDED, family, async () => {
      newcomer = String((await jobs.call<Body>('POST', '/tables/contact', child)).body.id);
    });
    expect(answer).toMatchObject({ status: 409, body: { differed: [{ recordId: newcomer, name: 'set' }] } });
    expect(await ownersOf({ ...family, contacts: [...family.contacts, newcomer] })).toEqual(['ann']);
    const again = await assignHeldAt(DECIDED, family, async () => {
      expect(await patchOf(newcomer, '7')).toMatchObject({ status: 200 });
    });
    expect(again).toMatchObject({ status: 200, body: { counts: { done: 4 } } });
    expect((await jobs.call<Body>('GET', `/tables/contact/${newcomer}`)).body).toMatchObject({
      ownerId: 'kim',
      phone: '7',
      version: 3,
    });
  });
});

describe('C2 past its deadline', () => {
  it('a cascade is rolled back with 503 that advises mode=async, and a retry starts anew', async () => {
    const family = await jobs.family(2);
    const answer = await assignHeldAt(COMMIT, family, async () => {
      jobs.faults.make({ hold: { text: COMMIT }, ...LATE });
      expect(await ownersOf(family)).toEqual(['ann']);
      expect(await patchOf(family.contacts[0], '1')).toMatchObject({ status: 200 });
    });
    expect(answer).toMatchObject({
      status: 503,
      body: { type: '/problems/transaction-too-long', advice: 'mode=async' },
    });
    expect(await ownersOf(family)).toEqual(['ann']);
    expect(await assign(family)).toMatchObject({ status: 200, body: { counts: { done: 3 } } });
  });

  it('E5 C21 a cascade whose host is killed is rolled back, and gives its root free', async () => {
    const family = await jobs.family(2);
    let jobId = '';
    const running = assignHeldAt(COMMIT, family, async () => {
      ({ jobId } = (await patchOf(family.contacts[0], '1')).body);
      await jobs.host.kill9();
    }).catch(() => undefined);
    await running;
    await jobs.host.restart();
    expect(await ownersOf(family)).toEqual(['ann']);
    jobs.faults.make(LATE);
    expect(await patchOf(family.contacts[0], '1')).toMatchObject({ status: 200 });
    // The next request on the root ends what is past its deadline.
    expect(await assign(family)).toMatchObject({ status: 200, body: { counts: { done: 3 } } });
    expect(await jobs.job(jobId)).toMatchObject({ status: 'Failed', mode: 'sync' });
  });
});

describe('C2 C7 a synchronous Delete', () => {
  const remove = ({ root }: Pick<Family, 'root'>, mode = '?mode=sync') =>
    jobs.call<Body>('DELETE', `/tables/account/${root}${mode}`);
  const add = (table: string, body: Record<string, unknown>) => jobs.call<Body>('POST', `/tables/${table}`, body);
  const statusesOf = async ({ root, contacts }: Family) => {
    const paths = [`/tables/account/${root}`, ...contacts.map((id) => `/tables/contact/${id}`)];
    return Promise.all(paths.map(async (path) => (await jobs.call('GET', path)).status));
  };

  it('takes all at one moment, and until then nobody can put a record under one of them', async () => {
    const family = await jobs.family(2);
    const [contact] = family.contacts;
    const late = { fullName: 'Late', lookups: { account_contacts: family.root } };
    const answer = await heldAt(
      COMMIT,
      () => remove(family),
      async () => {
        expect(await statusesOf(family)).toEqual([200, 200, 200]);
        const refused = await add('contact', late);
        expect(refused).toMatchObject({ status: 423, body: { jobId: expect.any(String) } });
        const { jobId } = refused.body;
        const order = { orderNumber: 'S-1', lookups: { contact_orders: contact } };
        expect(await add('order', order)).toMatchObject({ status: 423, body: { jobId } });
        expect(await patchOf(contact, '1')).toMatchObject({ status: 423, body: { jobId } });
        expect(await remove(family)).toMatchObject({ status: 409, body: { jobId } });
      },
    );
    expect(answer).toMatchObject({ status: 200, body: { counts: { total: 3, done: 3, failed: 0, skipped: 0 } } });
    expect(await statusesOf(family)).toEqual([404, 404, 404]);
    expect(await add('contact', late)).toMatchObject({ status: 422 });
    expect(await jobs.job(answer.body.jobId)).toMatchObject({ status: 'Completed', mode: 'sync', action: 'delete' });
  });

  it('that fails puts every record back, and leaves nothing fenced', async () => {
    const family = await jobs.family(2);
    const [first = '', second = ''] = family.contacts;
    const late = { fullName: 'Late', lookups: { account_contacts: family.root } };
    const answer = await heldAt(
      DECIDED,
      () => remove(family),
      async () => {
        expect(await add('contact', late)).toMatchObject({ status: 409, body: { jobId: expect.any(String) } });
        const under = await jobs.call<Body>('DELETE', `/tables/contact/${second}?mode=sync`);
        expect(under).toMatchObject({ status: 409, body: { jobId: expect.any(String) } });
        const state = { state: 'Inactive' };
        await jobs.call('PATCH', `/tables/contact/${first}`, state, { 'If-Match': '"1"' });
      },
    );
    expect(answer).toMatchObject({ status: 409, body: { differed: [{ recordId: first, name: 'state' }] } });
    expect(await statusesOf(family)).toEqual([200, 200, 200]);
    expect(await jobs.job(answer.body.jobId)).toMatchObject({ status: 'Failed', progress: { total: 3, done: 0 } });
    expect(await add('contact', late)).toMatchObject({ status: 201 });
    expect(await patchOf(second, '1')).toMatchObject({ status: 200 });
    expect(await remove(family)).toMatchObject({ status: 200, body: { counts: { done: 4 } } });
  });

  it('is refused while related records forbid it, also one that came after it was asked for', async () => {
    const family = await jobs.family(1);
    const quote = { quoteNumber: 'Q-1', lookups: { account_quotes: family.root } };
    let blocker = '';
    const answer = await heldAt(
      BEGIN,
      () => remove(family),
      async () => {
        blocker = String((await add('quote', quote)).body.id);
      },
    );
    const blockers = [{ relationship: 'account_quotes', count: 1, examples: [blocker] }];
    expect(answer).toMatchObject({ status: 409, body: { jobId: expect.any(String), blockers } });
    expect(await remove(family)).toMatchObject({ status: 409, body: { blockers } });
    expect(await statusesOf(family)).toEqual([200, 200]);
    expect(await add('contact', { fullName: 'New', lookups: { account_contacts: family.root } })).toMatchObject({
      status: 201,
    });
  });

  it('C5 is what a DELETE comes to below its threshold', async () => {
    const [small, large] = [await jobs.family(1), await jobs.family(2)];
    await jobs.settings({ thresholds: { delete: 3 } });
    expect(await remove(small, '')).toMatchObject({ status: 200, body: { counts: { total: 2, done: 2 } } });
    const started = await remove(large, '');
    expect(started).toMatchObject({ status: 202, body: { jobId: expect.any(String) } });
    await jobs.untilStatus(started.body.jobId, 'Completed');
    expect(await statusesOf(large)).toEqual([404, 404, 404]);
    await jobs.settings({ thresholds: null });
  });
});

describe('C5 the mode', () => {
  it('follows the thresholds, the switch and the request', async () => {
    const family = await jobs.family(2);
    await jobs.settings({ thresholds: { assign: 3 } });
    const async = await assign(family);
    expect(async.status).toBe(202);
    await jobs.untilStatus(async.body.jobId, 'Completed');
    expect(await assign(family, { mode: 'sync' })).toMatchObject({ status: 200 });
    await jobs.settings({ thresholds: { assign: 4 } });
    expect(await assign(family)).toMatchObject({ status: 200 });
    await jobs.settings({ thresholds: null, asyncCascades: false });
    expect(await assign(family)).toMatchObject({ status: 200 });
    expect(await assign(family, { mode: 'async' })).toMatchObject({ status: 422 });
    await jobs.settings({ asyncCascades: null });
  });

  it('A11 C2 gives the answer of a cascade that is done again for its Idempotency-Key', async () => {
    const family = await jobs.family(1);
    const headers = { 'Idempotency-Key': randomUUID() };
    const path = `/tables/account/${family.root}/assign`;
    const first = await jobs.call('POST', path, { ownerId: 'kim' }, headers);
    const again = await jobs.call('POST', path, { ownerId: 'kim' }, headers);
    expect(first.status).toBe(200);
    expect(again).toMatchObject({ status: 200, text: first.text });
  });
});
