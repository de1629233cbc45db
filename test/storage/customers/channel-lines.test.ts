import { beforeEach, describe, expect, it } from 'vitest';
import type { LineResult } from '../../../shared/customers/channel/change-list.ts';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';
import { createFailingStorage, type FailingStorage } from '../../support/failing-storage.ts';
import { uniquePrefix } from '../../support/test-storage.ts';
import {
  type Accepted,
  type ChannelApp,
  GUID,
  keyed,
  OTHER_GUID,
  openChannelApp,
  putChannels,
  snapshotOf,
} from './channel-app.ts';

const CHANGES = '/api/channels/pos/changes';
const CUSTOMERS = '/api/channels/pos/customers';

let app: ChannelApp;

beforeEach(async () => {
  app = openChannelApp();
  await putChannels(app);
});

async function send(changes: unknown[], by: ChannelApp = app): Promise<LineResult[]> {
  const answer = await by.pos('POST', CHANGES, { body: { changes } });
  expect(answer.status).toBe(207);
  return (answer.body as { results: LineResult[] }).results;
}

const staged = () => app.staging.readAfter('pos', 0, 1000);
const statusesOf = (results: readonly LineResult[]) => results.map(({ status }) => status);
const slugOf = ({ problem }: LineResult) => problem?.type.slice('/problems/'.length);

const create = (key: string, customerAsyncId: string | undefined, name = 'Zoë') => ({
  ...{ operation: 'createCustomer', key, body: { name } },
  ...(customerAsyncId !== undefined && { customerAsyncId }),
});

