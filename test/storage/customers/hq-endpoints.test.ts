import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { headquartersEndpoints } from '../../../functions/headquarters/headquarters-endpoints.ts';
import type { Endpoint } from '../../../shared/http/endpoint.ts';
import type { Caller } from '../../../shared/security/caller.ts';
import { ADMIN, serve, type TestCall } from '../../support/http-call.ts';
import { addChannel, applyAll, type Hq, openHq, uploadAll } from './hq-fixture.ts';

let hq: Hq;
let call: TestCall;
let started: string[];
/** What running instances show of themselves. */
let customStatus: unknown;

/** A durable client that starts instances and keeps them running. */
function fakeClient() {
  return {
    getStatus: async (id: string) => {
      if (started.some((each) => each.endsWith(id))) return { runtimeStatus: 'Running', customStatus };
      throw new Error('DurableClient error: Durable Functions extension replied with HTTP 404 response.');
    },
    startNew: async (name: string, { instanceId }: { instanceId: string }) => {
      started.push(`${name} ${instanceId}`);
      return instanceId;
    },
  };
}

function serveAs(caller: Caller): TestCall {
  const known = {
    list: async () => hq.channels,
    find: async (id: string) => hq.channels.find((channel) => channel.id === id),
  };
  const endpoints = headquartersEndpoints({ ...hq, channels: known, now: Date.now, pipeline: {} as never });
  const durable = fakeClient() as never;
  const withClient = endpoints.map((each): Endpoint => {
    const handle = each.handle as (given: object) => ReturnType<Endpoint['handle']>;
    return { ...each, handle: (given) => handle({ ...(given as object), durable }) };
  });
  return serve(withClient, { caller });
}

beforeEach(() => {
  hq = openHq();
  started = [];
  customStatus = undefined;
  call = serveAs(ADMIN);
});

async function failedOperation(): Promise<string> {
  const customer = randomUUID();
  hq.staged.add(addChannel(hq, 'c'), 'createCustomer', { customer }, { name: 'Anna', currency: 'EURO' });
  await uploadAll(hq);
  await applyAll(hq);
  return `/api/customer-sync/operations/${customer}.c.1`;
}

describe('A5 A6 runs over HTTP', () => {
  it('of P-0001 begin with 202, and a second one is refused with the id of the first', async () => {
    const first = await call('POST', '/api/cdx-jobs/P-0001/runs', { body: {} });
    const { runId } = first.body as { runId: string };
    expect(first).toMatchObject({ status: 202, headers: { Location: `/api/cdx-jobs/P-0001/runs/${runId}` } });
    expect(started).toEqual([`cdxUpload ${runId}`]);
    expect(await call('POST', '/api/cdx-jobs/P-0001/runs')).toMatchObject({
      status: 409,
      headers: { 'Retry-After': '5' },
      body: { runId },
    });
    expect(await call('GET', `/api/cdx-jobs/P-0001/runs/${runId}`)).toMatchObject({
      status: 200,
      body: { runId, status: 'Queued', startedOn: null, completedOn: null, counts: {} },
    });
    expect(await call('GET', '/api/cdx-jobs')).toMatchObject({
      body: {
        items: [
          { job: 'P-0001', lastRun: { runId } },
          { job: '1010', lastRun: null },
          { job: '1070', lastRun: null },
          { job: '1110', lastRun: null },
        ],
      },
    });
  });

  it('of the sync job begin with 202 and are joined with 200', async () => {
    const first = await call('POST', '/api/customer-sync/runs');
    const second = await call('POST', '/api/customer-sync/runs', { body: {} });
    expect([first.status, second.status]).toEqual([202, 200]);
    expect(second.body).toEqual(first.body);
    expect(await call('GET', '/api/customer-sync/runs')).toMatchObject({ body: { items: [first.body] } });
  });

  it.each([
    [
      { applied: 7, failed: 1, held: 0 },
      { applied: 7, failed: 1, held: 0 },
    ],
    [{ applied: 7, channelsLeft: 3 }, { applied: 7 }],
    [null, {}],
  ])('that are under way show what they have done so far: %j', async (shown, counts) => {
    const { runId } = (await call('POST', '/api/customer-sync/runs')).body as { runId: string };
    await hq.runs.begin('customer-sync', runId);
    customStatus = shown;
    const { body } = await call('GET', `/api/customer-sync/runs/${runId}`);
    expect(body).toMatchObject({ status: 'Running' });
    expect((body as { counts: unknown }).counts).toEqual(counts);
  });

  it('of 1010 take known channels alone', async () => {
    addChannel(hq, 'c');
    expect(await call('POST', '/api/cdx-jobs/1010/runs', { body: { channels: ['c'] } })).toMatchObject({ status: 202 });
    expect(await call('POST', '/api/cdx-jobs/1010/runs', { body: { channels: ['c', 'x'] } })).toMatchObject({
      status: 422,
    });
    expect(await call('POST', '/api/cdx-jobs/1010/runs', { body: { chanels: ['c'] } })).toMatchObject({ status: 400 });
  });

  it('of jobs and ids that there are not answer 404', async () => {
    for (const path of ['/api/cdx-jobs/9999/runs', '/api/cdx-jobs/customer-sync/runs']) {
      expect(await call('POST', path)).toMatchObject({ status: 404 });
    }
    expect(await call('GET', `/api/cdx-jobs/1010/runs/${randomUUID()}`)).toMatchObject({ status: 404 });
    expect(await call('GET', '/api/customer-sync/runs/nonsense')).toMatchObject({ status: 404 });
  });
});

