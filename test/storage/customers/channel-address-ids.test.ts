/** Bugs hunted here: an address id that is taken twice in a channel, and then fails at headquarters. */
import { beforeEach, describe, expect, it } from 'vitest';
import { parseOperationId } from '../../../shared/customers/customer-operation.ts';
import { type ChannelApp, GUID, OTHER_GUID, openChannelApp, putChannels } from './channel-app.ts';

const CUSTOMERS = '/api/channels/pos/customers';
const ADDRESS = '11111111-1111-4111-8111-111111111111';

let app: ChannelApp;

beforeEach(async () => {
  app = openChannelApp();
  await putChannels(app);
  for (const customerAsyncId of [GUID, OTHER_GUID]) {
    expect((await app.pos('POST', CUSTOMERS, { body: { name: 'Anna', customerAsyncId } })).status).toBe(202);
  }
});

const addAddress = async (customer: string, id: string) =>
  (await app.pos('POST', `${CUSTOMERS}/${customer}/addresses`, { body: { street: 'Main St', id } })).status;

describe('A9 an address id that a client brings', () => {
  it('is refused for a second customer of the channel, and taken again for the same one', async () => {
    expect(await addAddress(GUID, ADDRESS)).toBe(202);
    expect(await addAddress(OTHER_GUID, ADDRESS)).toBe(409);
    const addresses = [{ street: 'Main St', id: ADDRESS }];
    expect((await app.pos('POST', CUSTOMERS, { body: { name: 'Ann', addresses } })).status).toBe(409);
    expect((await app.pos('DELETE', `${CUSTOMERS}/${GUID}/addresses/${ADDRESS}`)).status).toBe(202);
    expect(await addAddress(GUID, ADDRESS)).toBe(202);
    expect(await app.staging.readAfter('pos', 0, 100)).toHaveLength(5);
  });

  it("is not the customer's own", async () => {
    expect(await addAddress(GUID, GUID)).toBe(422);
    const body = { name: 'Ann', customerAsyncId: ADDRESS, addresses: [{ street: 'Main St', id: ADDRESS }] };
    expect((await app.pos('POST', CUSTOMERS, { body })).status).toBe(422);
  });
});

describe('A4 creating a customer', () => {
  it('with If-Match finds no version to match', async () => {
    const answer = await app.pos('POST', CUSTOMERS, { body: { name: 'Ann' }, headers: { 'if-match': '"1"' } });
    expect(answer.status).toBe(412);
  });
});

describe('A8 an operation', () => {
  it('is found by its id in capitals too', async () => {
    const answer = await app.pos('GET', `/api/channels/pos/operations/${GUID.toUpperCase()}.pos.1`);
    expect(answer.status).toBe(200);
    expect(parseOperationId(`${GUID.toUpperCase()}.pos.1`)?.customerAsyncId).toBe(GUID);
  });
});