describe('A4 a list of changes', () => {
  it('takes every kind of line, in the order of each customer', async () => {
    const results = await send([
      create('1', GUID),
      create('2', OTHER_GUID, 'Ann'),
      { operation: 'editCustomer', key: '3', customerId: GUID.toUpperCase(), body: { name: 'Zoe' } },
      { operation: 'createAddress', key: '4', customerAsyncId: GUID, addressId: OTHER_GUID, body: { street: 'A' } },
      { operation: 'editAddress', key: '5', customerAsyncId: GUID, addressId: OTHER_GUID, body: { city: 'B' } },
      { operation: 'deactivateAddress', key: '6', customerAsyncId: GUID, addressId: OTHER_GUID },
      { operation: 'editCustomer', key: '7', customerAsyncId: OTHER_GUID, body: { phone: '1' } },
    ]);
    expect(statusesOf(results)).toEqual(Array(7).fill(202));
    expect(results.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(results[3]).toMatchObject({ customerId: GUID, addressId: OTHER_GUID });
    const all = await staged();
    expect(all.map(({ replicationCounter }) => replicationCounter)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const of = (id: string) =>
      all.filter(({ customerAsyncId }) => customerAsyncId === id).map(({ operation }) => operation);
    expect(of(GUID)).toEqual(['createCustomer', 'editCustomer', 'createAddress', 'editAddress', 'deactivateAddress']);
    expect(of(OTHER_GUID)).toEqual(['createCustomer', 'editCustomer']);
    const byCounter = new Map(all.map((each) => [`${each.customerAsyncId}.pos.${each.replicationCounter}`, each]));
    expect(results.map(({ operationId }) => byCounter.get(operationId ?? '')?.operation)).toEqual([
      ...['createCustomer', 'createCustomer', 'editCustomer', 'createAddress', 'editAddress', 'deactivateAddress'],
      'editCustomer',
    ]);
  });

  it('lets a bad line fail alone, with its reason', async () => {
    const results = await send([
      create('1', GUID),
      'nonsense',
      { operation: 'createCustomer', body: { name: 'no key' } },
      { operation: 'dance', key: '4', body: {} },
      { operation: 'createCustomer', key: '5', body: { name: '' } },
      { operation: 'editCustomer', key: '6', customerId: OTHER_GUID, body: { name: 'A' } },
      { operation: 'editCustomer', key: '7', body: { name: 'A' } },
      { operation: 'editAddress', key: '8', customerId: GUID, body: { city: 'A' } },
      { operation: 'editAddress', key: '9', customerId: GUID, addressId: GUID, body: { city: 'A' } },
      { operation: 'setContact', key: '10', customerId: GUID, contactId: '1', body: {} },
      { operation: 'editCustomer', key: '11', customerId: GUID, customerAsyncId: OTHER_GUID, body: { name: 'A' } },
      create('12', GUID.replace('-41', '-81')),
      create('13', GUID, 'twice'),
      { operation: 'editCustomer', key: '14', customerId: GUID, body: { name: 'Zoe' } },
      create('15', '00000000-0000-0000-0000-000000000000'),
    ]);
    expect(statusesOf(results)).toEqual([202, 400, 400, 400, 400, 404, 400, 400, 404, 400, 422, 422, 409, 202, 400]);
    expect(results[5]).toMatchObject({ index: 5, problem: { status: 404, type: '/problems/not-found' } });
    expect(results[4]?.problem?.detail).toContain('body.name');
    expect((await staged()).map(({ body }) => body)).toEqual([{ name: 'Zoë' }, { name: 'Zoe' }]);
  });

  it('finds customers by downloaded numbers, and keeps their lines in order with those by id', async () => {
    await send([create('1', GUID)]);
    await app.database.applyDownload('pos', [snapshotOf(GUID)]);
    const names = ['B', 'C', 'D', 'E'];
    const results = await send(
      names.map((name, at) => ({
        ...{ operation: 'editCustomer', key: `e${at}`, body: { name } },
        customerId: at % 2 === 0 ? 'C-000007' : GUID,
      })),
    );
    expect(statusesOf(results)).toEqual([202, 202, 202, 202]);
    expect((await staged()).slice(1).map(({ body }) => body.name)).toEqual(names);
  });

  it.each([
    ['none', { changes: [] }],
    ['more than 100', { changes: Array(101).fill({}) }],
    ['something else', { lines: [] }],
  ])('of %s is refused', async (_what, body) => {
    expect((await app.pos('POST', CHANGES, { body })).status).toBe(400);
  });

  it('of 100 lines is staged in a few transactions', async () => {
    const prefix = uniquePrefix();
    let transactions = 0;
    const counting: StoragePolicy = {
      name: 'testCount',
      sendRequest(request, next) {
        if (typeof request.body === 'string' && request.body.includes('"m|')) transactions++;
        return next(request);
      },
    };
    const other = openChannelApp({ prefix, policies: [counting] });
    await putChannels(other);
    const results = await send(
      Array.from({ length: 100 }, (_, at) => create(`k${at}`, undefined, `Customer ${at}`)),
      other,
    );
    expect(statusesOf(results)).toEqual(Array(100).fill(202));
    const all = await other.staging.readAfter('pos', 0, 1000);
    expect(all.map(({ replicationCounter }) => replicationCounter)).toEqual(results.map(({ index }) => index + 1));
    expect(transactions).toBeLessThan(50);
  });
});

describe('A11 a line that is sent again', () => {
  it('in the same list, another list or as a request of its own makes no second operation', async () => {
    const lines = [
      create('1', undefined),
      { operation: 'createAddress', key: '2', customerId: OTHER_GUID, body: { street: 'A' } },
    ];
    await send([create('0', OTHER_GUID)]);
    const [first, address] = await send([...lines, lines[0]]);
    const again = await send(lines);
    expect(again).toEqual([first, address]);
    const customer = await app.pos('POST', CUSTOMERS, { body: { name: 'Zoë' }, ...keyed('1') });
    expect(customer).toMatchObject({ status: 202, body: { operationId: first?.operationId } });
    const byRequest = await app.admin('POST', `${CUSTOMERS}/${OTHER_GUID}/addresses`, {
      ...{ body: { street: 'A' }, ...keyed('2') },
    });
    expect(byRequest).toMatchObject({ status: 202, body: { addressId: address?.addressId } });
    expect(await staged()).toHaveLength(3);
  });

  it('after it was a request of its own is known too, for every kind of change', async () => {
    const made = await app.pos('POST', CUSTOMERS, { body: { name: 'Zoë', customerAsyncId: GUID }, ...keyed('1') });
    const path = `${CUSTOMERS}/${GUID}`;
    const edited = await app.pos('PATCH', path, { body: { name: 'Zoe' }, ...keyed('2') });
    const address = await app.pos('POST', `${path}/addresses`, { body: { street: 'A' }, ...keyed('3') });
    const { addressId } = address.body as Accepted;
    const patched = await app.pos('PATCH', `${path}/addresses/${addressId}`, { body: { city: 'B' }, ...keyed('4') });
    const ended = await app.pos('DELETE', `${path}/addresses/${addressId}`, keyed('5'));
    const results = await send([
      create('1', GUID.toUpperCase()),
      { operation: 'editCustomer', key: '2', customerAsyncId: GUID, body: { name: 'Zoe' } },
      { operation: 'createAddress', key: '3', customerId: GUID, body: { street: 'A' } },
      { operation: 'editAddress', key: '4', customerId: GUID, addressId, body: { city: 'B' } },
      { operation: 'deactivateAddress', key: '5', customerId: GUID, addressId, body: {} },
    ]);
    const answers = [made, edited, address, patched, ended].map(({ body }) => (body as Accepted).operationId);
    expect(results.map(({ operationId }) => operationId)).toEqual(answers);
    expect(await staged()).toHaveLength(5);
  });

  it('with another content is refused alone', async () => {
    await send([create('1', GUID)]);
    const results = await send([create('1', GUID, 'Ann'), create('2', OTHER_GUID)]);
    expect(statusesOf(results)).toEqual([422, 202]);
    expect(results.map(slugOf)).toEqual(['idempotency-key-reused', undefined]);
  });
});

describe('A5 the order of a customer’s lines', () => {
  let failing: FailingStorage;
  let dying: ChannelApp;

  beforeEach(async () => {
    failing = createFailingStorage();
    dying = openChannelApp({ prefix: app.prefix, policies: [failing.policy], hq: app.hq });
  });

  it('survives a line whose fate is not known: the later ones of its customer wait, the others go on', async () => {
    await send([create('1', GUID), create('2', OTHER_GUID)]);
    const edit = (key: string, customerId: string, name: string) => ({
      ...{ operation: 'editCustomer', key, customerId, body: { name } },
    });
    const lines = [edit('3', GUID, 'B'), edit('4', GUID, 'C'), edit('5', OTHER_GUID, 'D')];
    const isStagingOf = (name: string) => (request: { body?: unknown }) =>
      typeof request.body === 'string' && request.body.includes(`\\"${name}\\"`) && request.body.includes('"m|');
    failing.refuse(1, isStagingOf('B'), new Error('broken'));
    const results = await send(lines, dying);
    expect(results[0]?.status).toBeGreaterThanOrEqual(500);
    expect(results[1]).toMatchObject({ status: 503, problem: { type: '/problems/storage-unavailable' } });
    const again = await send(lines);
    expect(statusesOf(again)).toEqual([202, 202, 202]);
    const all = await staged();
    const namesOf = (id: string) =>
      all.filter(({ customerAsyncId }) => customerAsyncId === id).map(({ body }) => body.name);
    expect(namesOf(GUID)).toEqual(['Zoë', 'B', 'C']);
    expect(namesOf(OTHER_GUID)).toEqual(['Zoë', 'D']);
  });
});

describe('A7 a line with two names for its customer', () => {
  it('is refused when they are of different customers, as GUIDs or as numbers', async () => {
    await app.database.applyDownload('pos', [
      snapshotOf(GUID, { accountNumber: 'C1' }),
      snapshotOf(OTHER_GUID, { accountNumber: 'C2' }),
    ]);
    const fresh = '11111111-1111-4111-8111-111111111111';
    await send([create('new', fresh)]);
    const edit = (key: string, customerAsyncId: string, customerId: string) => ({
      ...{ operation: 'editCustomer', key, customerAsyncId, customerId, body: { name: key } },
    });
    const results = await send([
      edit('same', GUID, 'C1'),
      edit('both numbers', 'C1', 'C1'),
      edit('number first', 'C1', GUID.toUpperCase()),
      edit('other number', GUID, 'C2'),
      edit('two numbers', 'C1', 'C2'),
      edit('two ids', GUID, OTHER_GUID),
      edit('number of nobody', GUID, 'C3'),
      edit('number of another', fresh, 'C1'),
      edit('number not known here yet', fresh, 'C3'),
    ]);
    expect(statusesOf(results)).toEqual([202, 202, 202, 422, 422, 422, 422, 422, 202]);
    expect(results[3]?.problem?.detail).toContain('name different customers');
    expect((await staged()).map(({ body }) => body.name)).not.toContain('other number');
  });
});