describe('A8 the status page over HTTP', () => {
  it('lists, shows and saves operations, with the version as ETag', async () => {
    const path = await failedOperation();
    const list = await call('GET', '/api/customer-sync/operations?status=Failed&channel=c');
    expect(list).toMatchObject({ status: 200, body: { items: [{ status: 'Failed', onlineOperationCompleted: 0 }] } });
    const one = await call('GET', path);
    expect(one.body).toEqual({
      id: path.slice(path.lastIndexOf('/') + 1),
      customerAsyncId: expect.any(String),
      channel: 'c',
      replicationCounter: 1,
      stagingTable: 'RETAILASYNCCUSTOMERV2',
      operation: 'createCustomer',
      operationCode: 1,
      accountNumber: null,
      status: 'Failed',
      onlineOperationCompleted: 0,
      lastError: expect.stringContaining('EURO'),
      description: expect.stringContaining('not created'),
      attributes: [
        { name: 'name', old: null, new: 'Anna' },
        { name: 'currency', old: null, new: 'EURO' },
      ],
      createdOn: '2026-03-01T10:00:00.000Z',
      appliedOn: null,
      editedBy: null,
      editedOn: null,
      discardReason: null,
      discardedBy: null,
      discardedOn: null,
      original: null,
      version: 2,
    });
    expect(one.headers).toMatchObject({ ETag: '"2"' });

    const body = { attributes: { currency: 'EUR' } };
    expect(await call('PATCH', path, { body })).toMatchObject({ status: 428 });
    expect(await call('PATCH', path, { body, headers: { 'If-Match': '"1"' } })).toMatchObject({ status: 412 });
    expect(await call('PATCH', path, { body, headers: { 'If-Match': '"2"' } })).toMatchObject({
      status: 200,
      headers: { ETag: '"3"' },
      body: { editedBy: 'admin', attributes: [{ name: 'name' }, { name: 'currency', new: 'EUR' }] },
    });
  });

  it('synchronizes a failed operation in a run', async () => {
    const path = await failedOperation();
    const answer = await call('POST', `${path}/synchronize`);
    const { runId } = answer.body as { runId: string };
    expect(answer.status).toBe(202);
    expect(started).toEqual([`customerSync ${runId}`]);
    expect(await call('GET', path)).toMatchObject({ body: { status: 'Uploaded' } });
  });

  it.each([
    ['/api/customer-sync/operations/nonsense', 404],
    [`/api/customer-sync/operations/${randomUUID()}.c.1`, 404],
    ['/api/customer-sync/operations?status=pending', 400],
    ['/api/customer-sync/operations?status=Pending', 200],
    ['/api/customer-sync/operations?from=yesterday', 400],
    ['/api/customer-sync/operations?continuationToken=x', 400],
    ['/api/customer-sync/operations?colour=red', 400],
  ])('answers %s with %i', async (path, status) => {
    expect(await call('GET', path)).toMatchObject({ status });
  });

  it('is for administrators alone', async () => {
    const other = serveAs({ role: 'User', id: 'ann', channel: undefined });
    for (const path of ['/cdx-jobs', '/customer-sync/runs', '/customer-sync/operations']) {
      expect(await other('GET', `/api${path}`)).toMatchObject({ status: 403 });
    }
  });
});
